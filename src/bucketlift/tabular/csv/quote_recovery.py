"""Indexes all possible closing quotes of a piece of the file: the end of each record, and the number of cells
before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from bucketlift.tabular.bytes.byte_index import NOWHERE, Flags, Octets, Places, octets_of, places_of
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks
from bucketlift.tabular.csv.quotes import Quotes


class Close(NamedTuple):
    close: int
    end: int
    """The byte after its record."""


@dataclass(kw_only=True)
class Table:
    """The closing quotes before ``high``, and after the previous table."""

    closes: Places
    ends: Places
    cells: Places
    high: int
    by_cells: dict[int | None, tuple[Places, Places]] = field(default_factory=dict)

    @staticmethod
    def empty(high: int) -> Table:
        return Table(closes=NOWHERE, ends=NOWHERE, cells=NOWHERE, high=high)

    def first(self, at: int, cells: int | None) -> Close | None:
        """The first closing quote from this offset on that is followed by this many cells; None: any number."""
        if cells not in self.by_cells:
            of_width = np.full(len(self.cells), fill_value=True) if cells is None else self.cells == cells
            self.by_cells[cells] = (self.closes[of_width], self.ends[of_width])
        closes, ends = self.by_cells[cells]
        found = int(np.searchsorted(closes, at))
        return Close(int(closes[found]), int(ends[found])) if found < len(closes) else None


def closes_in(data: Bytes, marks: Marks, begin: int, size: int, reach: int) -> Table:
    """Index the closing quotes of a piece, which must not start within a run of quotes.

    The table ends before the first closing quote for which the piece does not show whether its record ends
    within reach.
    """
    raw = data[begin : begin + size]
    final = begin + len(raw) == len(data)
    if final and not raw.endswith(((marks.quote or LF) + CR, LF)):
        raw += LF  # the end of the file ends a record, but not after a quote and a CR
    octets = octets_of(raw)
    quotes = Quotes.of(raw, octets, marks)
    numbers = _candidates(octets, marks, quotes.places, final=final)
    ends, known = _ends(octets, quotes, numbers, final=final, reach=reach)
    if not known.all():
        stop = int(np.argmin(known))
        numbers, ends, high = (
            numbers[:stop],
            ends[:stop],
            begin + _run_begin(quotes.places, int(numbers[stop])),
        )
    else:
        high = min(begin + len(raw), len(data))
    ends = np.minimum(ends, len(data) - begin)
    found = (ends > 0) & (ends - quotes.places[numbers] <= reach)
    numbers, ends = numbers[found], ends[found]
    return Table(
        closes=quotes.places[numbers] + begin,
        ends=ends + begin,
        cells=_cells(octets, marks, quotes.places, numbers, ends),
        high=high,
    )


def _candidates(octets: Octets, marks: Marks, places: Places, *, final: bool) -> Places:
    """The numbers of the quotes that end an odd run before a delimiter or a line end, or are so close to the
    end of the piece that this is not known yet.
    """
    last_of_run = np.flatnonzero(np.append(np.diff(places) > 1, True)) if len(places) else NOWHERE
    runs = np.diff(last_of_run, prepend=-1)
    behind, last = places[last_of_run], len(octets) - 1
    after, second = octets[np.minimum(behind + 1, last)], octets[np.minimum(behind + 2, last)]
    ended = (after == marks.delimiter[0]) | (after == LF[0]) | ((after == CR[0]) & (second == LF[0]))
    closing = (runs % 2 == 1) & ended & (behind < last)
    found: Places = last_of_run[closing | _unsure(behind, last, final=final)]
    return found


def _unsure(places: Places, last: int, *, final: bool) -> Flags:
    near: Flags = places + 2 > last
    return np.zeros(len(places), np.bool_) if final else near


def _ends(
    octets: Octets, quotes: Quotes, numbers: Places, *, final: bool, reach: int
) -> tuple[Places, Flags]:
    """The byte after the record of each, 0 if it has no valid end in this piece; and whether that is certain."""
    line_ends = places_of(octets, LF)
    quotes_before = np.searchsorted(quotes.places, line_ends)
    ends, sure = np.zeros(len(numbers), np.intp), np.ones(len(numbers), np.bool_)
    beyond = len(octets)
    for odd in (0, 1):
        chosen = np.flatnonzero((numbers + 1) % 2 == odd)
        outside = np.append(line_ends[quotes_before % 2 == odd], beyond)
        end = outside[np.searchsorted(outside[:-1], quotes.places[numbers[chosen]])]
        broken = np.append(quotes.places, beyond)[quotes.first_broken_each(numbers[chosen] + 1, odd)]
        ends[chosen] = np.where(end < broken, end + 1, 0)
        sure[chosen] = (end < beyond) | (broken < beyond) | final
    places = quotes.places[numbers]
    return ends, (sure & ~_unsure(places, beyond - 1, final=final)) | (beyond - places > reach + 1)


def _cells(octets: Octets, marks: Marks, places: Places, numbers: Places, ends: Places) -> Places:
    """The number of cells between a quote and the end of its record: the delimiters outside of quotes.

    The gap between a quote and the next one is outside of a cell for every second quote, so the sums are kept
    separately for odd and even quotes.
    """
    if not len(numbers):
        return NOWHERE
    delimiters = places_of(octets, marks.delimiter)
    before = np.searchsorted(delimiters, places)
    gaps = np.diff(before, append=0)
    up_to = np.empty(len(places), np.intp)
    for odd in (0, 1):
        up_to[odd::2] = np.cumsum(gaps[odd::2]) - gaps[odd::2]
    last = np.searchsorted(places, ends) - 1
    return up_to[last] - up_to[numbers] + np.searchsorted(delimiters, ends) - before[last]


def _run_begin(places: Places, number: int) -> int:
    """The first quote of the run that ends with this one."""
    breaks = np.flatnonzero(np.diff(places[: number + 1]) > 1)
    return int(places[breaks[-1] + 1 if len(breaks) else 0])
