"""Finds the ends of the records in a block, by counting the quotes before each line end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bucketlift.tabular.bytes.byte_index import Positions, byte_array_of, positions_of
from bucketlift.tabular.bytes.marks import LF, Marks
from bucketlift.tabular.csv.quotes import Quotes


class Stretch(NamedTuple):
    """Consecutive whole records with valid quotes. For each: the offset of its first byte, the offset after
    it, and its line.
    """

    begins: Positions
    ends: Positions
    lines: Positions
    broken: bool
    """Whether the next record breaks a quote rule. If not, it does not end in this block."""


class Cut:
    def __init__(self, raw: bytes, marks: Marks, line: int) -> None:
        self.byte_array = byte_array_of(raw)
        self.quotes = Quotes.of(raw, self.byte_array, marks)
        self._line = line
        self._line_ends = positions_of(self.byte_array, LF)
        self._quotes_before = np.searchsorted(self.quotes.positions, self._line_ends)

    def line_of(self, at: int) -> int:
        return self._line + int(np.searchsorted(self._line_ends, at))

    def stretch(self, at: int) -> Stretch:
        """The records from this offset on, up to the first one that is broken or does not end in this block."""
        before = int(np.searchsorted(self.quotes.positions, at))
        broken = self.quotes.first_broken(before)
        is_broken = broken < len(self.quotes.positions)
        limit = self.quotes.positions[broken] if is_broken else len(self.byte_array)
        first, stop = (int(each) for each in np.searchsorted(self._line_ends, (at, limit)))
        ending = first + np.flatnonzero((self._quotes_before[first:stop] - before) % 2 == 0)
        ends = self._line_ends[ending] + 1
        begins = np.concatenate(([at], ends[:-1])) if len(ends) else ends
        lines = np.concatenate(([first], ending[:-1] + 1)) if len(ends) else ends
        return Stretch(begins, ends, lines + self._line, is_broken)
