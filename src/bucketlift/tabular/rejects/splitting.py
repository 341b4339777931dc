"""Splits a reject's bytes into the cells of its fields, if the order of the fields is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bucketlift.model.contract import Dialect
from bucketlift.model.mending import Shape
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.bytes.marks import CR, NUL, Marks
from bucketlift.tabular.csv.cells import Fault, cell_at
from bucketlift.tabular.decode.escapes import content as content_of
from bucketlift.tabular.decode.rewriting import BAD, Rewriting

_NOTHING_KNOWN = frozenset({RejectReason.REPEATED_HEADER, RejectReason.TOO_LONG, RejectReason.BLANK_LINE})
"""The reasons of rejects that are not records, or whose cells are not useful."""
_NEVER_WHOLE = frozenset({RejectReason.INSIDE_BROKEN_RECORD, RejectReason.UNNAMED_CELL})
"""The reasons of rejects that may look complete, but may be a part of a cell, or may have a value that no
field accepts.
"""

Cells = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitter:
    """Splits the rejects of one file."""

    fields: Sequence[str]
    dialect: Dialect
    """The dialect with which the file was read."""
    shape: Shape | None
    """The columns of the fields; None if their order is not known."""

    def text(self, reject: Reject) -> str:
        """The record's text without its line end. Bytes that cannot be decoded are shown as U+FFFD."""
        return _decoded(reject.raw, self.dialect.encoding).removesuffix("\n").removesuffix("\r")

    def cells(self, reject: Reject) -> Cells:
        """The cell of each field; None for a cell that is not known.

        If the record broke a quote or line rule, at least one cell is None, so that the record cannot be
        loaded unchecked.
        """
        unknown: Cells = dict.fromkeys(self.fields)
        if self.shape is None or reject.reason in _NOTHING_KNOWN:
            return unknown
        found, whole = self._split(reject)
        whole = whole and reject.reason not in _NEVER_WHOLE
        columns = self.shape.columns
        cells = {name: self._cell(found, columns[name]) for name in self.fields if name in columns}
        if not whole and cells and None not in cells.values():
            cells[max(cells, key=lambda name: columns[name] or 0)] = None
        return unknown | cells

    def _cell(self, found: Sequence[str | None], column: int | None) -> str | None:
        if column is None:
            return ""
        return found[column] if column < len(found) else None

    def _split(self, reject: Reject) -> tuple[list[str | None], bool]:
        """Split the reject from the left. Returns the cells, and whether these are the complete record."""
        assert self.shape is not None  # noqa: S101 - the caller has checked it
        marks = Marks.of(self.dialect)
        data = _framed(_decoded(reject.raw, self.dialect.encoding), self.dialect)
        found, at, last = list[str | None](), 0, False
        while not last and len(found) <= self.shape.width:
            cell = cell_at(data, marks, at)
            if isinstance(cell, Fault):
                return found[: self.shape.width - 1], False
            content = data[cell.start : cell.stop]
            if cell.quoted and marks.quote is not None:
                content = content.replace(marks.quote * 2, marks.quote)
            damaged = NUL in content or BAD in content or (CR in content and not cell.quoted)
            found.append(None if damaged else content_of(content, marks).decode("utf-8"))
            at, last = cell.after, cell.last
        if len(found) > self.shape.width:
            return found[: self.shape.width - 1], False
        return found, len(found) == self.shape.width and at == len(data) and None not in found


def _decoded(raw: bytes, encoding: str) -> str:
    kind = charset(encoding)
    if not kind.marked:
        return raw.decode(kind.name, "replace")
    # Only the file's start has the mark. Most characters of a table have a zero high byte.
    little = raw[1 :: kind.unit].count(0) >= raw[kind.unit - 2 :: kind.unit].count(0)
    return raw.decode(f"{kind.name}-{'le' if little else 'be'}", "replace")


def _framed(text: str, dialect: Dialect) -> bytes:
    """The text with the characters that are used to split it in place of the delimiter and quote."""
    rewriting = Rewriting.of(dialect)
    return (text if rewriting is None else rewriting.whole(text)).encode("utf-8", "surrogateescape")
