"""The kinds of records that a file is split into, and the exact reader for one record."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, Marks
from bucketlift.tabular.csv.cells import Cell, Fault, cell_at


class RawNull(bytes):
    """The text of an unquoted cell that is only an escape and an ``N``. It is null if the field has this null
    word.
    """

    __slots__ = ()


class Kept(bytes):
    """The text of a cell that is never a null, even if the field has it as a null word."""

    __slots__ = ()


class Record(NamedTuple):
    """A record with the right number of cells. ``end`` is the offset after its line end."""

    line: int
    offset: int
    end: int
    cells: list[bytes]


class Blank(NamedTuple):
    """An empty physical line that is not a record."""

    line: int
    offset: int
    end: int


class LeftOut(StrEnum):
    """Records that a policy of the contract leaves out."""

    EMPTY_ROW = "empty-row"
    REPEATED_HEADER = "repeated-header"
    PAGE_BREAK = "page-break"


class Skipped(NamedTuple):
    """Bytes that are not a record. The file's notes contain their number."""

    line: int
    offset: int
    end: int
    what: LeftOut


Framed = Record | Blank | Skipped | Reject


class Whole(NamedTuple):
    """A record with valid quotes, which may break other rules. It has ``width`` cells, of which only the
    first ones are kept.
    """

    end: int
    width: int
    cells: list[bytes]
    lone_cr: bool


class Broken(NamedTuple):
    """A record that breaks a quote rule, and the number of whole cells before the break."""

    fault: Fault
    cells: int
    known: int
    """The offset up to which the record was read without doubt: the illegal quote, or the opening quote of an
    unclosed cell.
    """


def whole_record(data: Bytes, marks: Marks, at: int, width: int, longest: int) -> Whole | Broken:
    """Read the record at this offset. Keeps at most ``width`` cells, and only cells within the first
    ``longest`` bytes.
    """
    begin, count, cells, lone_cr = at, 0, list[bytes](), False
    while True:
        cell = cell_at(data, marks, at)
        if isinstance(cell, Fault):
            reason = RejectReason.LONE_CR if lone_cr else cell.reason
            known = at if cell.reason is RejectReason.UNTERMINATED_QUOTE else cell.resume - 1
            return Broken(cell._replace(reason=reason), count, known)
        count, at = count + 1, cell.after
        lone_cr = lone_cr or (not cell.quoted and data.find(CR, cell.start, cell.stop) >= 0)
        if count <= width and at - begin <= longest:
            cells.append(_content(data, marks, cell))
        if cell.last:
            return Whole(at, count, cells, lone_cr)


def _content(data: Bytes, marks: Marks, cell: Cell) -> bytes:
    content = data[cell.start : cell.stop]
    if cell.quoted and marks.quote is not None:
        return content.replace(marks.quote * 2, marks.quote)
    return content
