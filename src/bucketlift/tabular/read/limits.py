"""Ends the reading of a file early if it has far more rejects than allowed."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.workflow import RejectLimit

ALWAYS_COUNTED = 20_000
"""Number of rejects up to which all rejects are counted exactly, even if the file is surely held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCheck:
    """Decides whether a file of this size surely exceeds its limit of rejects.

    Every record has at least one byte for each column (its delimiters and its line end). So the number of
    remaining bytes gives a maximum for the number of remaining records.
    """

    limit: RejectLimit
    size: int
    width: int

    def __call__(self, rows: int, rejects: int, read: int) -> bool:
        if rejects < ALWAYS_COUNTED:
            return False
        most = rows + rejects + (self.size - read) // self.width + 1
        return not self.limit.allows(rejects, most)
