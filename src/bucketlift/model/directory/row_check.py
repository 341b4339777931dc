"""Conditions that each row of a file must meet before a load accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckKind(StrEnum):
    NOT_EMPTY = "not-empty"
    """Each of the fields has a value."""
    ONE_GROUP = "one-group"
    """All fields of one of the groups have a value."""
    LENGTH = "length"
    """No field has more than ``limit`` characters."""
    DATE = "date"
    """The field is a date in the given format."""
    MOMENT = "moment"
    """The field is empty, or contains a time in the given format and time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCheck:
    """A condition for a row. ``groups`` are groups of source fields; only ``ONE_GROUP`` has several groups."""

    kind: CheckKind
    groups: tuple[tuple[str, ...], ...]
    limit: int = 0
    format: str | None = None
    time_zone: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for group in self.groups for name in group))
