"""Reads the header row, which contains the names of the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import BOM, CR, LF, NUL, Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Broken, Whole, whole_record
from bucketlift.tabular.decode.escapes import content, lines_in
from bucketlift.tabular.decode.rewriting import BAD

_PIECE = 1 << 20
_LONE_CR = re.compile(rb"\r(?!\n)")
MAX_HEADER_BYTES = 4 << 20
"""Maximum bytes of a header row; a file with a longer one is held. 20,000 columns with names of 200 bytes are
allowed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The names exactly as in the file, in the file's order, and the position of the first record below."""

    names: tuple[str, ...]
    offset: int
    end: int
    next_line: int
    line: int = 1
    """The number of the physical line (from 1) of the header."""
    blank_lines: int
    """Number of blank lines above the header. They are skipped and counted like blank lines below the header."""


def read_header(data: Bytes, marks: Marks, *, at: int | None = None, line: int = 1) -> Header | Hold:
    """Read the first record, after an optional byte order mark and blank lines.

    ``at`` is the start of the line to read; None for the start of the text.
    """
    if at is None:
        at = after_boms(data)
    at, blanks = skip_blank_lines(data, at)
    if at == len(data):
        return Hold(
            reason=HeldReason.NO_HEADER,
            what="The file has no header row",
            hint="The first row must contain the names of the columns, as in the sample file.",
        )
    return _header_at(data, marks, at, blanks, line + blanks)


def after_boms(data: Bytes) -> int:
    """The offset of the text after the file's byte order marks."""
    at = 0
    while data[at : at + len(BOM)] == BOM:
        at += len(BOM)
    return at


def skip_blank_lines(data: Bytes, at: int) -> tuple[int, int]:
    """The offset of the first line that is not blank, and the number of blank lines before it."""
    blanks = 0
    while True:
        piece = data[at : at + _PIECE]
        # One search per blank line: a file may consist of nothing else.
        end = len(piece) - len(piece.lstrip(CR + LF))
        run = piece[:end]
        whole = run[: run.rfind(LF) + 1]
        lone = next(_LONE_CR.finditer(whole), None)
        whole = whole if lone is None else whole[: whole.rfind(LF, 0, lone.start()) + 1]
        blanks, at = blanks + whole.count(LF), at + len(whole)
        if not whole or (len(whole) < len(piece) - 1 or lone is not None):
            return at, blanks


def _header_at(data: Bytes, marks: Marks, at: int, blanks: int, line: int) -> Header | Hold:
    limit = data.find(LF, at, at + MAX_HEADER_BYTES)
    if limit < 0 and len(data) - at > MAX_HEADER_BYTES:
        return _broken("is longer than 4 MiB", line)
    found = whole_record(data, marks, at, MAX_HEADER_BYTES, MAX_HEADER_BYTES)
    fault = _fault(data, at, found)
    if fault or isinstance(found, Broken):
        return _broken(fault, line)
    names = [content(cell, marks).decode("utf-8") for cell in found.cells]
    if marks.trailing and len(names) > 1 and not names[-1]:
        names.pop()
    return Header(
        names=tuple(names),
        offset=at,
        end=found.end,
        line=line,
        next_line=line + lines_in(data[at : found.end]),
        blank_lines=blanks,
    )


def _fault(data: Bytes, at: int, found: Whole | Broken) -> str:
    if isinstance(found, Broken):
        return _FAULTS[found.fault.reason]
    if found.end - at > MAX_HEADER_BYTES:
        return "is longer than 4 MiB"
    if data.find(NUL, at, found.end) >= 0:
        return "contains a NUL byte"
    if data.find(BAD, at, found.end) >= 0:
        return "has an escape before a character that needs none"
    return _FAULTS[RejectReason.LONE_CR] if found.lone_cr else ""


_FAULTS = {
    RejectReason.BARE_QUOTE: "has a quote in the middle of a name",
    RejectReason.UNTERMINATED_QUOTE: "opens a quote that is never closed",
    RejectReason.LONE_CR: "contains a carriage return without a line feed",
}


def _broken(fault: str, line: int) -> Hold:
    return Hold(
        reason=HeldReason.BROKEN_HEADER,
        what=f"The header row in line {line} {fault}",
        hint="Write the file again with one clean header row; lines end with LF or CRLF.",
    )


def fold(name: str) -> str:
    """The name in the form in which names are compared: without case and surrounding blanks."""
    return name.strip().casefold()


def framer_below(data: Bytes, marks: Marks, header: Header) -> Framer:
    """A ``Framer`` for the records below the header. The header sets their number of cells."""
    return Framer(data, marks, width=len(header.names), at=header.end, line=header.next_line)
