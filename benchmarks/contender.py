"""One way to do a piece of work, and how its runs are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A command that is ready to be measured. ``rows`` counts what came of it."""

    command: list[str | Path]
    environment: dict[str, str]
    rows: Callable[[Measured], int] | None = None
    stdin: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """``prepare`` makes all ready in a fresh folder; it raises NotInstallable where that cannot be.

    ``amount`` is what a ratio of growth divides by: bytes, files or keys.
    """

    name: str
    prepare: Callable[[Path], Prepared]
    version: Callable[[], str]
    rows: int | None = None
    """What must have come of it."""
    amount: int = 1
    ours: bool = False
    """Whether the benchmark has failed where this one has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A ratio of two contenders, round by round, and what it should be.

    ``measure`` is a name of MEASURES. Without ``over`` it is the first one's own figure.
    """

    what: str
    top: str
    over: str | None = None
    measure: str = "wall"
    at_most: float | None = None
    at_least: float | None = None
    less: str | None = None
    """A contender whose figure is taken off the first one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    key: str
    title: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...] = ()
    rounds: int | None = None
    """No more than these, where one tells enough."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a contender did, round by round. ``why`` tells why there are no figures, or that rows are not right."""

    contender: Contender
    rounds: list[Measured] = field(default_factory=list)
    version: str = ""
    why: str = ""


MEASURES: dict[str, Callable[[Measured, Contender], float]] = {
    "wall": lambda measured, _: measured.wall,
    "cpu": lambda measured, _: measured.cpu,
    "memory": lambda measured, _: measured.resident,
    "time per unit": lambda measured, contender: measured.wall / contender.amount,
    "cpu per unit": lambda measured, contender: measured.cpu / contender.amount,
    "units per CPU second": lambda measured, contender: contender.amount / measured.cpu,
}
