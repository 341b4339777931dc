"""Pollution of a record's structure: too few or too many cells, line breaks, blanks."""

from __future__ import annotations

from collections.abc import Iterator

from pollution.bases import cells, clean, columns, joined, places, with_cell, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.writing import cells_of, line_of, needs_quotes


def too_few(base: Base) -> Iterator[Polluted]:
    if base.table.width == 1:
        return
    for where, row, column in cells(base):
        parts = cells_of(base.table.rows[row], base.style)
        fewer = [*parts[:column], *parts[column + 1 :]]
        if fewer != [""]:
            yield Polluted(f"without the {where}", with_row(base, row, joined(base, fewer)))
    for place, row in places(base):
        first = cells_of(base.table.rows[row][:1], base.style)
        yield Polluted(f"only the first cell, {place}", with_row(base, row, joined(base, first)))


def too_many(base: Base) -> Iterator[Polluted]:
    for where, row, column in cells(base):
        parts = cells_of(base.table.rows[row], base.style)
        for name, cell in (("one", "more"), ("a quoted one", '"more"'), ("one of two lines", '"mo\nre"')):
            added = [*parts[:column], cell, *parts[column:]]
            yield Polluted(f"{name} before the {where}", with_row(base, row, joined(base, added)))


def line_break(base: Base, mark: str, *, outer: bool) -> Iterator[Polluted]:
    last = base.table.width - 1
    for where, row, column in cells(base):
        if base.table.width > 1 and outer == (column in (0, last)):
            data = with_cell(base, row, column, f"some{mark}more")
            yield Polluted(f"{mark!r}, {where}", with_row(base, row, data, opens=True))


def inner_break(base: Base) -> Iterator[Polluted]:
    for mark in ("\n", "\r\n", "\n\n", "\\\n"):
        yield from line_break(base, mark, outer=False)


def outer_break(base: Base) -> Iterator[Polluted]:
    """What is left of the record on one of its lines has the right width, and looks like a row.

    Only the other line shows that something is wrong: such a file is safe where no reject is allowed.
    """
    yield from line_break(base, "\n", outer=True)


def blanks(base: Base) -> Iterator[Polluted]:
    """Blanks around an unquoted cell are content (RFC 4180). None is taken away."""
    for where, row, column in cells(base):
        text = base.table.rows[row][column]
        if needs_quotes(text, base.style) or (base.table.width == 1 and not text):
            continue
        for before, after in ((" ", ""), ("", "  "), ("\u00a0", "\u3000")):
            padded = before + text + after
            pieces = clean(base)
            cells_ = (*base.table.rows[row][:column], padded, *base.table.rows[row][column + 1 :])
            pieces[row + 1] = Piece(line_of(cells_, base.style), Fate.ROW, cells_)
            yield Polluted(f"{before!r} and {after!r}, {where}", pieces)


def long_cell(base: Base) -> Iterator[Polluted]:
    """Longer than any block or window that a reader looks at in one go."""
    for place, row in places(base):
        for name, column in columns(base):
            text = "long, " * 11_000
            row_ = (*base.table.rows[row][:column], text, *base.table.rows[row][column + 1 :])
            pieces = clean(base)
            pieces[row + 1] = Piece(line_of(row_, base.style), Fate.ROW, row_)
            yield Polluted(f"{place}, {name}", pieces)


RECORDS: dict[str, Pollution] = {
    "cells too few": too_few,
    "cells too many": too_many,
    "line break in an inner cell": inner_break,
    "line break in an outer cell": outer_break,
    "blanks around a cell": blanks,
    "long cell": long_cell,
}
