"""How far a run is while it is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How much was done at a time."""

    at: datetime
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAdvance:
    """What a task is doing: of a listing objects, else files."""

    task: str
    doing: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAdvance:
    """A file that is worked on now. ``done`` of ``total`` are bytes while it is fetched or read, rows while it is
    loaded.
    """

    file: str
    task: str
    key: str
    doing: str
    done: int
    total: int
    rows: int | None = None
    """Read so far."""
    earlier: Sample
    """Some seconds ago: the rate is what was done since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """A run's tasks and the files that are worked on, at one time."""

    at: datetime
    tasks: tuple[TaskAdvance, ...] = ()
    files: tuple[FileAdvance, ...] = ()
