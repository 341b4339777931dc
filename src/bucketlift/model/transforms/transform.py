"""A transform, and the fields that it makes from the rows of another task."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bucketlift.model.transforms.steps import Step
from bucketlift.model.types import TEXT, ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class RowField:
    """A field of a task's rows, which later tasks can use."""

    name: str
    type: ValueType = TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class FromField:
    """The value of one source field."""

    name: str
    kind: Literal["field"] = "field"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.name,)


class EmptyParts(StrEnum):
    """What a join does with parts that are null or empty."""

    SKIP = "skip"
    """Leave out such parts, with their separator."""
    KEEP = "keep"
    """Join such parts as empty texts, so that the other parts keep their position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The texts of several source fields, joined. The result is null if all fields are null."""

    names: tuple[str, ...]
    separator: str = ""
    empty: EmptyParts = EmptyParts.SKIP
    kind: Literal["join"] = "join"

    @property
    def sources(self) -> tuple[str, ...]:
        return self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same text for every row."""

    text: str
    kind: Literal["value"] = "value"

    @property
    def sources(self) -> tuple[str, ...]:
        return ()


class Unit(StrEnum):
    """The unit of the difference between two dates. Only whole units are counted."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first field minus the second: two numbers, or two dates or timestamps. The result is null if one
    field is null.
    """

    first: str
    second: str
    unit: Unit | None = None
    """The unit of the difference; None for numbers."""
    kind: Literal["difference"] = "difference"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.first, self.second)


Origin = FromField | Join | Constant | Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputField:
    """One field that a transform makes: the origin of its value, and the steps that change the value, in
    order.
    """

    name: str
    origin: Origin = field(metadata={"discriminator": "kind"})
    steps: tuple[Step, ...] = ()
    required: bool = False
    """Whether a row is a reject if the result is null or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformTask:
    """Makes fields from the rows of one task; other fields are passed on unchanged.

    If a step cannot be applied to a row, the row is a reject of its file.
    """

    id: str
    source: str
    """The ID of the extract task or transform whose rows this task changes."""
    fields: tuple[OutputField, ...]
    kind: Literal["transform"] = "transform"
