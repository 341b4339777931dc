"""Quotes that could close a cell left open by a broken record, found once for all such records of a file."""

from __future__ import annotations

from bisect import bisect_left, insort

from bucketlift.tabular.cells import Fault, cell_at, record_end
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import Marks

REACH = 1 << 20
"""Bytes beyond a break in which a close is looked for, and beyond that close in which its record must end."""


class Closes:
    """The legal closes of a stretch of the file, sorted by how many cells follow them in their record.

    A close is the last quote of an odd run (the others are doubled) that a delimiter or a record's end
    follows, and after which the record goes on legally to its end. What follows a close does not depend on
    the record that needs it. So the stretch grows as it is asked for, and each of its bytes is walked at
    most twice, once as inside a cell and once as outside: a file full of broken records stays affordable.
    """

    def __init__(self, data: Bytes, marks: Marks, reach: int = REACH) -> None:
        self._data = data
        self._marks = marks
        self._reach = reach
        self._restart(0)

    def record_end(self, at: int, cells_after: int) -> int | None:
        """Where a record ends whose open cell goes on here and that needs so many cells after that one.

        The nearest close counts. None where no close within reach gives the record its width.
        """
        run = self._run_end(at)
        within = at + self._reach
        if (run - at) % 2 and run <= within and (end := self._end_behind(run - 1, cells_after)) is not None:
            return end
        return self._nearest(run, within, cells_after) if run < len(self._data) else None

    def _run_end(self, at: int) -> int:
        run = self._marks.quotes.match(self._data, at)
        return run.end() if run else at

    def _end_behind(self, close: int, cells_after: int) -> int | None:
        """For a close whose run began before the open cell's content: the stretch counts runs as a whole."""
        follows = self._data[close + 1 : close + 2]
        if follows != self._marks.delimiter and record_end(self._data, close + 1) is None:
            return None
        passed, end = self._walk(close)
        fits = end is not None and passed[0][1] == cells_after and end - close <= self._reach
        return end if fits else None

    def _nearest(self, at: int, within: int, cells_after: int) -> int | None:
        if not self._low <= at <= self._high:
            self._restart(at)
        elif at - self._low > self._reach:
            self._drop_before(at)
        end = self._known(at, within, cells_after)
        while end is None and self._high < min(within, len(self._data)):
            self._grow()
            end = self._known(at, within, cells_after)
        return end

    def _restart(self, at: int) -> None:
        self._low = self._high = at
        self._seen: set[int] = set()
        self._ends: dict[int, list[tuple[int, int]]] = {}

    def _drop_before(self, at: int) -> None:
        self._low = at
        self._seen = {close for close in self._seen if close >= at}
        self._ends = {cells: ends[bisect_left(ends, (at,)) :] for cells, ends in self._ends.items()}

    def _known(self, at: int, within: int, cells_after: int) -> int | None:
        """The nearest of the closes up to which every one has been looked at."""
        ends = self._ends.get(cells_after, [])
        first = bisect_left(ends, (at,))
        if first == len(ends) or ends[first][0] >= min(self._high, within):
            return None
        return ends[first][1]

    def _grow(self) -> None:
        """Go on to the next close, and settle it unless the walk from an earlier one did."""
        run = self._marks.close.search(self._data, self._high)
        if run is None:
            self._high = len(self._data)
            return
        self._high = run.end()
        close = run.end() - 1
        if (run.end() - run.start()) % 2 and close not in self._seen:
            self._settle(close)

    def _settle(self, close: int) -> None:
        passed, end = self._walk(close)
        self._seen.update(each for each, _ in passed)
        for each, cells_after in passed:
            if end is not None and end - each <= self._reach:
                insort(self._ends.setdefault(cells_after, []), (each, end))

    def _walk(self, close: int) -> tuple[list[tuple[int, int]], int | None]:
        """Follow a record from a close to its end; every close on the way is told with the cells after it.

        The end is None where the record breaks a rule, or goes on for twice the reach: then only the closes
        of the first half are told, for which the end is certainly out of reach.
        """
        passed, cells = [(close, 0)], 0
        at, end = close + 2, record_end(self._data, close + 1)
        while end is None:
            cell = cell_at(self._data, self._marks, at)
            if isinstance(cell, Fault):
                return passed, None
            cells, at = cells + 1, cell.after
            # A cell of nothing but quotes closes with an even run: seen from inside a cell, they are content.
            if cell.quoted and self._data[cell.start : cell.stop].strip(self._marks.quote):
                passed.append((cell.stop, cells))
            if cell.last:
                end = at
            elif at - close > 2 * self._reach:
                return passed[: bisect_left(passed, (close + self._reach,))], None
        return [(each, cells - before) for each, before in passed], end
