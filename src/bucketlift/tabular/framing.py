"""The exact cut of a file into records, blank lines and rejects, by the rules of RFC 4180."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.cells import Fault, cell_at
from bucketlift.tabular.closes import REACH, Closes
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import CR, LF, NUL, Marks

MAX_RECORD_BYTES = 128 << 20
"""A longer record is no row. Its bytes become rejects of at most this size, so that memory stays bounded."""


class Record(NamedTuple):
    """A record of the right width; ``end`` is the byte after its record end."""

    line: int
    offset: int
    end: int
    cells: list[bytes]


class Blank(NamedTuple):
    """A physical line without a byte before its end, where that is no record."""

    line: int
    offset: int
    end: int


Framed = Record | Blank | Reject


class Whole(NamedTuple):
    """A record whose quotes are legal, whatever else is wrong with it; cells beyond the width are counted only."""

    end: int
    width: int
    cells: list[bytes]
    lone_cr: bool


class Broken(NamedTuple):
    """A record that breaks a quote rule after so many whole cells."""

    fault: Fault
    cells: int


def whole_record(data: Bytes, marks: Marks, at: int, width: int, longest: int) -> Whole | Broken:
    """Frame the record that begins here cell by cell, keeping at most ``width`` cells and ``longest`` bytes."""
    begin, count, cells, lone_cr = at, 0, list[bytes](), False
    while True:
        cell = cell_at(data, marks, at)
        if isinstance(cell, Fault):
            reason = RejectReason.LONE_CR if lone_cr else cell.reason
            return Broken(cell._replace(reason=reason), count)
        count, at = count + 1, cell.after
        if not cell.quoted:
            lone_cr = lone_cr or data.find(CR, cell.start, cell.stop) >= 0
        if count <= width and at - begin <= longest:
            cells.append(_content(data, marks, cell.start, cell.stop, quoted=cell.quoted))
        if cell.last:
            return Whole(at, count, cells, lone_cr)


def _content(data: Bytes, marks: Marks, start: int, stop: int, *, quoted: bool) -> bytes:
    content = data[start:stop]
    if quoted and marks.quote is not None and marks.quote in content:
        return content.replace(marks.quote * 2, marks.quote)
    return content


def tidy_cells(text: bytes, marks: Marks) -> list[bytes] | None:
    """The cells of a line whose quotes all open or close a cell; None where it takes a closer look.

    Cut at its quotes, such a line is outside and inside cells by turns. A shortcut only: a few times as fast
    as ``whole_record``, and of the same answer.
    """
    quote, delimiter = marks.quote, marks.delimiter
    parts = text.split(quote)
    if not len(parts) % 2:
        return None
    cells: list[bytes] = []
    last = len(parts) - 1
    for index in range(0, last + 1, 2):
        outside = parts[index]
        if index:
            cells.append(parts[index - 1])
            if index == last and not outside:
                return cells
            if outside[:1] != delimiter:
                return None
            outside = outside[1:]
            if index != last and not outside:
                continue
        if index == last:
            cells += outside.split(delimiter)
        elif outside:
            if outside[-1:] != delimiter:
                return None
            cells += outside[:-1].split(delimiter)
    return cells


class Framer:
    """Frames the records below the header, each byte of them in exactly one of what it yields, in order.

    Decided here, where RFC 4180 is silent:

    - A lone CR outside quotes rejects its record, which goes on to the next LF outside quotes.
    - A record of legal quotes but of another width is one reject, also over several lines.
    - A record that breaks a quote rule is searched on with the cell in question kept open (a bare quote in
      an unquoted cell opens it) for the nearest legal close after which the record ends with the right
      width. Ends it on a later line, every physical line up to there is a reject of its own; else only the
      first one is.
    - A record longer than ``longest`` is cut into rejects of that size.
    """

    def __init__(
        self,
        data: Bytes,
        marks: Marks,
        *,
        width: int,
        at: int,
        line: int,
        longest: int = MAX_RECORD_BYTES,
        reach: int = REACH,
    ) -> None:
        self._data = data
        self._marks = marks
        self._width = width
        self._at = at
        self._line = line
        self._longest = longest
        self._closes = Closes(data, marks, reach)

    def __iter__(self) -> Iterator[Framed]:
        data, quote, size = self._data, self._marks.quote, len(self._data)
        while self._at < size:
            end = data.find(LF, self._at) + 1 or size
            if end - self._at > self._longest:
                yield from self._long(end)
                continue
            raw = data[self._at : end]
            if quote is None or quote not in raw:
                yield self._plain(raw, end)
            elif (cells := self._tidy(raw)) is not None:
                yield self._record(end, cells)
            else:
                yield from self._exact(end)

    def _plain(self, raw: bytes, end: int) -> Framed:
        """A line without quotes. The cells are counted first: they could be very many."""
        text = _text(raw)
        if not text:
            return self._blank(end)
        if NUL in text:
            return self._reject(end, RejectReason.NUL)
        if CR in text:
            return self._reject(end, RejectReason.LONE_CR)
        if text.count(self._marks.delimiter) + 1 != self._width:
            return self._reject(end, RejectReason.WIDTH)
        return self._record(end, text.split(self._marks.delimiter))

    def _tidy(self, raw: bytes) -> list[bytes] | None:
        text = _text(raw)
        if NUL in text or CR in text or text.count(self._marks.quote or LF) > 2 * self._width:
            return None
        cells = tidy_cells(text, self._marks)
        return cells if cells is not None and len(cells) == self._width else None

    def _exact(self, line_end: int) -> Iterator[Framed]:
        found = whole_record(self._data, self._marks, self._at, self._width, self._longest)
        if isinstance(found, Broken):
            yield from self._broken(found, line_end)
        elif found.end - self._at > self._longest:
            yield from self._pieces(found.end)
        else:
            yield self._judged(found)

    def _judged(self, found: Whole) -> Framed:
        if self._data.find(NUL, self._at, found.end) >= 0:
            return self._reject(found.end, RejectReason.NUL)
        if found.lone_cr:
            return self._reject(found.end, RejectReason.LONE_CR)
        if found.width != self._width:
            return self._reject(found.end, RejectReason.WIDTH)
        return self._record(found.end, found.cells, lines=self._data[self._at : found.end].count(LF))

    def _broken(self, broken: Broken, line_end: int) -> Iterator[Reject]:
        end = self._end_of_broken(broken)
        yield from self._physical_line(line_end, broken.fault.reason)
        while end is not None and self._at < end:
            next_line = self._data.find(LF, self._at) + 1 or len(self._data)
            yield from self._physical_line(next_line, RejectReason.INSIDE_BROKEN_RECORD)

    def _end_of_broken(self, broken: Broken) -> int | None:
        missing = self._width - broken.cells - 1
        return None if missing < 0 else self._closes.record_end(broken.fault.resume, missing)

    def _physical_line(self, end: int, reason: RejectReason) -> Iterator[Reject]:
        if end - self._at > self._longest:
            yield from self._pieces(end)
        else:
            yield self._reject(end, reason)

    def _long(self, line_end: int) -> Iterator[Framed]:
        """A physical line beyond the limit; walked by cell only where a quote could lead past its end."""
        quote = self._marks.quote
        if quote is None or self._data.find(quote, self._at, line_end) < 0:
            yield from self._pieces(line_end)
        else:
            yield from self._exact(line_end)

    def _pieces(self, end: int) -> Iterator[Reject]:
        while self._at < end:
            yield self._reject(min(end, self._at + self._longest), RejectReason.TOO_LONG)

    def _blank(self, end: int) -> Framed:
        if self._width == 1:
            return self._reject(end, RejectReason.BLANK_LINE)
        blank = Blank(self._line, self._at, end)
        self._at, self._line = end, self._line + 1
        return blank

    def _record(self, end: int, cells: list[bytes], lines: int = 1) -> Record:
        record = Record(self._line, self._at, end, cells)
        self._at, self._line = end, self._line + lines
        return record

    def _reject(self, end: int, reason: RejectReason) -> Reject:
        raw = self._data[self._at : end]
        reject = Reject(line=self._line, offset=self._at, raw=raw, reason=reason)
        self._at, self._line = end, self._line + raw.count(LF)
        return reject


def _text(raw: bytes) -> bytes:
    """A physical line without its end."""
    if raw.endswith(CR + LF):
        return raw[:-2]
    return raw[:-1] if raw.endswith(LF) else raw
