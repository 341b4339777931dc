"""Indexes all quotes in a piece of the file that may close a cell: for each, the end of its record and the
number of cells before that end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bucketlift.tabular.bytes.byte_index import (
    NO_POSITIONS,
    ByteArray,
    Flags,
    Positions,
    byte_array_of,
    positions_of,
)
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.quotes import Quotes


class ClosingQuote(NamedTuple):
    close: int
    end: int
    """Offset of the byte after the record."""


@dataclass(kw_only=True)
class ClosingQuotes:
    """The closing quotes of a piece of the file: those before ``high`` that are not in the previous table."""

    closes: Positions
    ends: Positions
    cells: Positions
    high: int
    by_cells: dict[int | None, tuple[Positions, Positions]] = field(default_factory=dict)

    @staticmethod
    def empty(high: int) -> ClosingQuotes:
        return ClosingQuotes(closes=NO_POSITIONS, ends=NO_POSITIONS, cells=NO_POSITIONS, high=high)

    def first(self, at: int, cells: int | None) -> ClosingQuote | None:
        """The first closing quote from this offset on that is followed by this many cells. With None, the
        number of cells does not matter.
        """
        if cells not in self.by_cells:
            of_width = np.full(len(self.cells), fill_value=True) if cells is None else self.cells == cells
            self.by_cells[cells] = (self.closes[of_width], self.ends[of_width])
        closes, ends = self.by_cells[cells]
        found = int(np.searchsorted(closes, at))
        return ClosingQuote(int(closes[found]), int(ends[found])) if found < len(closes) else None


def closing_quotes_in(data: Bytes, marks: Marks, begin: int, size: int, reach: int) -> ClosingQuotes:
    """Index the closing quotes of a piece. The piece must not start within a run of quotes.

    The table ends before the first closing quote whose record may end after the piece but within ``reach``
    bytes, because the piece does not show whether it does.
    """
    raw = data[begin : begin + size]
    final = begin + len(raw) == len(data)
    if final and not raw.endswith(((marks.quote or LF) + CR, LF)):
        raw += LF  # the end of the file ends a record, but not after a quote and a CR
    byte_array = byte_array_of(raw)
    quotes = Quotes.of(raw, byte_array, marks)
    numbers = _candidates(byte_array, marks, quotes.positions, final=final)
    ends, known = _ends(byte_array, quotes, numbers, final=final, reach=reach)
    if not known.all():
        stop = int(np.argmin(known))
        numbers, ends, high = (
            numbers[:stop],
            ends[:stop],
            begin + _run_begin(quotes.positions, int(numbers[stop])),
        )
    else:
        high = min(begin + len(raw), len(data))
    ends = np.minimum(ends, len(data) - begin)
    found = (ends > 0) & (ends - quotes.positions[numbers] <= reach)
    numbers, ends = numbers[found], ends[found]
    return ClosingQuotes(
        closes=quotes.positions[numbers] + begin,
        ends=ends + begin,
        cells=_cells(byte_array, marks, quotes.positions, numbers, ends),
        high=high,
    )


def _candidates(byte_array: ByteArray, marks: Marks, positions: Positions, *, final: bool) -> Positions:
    """The numbers of the quotes that may close a cell: the last quote of an odd run, before a delimiter or
    line end. Quotes at the end of the piece are included, because the next byte is not known.
    """
    last_of_run = np.flatnonzero(np.append(np.diff(positions) > 1, True)) if len(positions) else NO_POSITIONS
    runs = np.diff(last_of_run, prepend=-1)
    behind, last = positions[last_of_run], len(byte_array) - 1
    after, second = byte_array[np.minimum(behind + 1, last)], byte_array[np.minimum(behind + 2, last)]
    ended = (after == marks.delimiter[0]) | (after == LF[0]) | ((after == CR[0]) & (second == LF[0]))
    closing = (runs % 2 == 1) & ended & (behind < last)
    found: Positions = last_of_run[closing | _unsure(behind, last, final=final)]
    return found


def _unsure(positions: Positions, last: int, *, final: bool) -> Flags:
    near: Flags = positions + 2 > last
    return np.zeros(len(positions), np.bool_) if final else near


def _ends(
    byte_array: ByteArray, quotes: Quotes, numbers: Positions, *, final: bool, reach: int
) -> tuple[Positions, Flags]:
    """Return two arrays. For each quote: the offset after its record (0 if the record has no valid end in
    this piece), and whether this offset is sure, whatever follows the piece.
    """
    line_ends = positions_of(byte_array, LF)
    quotes_before = np.searchsorted(quotes.positions, line_ends)
    ends, sure = np.zeros(len(numbers), np.intp), np.ones(len(numbers), np.bool_)
    beyond = len(byte_array)
    for odd in (0, 1):
        chosen = np.flatnonzero((numbers + 1) % 2 == odd)
        outside = np.append(line_ends[quotes_before % 2 == odd], beyond)
        end = outside[np.searchsorted(outside[:-1], quotes.positions[numbers[chosen]])]
        broken = np.append(quotes.positions, beyond)[quotes.first_broken_each(numbers[chosen] + 1, odd)]
        ends[chosen] = np.where(end < broken, end + 1, 0)
        sure[chosen] = (end < beyond) | (broken < beyond) | final
    positions = quotes.positions[numbers]
    return ends, (sure & ~_unsure(positions, beyond - 1, final=final)) | (beyond - positions > reach + 1)


def _cells(
    byte_array: ByteArray, marks: Marks, positions: Positions, numbers: Positions, ends: Positions
) -> Positions:
    """The number of cells between a quote and the end of its record, which is the number of delimiters
    outside of quotes.

    Every second gap between two quotes is outside of a cell, so odd and even gaps are added up separately.
    """
    if not len(numbers):
        return NO_POSITIONS
    delimiters = positions_of(byte_array, marks.delimiter)
    before = np.searchsorted(delimiters, positions)
    gaps = np.diff(before, append=0)
    up_to = np.empty(len(positions), np.intp)
    for odd in (0, 1):
        up_to[odd::2] = np.cumsum(gaps[odd::2]) - gaps[odd::2]
    last = np.searchsorted(positions, ends) - 1
    return up_to[last] - up_to[numbers] + np.searchsorted(delimiters, ends) - before[last]


def _run_begin(positions: Positions, number: int) -> int:
    """The position of the first quote of the run whose last quote has this number."""
    breaks = np.flatnonzero(np.diff(positions[: number + 1]) > 1)
    return int(positions[breaks[-1] + 1 if len(breaks) else 0])
