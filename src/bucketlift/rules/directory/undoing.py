"""The values that a person would have without some loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bucketlift.rules.directory.merging import Changes, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a person's history: a loaded row, or an undo."""

    load: int
    line: int | None = None
    """The line of the row; None if the entry is an undo."""
    changes: Changes
    """The changed values. Empty if the person already had all values of the row."""

    @property
    def is_row(self) -> bool:
        return self.line is not None


def values_without(history: Sequence[Entry], fields: Mapping[int, Sequence[str]]) -> Values | None:
    """The values that the remaining loads leave; None if no row in the history is from these loads.

    ``fields`` are the fields that each remaining load sets. A row that only confirms a value counts as
    setting it: the value stays if an earlier load with the same value is undone.
    """
    current: dict[str, str | None] = {}
    left: dict[str, str | None] = {}
    remains = False
    for entry in history:
        for name, (_, after) in entry.changes.items():
            current[name] = after
        if entry.is_row and entry.load in fields:
            remains = True
            for name in fields[entry.load]:
                left[name] = current.get(name)
    return {name: value for name, value in left.items() if value} if remains else None
