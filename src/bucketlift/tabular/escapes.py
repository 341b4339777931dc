"""Escapes out of the way of framing: masked before it, and put back as what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import ESCAPED_LF, LF, MASKED, Marks
from bucketlift.tabular.records import Blank, Framed, Record

BAD = b"\xfe"
"""In place of an escape before a byte that needs none."""


@dataclass(kw_only=True)
class Mask:
    """Masks block after block. What is masked has as many bytes as before, so that no offset changes."""

    pattern: re.Pattern[bytes]
    codes: dict[bytes, bytes]
    escape: bytes
    held: bytes = b""
    """An escape at the end of the last block: what follows it decides."""

    @staticmethod
    def of(marks: Marks) -> Mask | None:
        """How escapes of a dialect are masked; None where it has none."""
        if marks.escape is None:
            return None
        return Mask(
            pattern=re.compile(re.escape(marks.escape) + rb"(.)", re.DOTALL),
            codes={byte: code for code, byte in marks.masked},
            escape=marks.escape,
        )

    def mask(self, block: bytes, *, final: bool) -> bytes:
        """The next bytes, up to an escape at their end; the final block is empty."""
        block = self.held + block
        self.held = b""
        masked = self.pattern.sub(self._masked, block)
        if final or not masked.endswith(self.escape):
            return (
                masked.removesuffix(self.escape) + BAD if final and masked.endswith(self.escape) else masked
            )
        self.held = self.escape
        return masked[:-1]

    def _masked(self, found: re.Match[bytes]) -> bytes:
        return self.codes.get(found[1], BAD + found[1])


def unmasked(cell: bytes, marks: Marks) -> bytes:
    """A cell with the bytes that its escapes stood before."""
    if MASKED in cell:
        for code, byte in marks.masked:
            cell = cell.replace(code, byte)
    return cell


def lines_in(masked: bytes) -> int:
    """Physical lines that end in these bytes, escaped ends among them."""
    return masked.count(LF) + masked.count(ESCAPED_LF)


def unmask(framed: Iterable[Framed], data: Bytes, marks: Marks) -> Iterator[Framed]:
    """Records with what their escapes stand for, on the lines that they have in the file as it came."""
    more = 0
    for each in framed:
        begin, end = each.offset, _end(each)
        if data.find(MASKED, begin, end) < 0 and data.find(BAD, begin, end) < 0:
            yield each if not more else _on_line(each, each.line + more)
            continue
        yield _unmasked(each, data, marks, more)
        more += data[begin:end].count(ESCAPED_LF)


def _unmasked(each: Framed, data: Bytes, marks: Marks, more: int) -> Framed:
    if isinstance(each, Record) and data.find(BAD, each.offset, each.end) >= 0:
        raw = data[each.offset : each.end]
        return Reject(line=each.line + more, offset=each.offset, raw=raw, reason=RejectReason.BAD_ESCAPE)
    if isinstance(each, Record):
        return Record(each.line + more, each.offset, each.end, [unmasked(cell, marks) for cell in each.cells])
    return _on_line(each, each.line + more)


def _end(each: Framed) -> int:
    return each.offset + len(each.raw) if isinstance(each, Reject) else each.end


def _on_line(each: Framed, line: int) -> Framed:
    if isinstance(each, Record | Blank):
        return each._replace(line=line)
    return Reject(line=line, offset=each.offset, raw=each.raw, reason=each.reason, field=each.field)
