"""Finds the end of the next cell of a record, strictly by RFC 4180."""

from __future__ import annotations

from typing import NamedTuple

from bucketlift.model.rows import RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, Marks


class Cell(NamedTuple):
    """A valid cell. Its content is ``data[start:stop]``, in which doubled quotes are still doubled."""

    start: int
    stop: int
    after: int
    """The offset of the next cell. For the ``last`` cell of a record, it is the offset of the next record."""
    last: bool
    quoted: bool


class Fault(NamedTuple):
    """The cell breaks a quote rule."""

    reason: RejectReason
    resume: int
    """The offset after the illegal quote, or the end of the file."""


def cell_at(data: Bytes, marks: Marks, at: int) -> Cell | Fault:
    """Read the cell at this offset. A CR without LF outside quotes is content here; ``Framer`` makes its
    record a reject later.
    """
    if marks.quote is not None:
        if data[at : at + 1] == marks.quote:
            return _quoted(data, marks, at)
        if marks.lenient and (cell := _lenient(data, marks, marks.quote, at)) is not None:
            return cell
    return _unquoted(data, marks, at)


def skip_blanks(data: Bytes, marks: Marks, at: int) -> int:
    """The offset after the blanks at this offset, if the dialect allows blanks around quotes."""
    found = marks.blank.match(data, at) if marks.blanks else None
    return found.end() if found else at


def _lenient(data: Bytes, marks: Marks, quote: bytes, at: int) -> Cell | Fault | None:
    """Read a quoted cell with other characters before its opening quote. None if the cell is not of this
    kind.
    """
    begin = skip_blanks(data, marks, at)
    if begin > at and data[begin : begin + 1] == quote:
        return _quoted(data, marks, begin)
    if marks.guard and data[begin : begin + 2] == b"=" + quote:
        cell = _quoted(data, marks, begin + 1)
        # Includes its guard, which is stripped from the content of every cell.
        return (
            cell if isinstance(cell, Fault) else cell._replace(start=begin, stop=cell.stop + 1, quoted=False)
        )
    return None


def _unquoted(data: Bytes, marks: Marks, at: int) -> Cell | Fault:
    found = marks.unquoted.match(data, at)
    stop = found.end() if found else at
    mark = data[stop : stop + 1]
    if mark == marks.delimiter:
        return Cell(at, stop, stop + 1, last=False, quoted=False)
    if mark == LF:
        content = stop - 1 if stop > at and data[stop - 1 : stop] == CR else stop
        return Cell(at, content, stop + 1, last=True, quoted=False)
    if not mark:
        return Cell(at, stop, stop, last=True, quoted=False)
    lone_cr = data.find(CR, at, stop) >= 0
    return Fault(RejectReason.LONE_CR if lone_cr else RejectReason.BARE_QUOTE, stop + 1)


def _quoted(data: Bytes, marks: Marks, at: int) -> Cell | Fault:
    close = _closing(data, marks, at + 1)
    if close is None:
        return Fault(RejectReason.UNTERMINATED_QUOTE, len(data))
    after = skip_blanks(data, marks, close + 1)
    mark = data[after : after + 1]
    if mark == marks.delimiter:
        return Cell(at + 1, close, after + 1, last=False, quoted=True)
    end = record_end(data, after)
    if end is not None:
        return Cell(at + 1, close, end, last=True, quoted=True)
    return Fault(RejectReason.LONE_CR if mark == CR else RejectReason.BARE_QUOTE, close + 1)


def _closing(data: Bytes, marks: Marks, at: int) -> int | None:
    """The offset of the first quote from here on that is not doubled; None if there is none."""
    inside = marks.inside.match(data, at)
    close = inside.end() if inside else at
    return close if data[close : close + 1] == marks.quote else None


def record_end(data: Bytes, at: int) -> int | None:
    """The offset after the LF or CRLF at this offset, or the end of the file; None if the record does not end
    here.
    """
    mark = data[at : at + 2]
    if not mark:
        return at
    if mark[:1] == LF:
        return at + 1
    return at + 2 if mark == CR + LF else None
