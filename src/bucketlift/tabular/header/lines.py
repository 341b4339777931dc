"""The physical lines at the start of a file."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import ESCAPED_LF, LF, Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.header.header import after_boms

LONGEST_LINE = 1 << 20


class Lines:
    """The physical lines at the start of a file. They are numbered from 0, after the byte order marks."""

    def __init__(self, data: Bytes, marks: Marks) -> None:
        self.data = data
        self.marks = marks
        self._starts = [self.begin(data)]

    @staticmethod
    def begin(data: Bytes) -> int:
        """The offset of the first line."""
        return after_boms(data)

    def start(self, number: int) -> int:
        """The offset of a line; the end of the file if there are fewer lines."""
        while len(self._starts) <= number:
            self._starts.append(self._end(self._starts[-1]))
        return self._starts[number]

    def _end(self, at: int) -> int:
        end = self.data.find(LF, at) + 1 or len(self.data)
        escaped = self.data.find(ESCAPED_LF, at, end) if self.marks.rewritten else -1
        return end if escaped < 0 else escaped + len(ESCAPED_LF)

    def missing_text(self, texts: Sequence[str], before: int) -> str | None:
        """The first of these texts that is missing above the line ``before``. Each text must be in a separate
        line, in this order.
        """
        number = 0
        for text in texts:
            while number < before and text.encode() not in self._line(number):
                number += 1
            if number >= before:
                return text
            number += 1
        return None

    def _line(self, number: int) -> bytes:
        return self.data[self.start(number) : self.start(number + 1)]

    def like_record(self, before: int, width: int, *, any_table: bool = False) -> int | None:
        """The number, from 1, of the first line above the line ``before`` that could be a record; None if
        there is none.

        A line could be a record if it has as many cells as the table, counted by delimiters or by cells, and
        more than one cell is filled. With ``any_table`` the number of cells does not matter, because the
        lines above a table may be another table.
        """
        for number in range(before):
            line = self._line(number)
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
