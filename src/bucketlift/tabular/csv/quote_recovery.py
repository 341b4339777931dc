"""Finds the quote that ends a cell after a record broke a quote rule. All such records of a file share the
results.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.cells import Fault, cell_at, record_end, skip_blanks
from bucketlift.tabular.csv.closing_quotes import ClosingQuotes, closing_quotes_in

REACH = 1 << 20
"""Maximum bytes between the wrong quote and its closing quote, and between the closing quote and the end of
its record.
"""
FIRST_PIECE = 1 << 14
NEAR = 24
"""Number of closing quotes that are tried one by one first. The right one is nearly always within a few
records.
"""


class QuoteRecovery:
    """The quotes in a part of the file that may close a cell. For each, the number of cells that follow it in
    its record.

    A closing quote is the last quote of an odd run (the others are doubled) before a delimiter or a record's
    end, if the rest of the record is valid. What follows a closing quote does not depend on the record that
    needs it, so all records use the same index. The part becomes larger when this is needed, and each new
    piece is indexed as a whole. So a file full of broken records can be read in a reasonable time.
    """

    def __init__(self, data: Bytes, marks: Marks, reach: int = REACH) -> None:
        self._data = data
        self._marks = marks
        self._reach = reach
        self._low = self._high = 0
        self._piece = FIRST_PIECE
        self._tables = deque[ClosingQuotes]()

    def record_end(self, at: int, cells_after: int) -> int | None:
        """Return the end of the record whose open cell continues at ``at``. ``cells_after`` cells should
        follow this cell.

        Uses the nearest closing quote that gives the record this number of cells, otherwise the nearest one.
        None if there is no closing quote within the maximum distance.
        """
        end = self._end_within(at, at + self._reach, cells_after)
        return self._end_within(at, at + self._reach, None) if end is None else end

    def _end_within(self, at: int, within: int, cells_after: int | None) -> int | None:
        run = self._run_end(at)
        if (run - at) % 2 and run <= within and (end := self._end_after(run - 1, cells_after)) is not None:
            return end
        return self._nearest(run, within, cells_after) if run < len(self._data) else None

    def _run_end(self, at: int) -> int:
        run = self._marks.quotes.match(self._data, at)
        return run.end() if run else at

    def _end_after(self, close: int, cells_after: int | None) -> int | None:
        """The end of the record after this quote; None if this cannot be the closing quote. The index
        contains only complete runs of quotes.
        """
        after = skip_blanks(self._data, self._marks, close + 1)
        end = record_end(self._data, after)
        if end is not None:
            return end if cells_after in (0, None) and end - close <= self._reach else None
        if self._data[after : after + 1] != self._marks.delimiter:
            return None
        at, cells = after + 1, 0
        while at - close <= self._reach:
            cell = cell_at(self._data, self._marks, at)
            if isinstance(cell, Fault):
                return None
            at, cells = cell.after, cells + 1
            if cell.last:
                return at if cells_after in (cells, None) and at - close <= self._reach else None
        return None

    def _nearest(self, at: int, within: int, cells_after: int | None) -> int | None:
        if not self._low <= at < self._high:
            near = self._near(at, within, cells_after)
            if near is not None or self._marks.lenient:
                return near
            self._restart(at)
        while self._tables and self._tables[0].high <= at:
            self._low = self._tables.popleft().high
        for table in self._tables:
            found = table.first(at, cells_after)
            if found is not None:
                return found.end if found.close < within else None
        while self._high < min(within, len(self._data)):
            found = self._grown().first(at, cells_after)
            if found is not None:
                return found.end if found.close < within else None
        return None

    def _near(self, at: int, within: int, cells_after: int | None) -> int | None:
        """Try the first few closing quotes one by one, before a piece of the file is indexed."""
        most = None if self._marks.lenient else NEAR  # the tables do not support blanks around quotes
        for run in islice(self._marks.close.finditer(self._data, at, within), most):
            if (run.end() - run.start()) % 2:
                end = self._end_after(run.end() - 1, cells_after)
                if end is not None:
                    return end
        return None

    def _restart(self, at: int) -> None:
        self._low = self._high = at
        self._piece = FIRST_PIECE
        self._tables.clear()

    def _grown(self) -> ClosingQuotes:
        """Index the next piece. Each piece has twice the size of the previous one, up to twice the maximum
        distance. Only the quotes in its first half are used.
        """
        while (table := self._table()).high == self._high:
            self._piece *= 2
        self._piece = max(FIRST_PIECE, min(2 * self._piece, 2 * self._reach))
        self._high = table.high
        if len(table.closes):
            self._tables.append(table)
        return table

    def _table(self) -> ClosingQuotes:
        end = self._run_end(self._high)
        if end - self._high > self._reach:
            # Any record that could use its last quote is out of reach.
            return ClosingQuotes.empty(end)
        return closing_quotes_in(self._data, self._marks, self._high, self._piece, self._reach)
