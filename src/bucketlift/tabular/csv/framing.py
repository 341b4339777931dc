"""Splits a file exactly into records, blank lines and rejects, by the rules of RFC 4180."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import BOM, CR, LF, NUL, Marks
from bucketlift.tabular.csv.fast_path import fast_cells, fast_record, plain_lines
from bucketlift.tabular.csv.quote_recovery import REACH, QuoteRecovery
from bucketlift.tabular.csv.records import Blank, Broken, Framed, Record, Whole, whole_record

MAX_RECORD_BYTES = 128 << 20
"""Maximum bytes of a record. A longer one is not a row: its bytes become rejects of at most this size, so
that memory is limited.
"""


class Framer:
    """Splits the bytes below the header into records and rejects. Every byte is in exactly one of the yielded
    items, in order.

    Decisions for which RFC 4180 has no rule:
    - A CR without LF outside quotes makes its record a reject. The record ends at the next LF outside quotes.
    - A record with valid quotes but a wrong number of cells is one reject, even if it has several lines.
    - If a record breaks a quote rule, we assume that the cell with the wrong quote is open. The record ends
    after the nearest closing quote that gives it the right number of cells, or else after the nearest closing
    quote. Each physical line up to this end is a separate reject. Without a closing quote, the rejects end
    with the line of the illegal or unclosed quote.
    - A record longer than ``longest`` is split into rejects of that size.
    - A byte order mark before a record is not part of the first cell: it comes from files that were joined.
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
        self._recovery = QuoteRecovery(data, marks, reach)
        self.trailing = 0
        """Number of records with one cell more than the header. This cell was empty and is left out."""
        self._line_ends = {data[at - 2 : at] if data[at - 2 : at] == CR + LF else data[at - 1 : at]}

    @property
    def mixes_line_ends(self) -> bool:
        """Whether both LF and CRLF were used as line ends so far, including the header."""
        return {LF, CR + LF} <= self._line_ends

    @property
    def at(self) -> int:
        """The offset of the next record."""
        return self._at

    @property
    def longest(self) -> int:
        """The maximum bytes of a record."""
        return self._longest

    @property
    def line(self) -> int:
        """The line of the next record."""
        return self._line

    def skip_to(self, at: int, line: int) -> None:
        """Continue at this record, because everything before it was read in another way."""
        self._at, self._line = at, line

    def note_line_ends(self, *, lf: bool, crlf: bool) -> None:
        """Record the line ends of records that were read in another way."""
        self._line_ends |= ({LF} if lf else set()) | ({CR + LF} if crlf else set())

    def step(self, *, broken: bool = False) -> Iterable[Framed]:
        """Read the next record, or its rejects. ``broken``: whether it is already known that the record
        breaks a quote rule.
        """
        if not broken or self._is_marked():
            return self._next()
        line_end = self._line_end()
        return self._long(line_end) if line_end - self._at > self._longest else self._exact(line_end)

    def __iter__(self) -> Iterator[Framed]:
        looked_at, size = self._at, len(self._data)
        while self._at < size:
            if self._at >= looked_at:
                looked_at, lines, line_end = plain_lines(self._data, self._marks, self._at)
                if lines:
                    yield from self._plain(lines, line_end)
                    continue
            yield from self._next()

    def _plain(self, lines: list[bytes], line_end: int) -> Iterator[Framed]:
        """Yield the records of lines that contain only unquoted cells and delimiters."""
        self._line_ends.add(LF if line_end == 1 else CR + LF)
        delimiter, delimiters = self._marks.delimiter, self._width - 1
        for text in lines:
            end = self._at + len(text) + line_end
            # Counted before splitting: a line of another width could have very many cells.
            whole = text and text.count(delimiter) == delimiters and end - self._at <= self._longest
            if whole and not text.startswith(BOM):
                yield self._record(end, text.split(delimiter))
            elif not text:
                yield self._blank(end)
            else:
                yield from self._next()

    def _next(self) -> Iterable[Framed]:
        """Read the record at the current offset, or its rejects."""
        if self._is_marked():
            return self._after_boms()
        line_end = self._line_end()
        if line_end - self._at > self._longest:
            return self._long(line_end)
        raw = self._data[self._at : line_end]
        if self._marks.quote is None or self._marks.quote not in raw:
            return (self._unquoted(raw, line_end),)
        fast = self._fast(line_end)
        return self._exact(line_end) if fast is None else (fast,)

    def _is_marked(self) -> bool:
        return self._data[self._at : self._at + len(BOM)] == BOM

    def _after_boms(self) -> Iterator[Framed]:
        """Read a record after byte order marks. The marks become part of the record's bytes."""
        begin, line = self._at, self._line
        while self._is_marked():
            self._at += len(BOM)
        if self._at == len(self._data):
            yield Blank(line, begin, self._at)
            return
        pieces = iter(self._next())
        first = next(pieces)
        if isinstance(first, Reject):
            yield replace(first, offset=begin, raw=self._data[begin : first.offset] + first.raw)
        else:
            yield first._replace(offset=begin)
        yield from pieces

    def _unquoted(self, raw: bytes, end: int) -> Framed:
        text = raw[: len(raw) - len(self._noted_end(raw))]
        if not text:
            return self._blank(end)
        if NUL in text:
            return self._reject(end, RejectReason.NUL)
        if CR in text:
            return self._reject(end, RejectReason.LONE_CR)
        width = text.count(self._marks.delimiter) + 1
        if self._marks.trailing and width == self._width + 1 and text.endswith(self._marks.delimiter):
            text, width = text[:-1], self._width
            self.trailing += 1
        if width != self._width:
            return self._reject(end, RejectReason.WIDTH)
        return self._record(end, text.split(self._marks.delimiter))

    def _without_trailing(self, cells: list[bytes]) -> list[bytes]:
        if self._marks.trailing and len(cells) == self._width + 1 and not cells[-1]:
            self.trailing += 1
            return cells[:-1]
        return cells

    def _fast(self, line_end: int) -> Record | None:
        raw = fast_record(self._data, self._marks, self._at, line_end)
        if raw is None or NUL in raw or len(raw) > self._longest:
            return None
        cells = fast_cells(raw[: len(raw) - len(_end_of(raw))], self._marks)
        if cells is None or len(cells := self._without_trailing(cells)) != self._width:
            return None
        self._noted_end(raw)
        return self._record(self._at + len(raw), cells, raw.count(LF))

    def _exact(self, line_end: int) -> Iterator[Framed]:
        most = self._width + self._marks.trailing
        found = whole_record(self._data, self._marks, self._at, most, self._longest)
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
        if found.width == self._width + 1 == len(found.cells):
            cells = self._without_trailing(found.cells)
            found = found._replace(width=len(cells), cells=cells)
        if found.width != self._width:
            return self._reject(found.end, RejectReason.WIDTH)
        raw = self._data[self._at : found.end]
        self._noted_end(raw)
        return self._record(found.end, found.cells, raw.count(LF))

    def _broken(self, broken: Broken, line_end: int) -> Iterator[Reject]:
        end = self._end_of_broken(broken)
        yield from self._physical_line(line_end, broken.fault.reason)
        while self._at < end:
            yield from self._physical_line(self._line_end(), RejectReason.INSIDE_BROKEN_RECORD)

    def _end_of_broken(self, broken: Broken) -> int:
        closed = self._recovery.record_end(broken.fault.resume, self._width - broken.cells - 1)
        return closed or self._data.find(LF, broken.known) + 1 or len(self._data)

    def _physical_line(self, end: int, reason: RejectReason) -> Iterator[Reject]:
        if end - self._at > self._longest:
            yield from self._pieces(end)
        else:
            yield self._reject(end, reason)

    def _long(self, line_end: int) -> Iterator[Framed]:
        """Read a physical line that is longer than the limit. It is read cell by cell only if a quote could
        make the record longer than the line.
        """
        quote = self._marks.quote
        if quote is None or self._data.find(quote, self._at, line_end) < 0:
            yield from self._pieces(line_end)
        else:
            yield from self._exact(line_end)

    def _pieces(self, end: int) -> Iterator[Reject]:
        while self._at < end:
            yield self._reject(min(end, self._at + self._longest), RejectReason.TOO_LONG)

    def _blank(self, end: int) -> Framed:
        if self._width == 1 and not self._marks.borders:
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
        self._noted_end(raw)
        reject = Reject(line=self._line, offset=self._at, raw=raw, reason=reason)
        self._at, self._line = end, self._line + raw.count(LF)
        return reject

    def _line_end(self) -> int:
        """The offset after the current physical line."""
        return self._data.find(LF, self._at) + 1 or len(self._data)

    def _noted_end(self, raw: bytes) -> bytes:
        end = _end_of(raw)
        self._line_ends.add(end)
        return end


def _end_of(raw: bytes) -> bytes:
    return CR + LF if raw.endswith(CR + LF) else raw[-1:] if raw.endswith(LF) else b""
