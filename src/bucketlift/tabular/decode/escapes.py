"""Restores in cells what the rewritten copy replaced: escapes and other characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import ESCAPED_LF, LF, NULL_CODE, OTHER_LF, Marks, strip_boms
from bucketlift.tabular.csv.cells import Fault, cell_at, skip_blanks
from bucketlift.tabular.csv.records import Blank, Framed, Kept, RawNull, Record, Skipped
from bucketlift.tabular.decode.rewriting import BAD, CODED

_GUARDED = re.compile(rb'="((?:[^"]|"")*)"')


def content(cell: bytes, marks: Marks) -> bytes:
    """The cell's content by the rules of the dialect. A formula guard and blanks are removed if the dialect
    says so.
    """
    cell = unmasked(cell, marks)
    if marks.guard and is_guarded(cell):
        cell = cell[2:-1].replace(b'""', b'"')
    return cell.strip(b" \t") if marks.trim else cell


def is_guarded(cell: bytes) -> bool:
    """Whether a cell is a formula that consists of one text: ``="00123"``."""
    return cell[:2] == b'="' and _GUARDED.fullmatch(cell) is not None


def unmasked(cell: bytes, marks: Marks) -> bytes:
    """The cell with the bytes of the original file, or with the characters that its escapes mean."""
    for mark, own in marks.restored:
        if mark in cell:
            cell = cell.replace(mark, own)
    if CODED.search(cell):
        for code, own in marks.masked:
            cell = cell.replace(code, own)
    return cell


def lines_in(masked: bytes) -> int:
    """The number of physical lines that end in these bytes, even if no record ends there."""
    return masked.count(LF) + masked.count(ESCAPED_LF) + masked.count(OTHER_LF)


def contents(
    framed: Iterable[Framed], data: Bytes, marks: Marks, seen: Counter[str] | None = None
) -> Iterable[Framed]:
    """Yield records with the content of their cells, and the line numbers of the original file.

    ``seen`` counts what was left out of cells.
    """
    counts = Counter[str]() if seen is None else seen
    found = unmask(framed, data, marks) if marks.rewritten else framed
    if marks.guard or marks.blanks:
        found = (_counted(each, data, marks, counts) for each in found)
    return map(_trimmed, found) if marks.trim else found


def _counted(each: Framed, data: Bytes, marks: Marks, seen: Counter[str]) -> Framed:
    if not isinstance(each, Record):
        return each
    raw = strip_boms(data[each.offset : each.end])
    if marks.blanks and marks.quote is not None and marks.quote in raw:
        seen["blanks"] += _with_blanks(raw, marks)
    if not marks.guard or not any(map(is_guarded, each.cells)):
        return each
    seen["guards"] += sum(map(is_guarded, each.cells))
    cells = [cell[2:-1].replace(b'""', b'"') if is_guarded(cell) else cell for cell in each.cells]
    return each._replace(cells=cells)


def _with_blanks(raw: bytes, marks: Marks) -> int:
    """The number of a record's quoted cells that have blanks around their quotes."""
    at, count = 0, 0
    while not isinstance(cell := cell_at(raw, marks, at), Fault):
        before, after = cell.start - 1 - at, skip_blanks(raw, marks, cell.stop + 1) - cell.stop - 1
        count += cell.quoted and (before > 0 or after > 0)
        if cell.last:
            break
        at = cell.after
    return count


def _trimmed(each: Framed) -> Framed:
    if not isinstance(each, Record):
        return each
    return each._replace(cells=[type(cell)(cell.strip(b" \t")) for cell in each.cells])


def unmask(framed: Iterable[Framed], data: Bytes, marks: Marks) -> Iterator[Framed]:
    """Yield records with the bytes and line numbers of the original file."""
    more = 0
    for each in framed:
        raw = each.raw if isinstance(each, Reject) else data[each.offset : each.end]
        coded = CODED.search(raw) is not None
        # Only a quoted cell may contain framing characters.
        if coded or (marks.restored and marks.quote is not None and marks.quote in raw):
            yield _unmasked(each, raw, marks, more)
        else:
            yield each if not more else _on_line(each, each.line + more)
        if coded:
            more += raw.count(ESCAPED_LF) + raw.count(OTHER_LF)


def _unmasked(each: Framed, raw: bytes, marks: Marks, more: int) -> Framed:
    if isinstance(each, Record) and BAD in raw:
        return Reject(line=each.line + more, offset=each.offset, raw=raw, reason=RejectReason.BAD_ESCAPE)
    if isinstance(each, Record):
        cells = [_content(cell, marks) for cell in each.cells]
        return each._replace(line=each.line + more, cells=cells)
    if isinstance(each, Reject) and each.reason is RejectReason.LONE_CR and _other_line_end(raw):
        each = replace(each, reason=RejectReason.OTHER_LINE_END)
    return _on_line(each, each.line + more)


def _content(cell: bytes, marks: Marks) -> bytes:
    """The content of a cell. A cell with an escape is never a null word, unless it consists of an escape and
    an N.
    """
    if cell == NULL_CODE:
        return RawNull((marks.escape or b"") + b"N")
    text = unmasked(cell, marks)
    return text if text == cell else Kept(text)


def _other_line_end(raw: bytes) -> bool:
    return any(code in raw for code in (OTHER_LF, b"\r\xf6", b"\r\xf7"))


def _on_line(each: Framed, line: int) -> Framed:
    if isinstance(each, Record | Blank | Skipped):
        return each._replace(line=line)
    return replace(each, line=line)
