"""When reading ends early, because a file has far more rejects than it may have."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.workflow import RejectLimit

ENOUGH = 20_000
"""Rejects that are counted exactly in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Tells by what was read so far that no file of this size can keep to its limit.

    Every record has at least one byte for each column (its delimiters and its line end), so the bytes that are left
    bound the records that are left.
    """

    limit: RejectLimit
    size: int
    width: int

    def __call__(self, rows: int, rejects: int, read: int) -> bool:
        if rejects < ENOUGH:
            return False
        most = rows + rejects + (self.size - read) // self.width + 1
        return not self.limit.allows(rejects, most)
