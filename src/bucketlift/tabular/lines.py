"""The physical lines at the beginning of a file, whatever they are."""

from __future__ import annotations

from bucketlift.tabular.header import BOM
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import ESCAPED_LF, LF, Marks
from bucketlift.tabular.records import Broken, whole_record

LONGEST_LINE = 1 << 20


class Lines:
    """Lines are numbers from 0, and behind a byte order mark."""

    def __init__(self, data: Bytes, marks: Marks) -> None:
        self.data = data
        self.marks = marks
        self._starts = [len(BOM) if data[: len(BOM)] == BOM else 0]

    def start(self, number: int) -> int:
        """Where a line begins; the end of the file where there are not so many."""
        while len(self._starts) <= number:
            self._starts.append(self._end(self._starts[-1]))
        return self._starts[number]

    def _end(self, at: int) -> int:
        end = self.data.find(LF, at) + 1 or len(self.data)
        escaped = self.data.find(ESCAPED_LF, at, end) if self.marks.escape else -1
        return end if escaped < 0 else escaped + len(ESCAPED_LF)

    def like_record(self, before: int, width: int, *, any_table: bool = False) -> int | None:
        """The first of the lines before this one, from 1, that could be a record; None if none could.

        It could where it is as wide, by its delimiters or by its cells, and more than one cell is filled; with
        ``any_table`` where more than one cell is filled, for what stands above a table may be another one.
        """
        for number in range(before):
            line = self.data[self.start(number) : self.start(number + 1)]
            if self._is_filled(line, width) and (any_table or self._is_as_wide(line, width)):
                return number + 1
        return None

    def _is_filled(self, line: bytes, width: int) -> bool:
        filled = sum(bool(cell.strip(b' "\t\r\n')) for cell in line.split(self.marks.delimiter))
        return filled > (0 if width == 1 else 1)

    def _is_as_wide(self, line: bytes, width: int) -> bool:
        framed = whole_record(line, self.marks, 0, width, LONGEST_LINE)
        by_cells = not isinstance(framed, Broken) and framed.width == width
        return by_cells or line.count(self.marks.delimiter) + 1 == width
