"""A transform: the fields that it makes from the rows of another task."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bucketlift.model.transforms.steps import Step
from bucketlift.model.types import TEXT, ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class RowField:
    """A field of the rows that a task gives to the tasks after it."""

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
    """What a join does with null and empty parts."""

    SKIP = "skip"
    """Leave them out, with their separator."""
    KEEP = "keep"
    """Join them as empty texts, so that each part keeps its position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The texts of several source fields. Null if all of them are null."""

    names: tuple[str, ...]
    separator: str = ""
    empty: EmptyParts = EmptyParts.SKIP
    kind: Literal["join"] = "join"

    @property
    def sources(self) -> tuple[str, ...]:
        return self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """The same text in every row."""

    text: str
    kind: Literal["value"] = "value"

    @property
    def sources(self) -> tuple[str, ...]:
        return ()


class Unit(StrEnum):
    """The unit of the difference of two dates: only whole units count."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first field minus the second: two numbers, or two dates or timestamps. Null if one is null."""

    first: str
    second: str
    unit: Unit | None = None
    """None for numbers."""
    kind: Literal["difference"] = "difference"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.first, self.second)


Origin = FromField | Join | Constant | Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputField:
    """One field that a transform makes: where its value comes from, and the steps that change it, in order."""

    name: str
    origin: Origin = field(metadata={"discriminator": "kind"})
    steps: tuple[Step, ...] = ()
    required: bool = False
    """Whether a row in which the result is null or empty is a reject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformTask:
    """Makes fields from the rows of one task; other fields are passed on unchanged.

    A row that one of its steps cannot be applied to is a reject of its file.
    """

    id: str
    source: str
    """The ID of the extract task or transform whose rows it changes."""
    fields: tuple[OutputField, ...]
    kind: Literal["transform"] = "transform"
