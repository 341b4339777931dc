"""Pollution by escape characters: a quote or a delimiter that is not quoted but escaped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pollution.bases import cells, clean, header_of, with_cell, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.writing import line_of, quoted

ESCAPES = ("\\", "/", "~")


def quotes(base: Base) -> Iterator[Polluted]:
    for escape in ESCAPES:
        style = replace(base.style, escape=escape)
        for where, row, column in cells(base):
            for name, text in (("inside", 'a "b" c'), ("at the beginning", '"b c'), ("at the end", 'b c"')):
                data = with_cell(base, row, column, quoted(text, style))
                yield Polluted(f"{escape} {name}, {where}", with_row(base, row, data, opens=True))


def quotes_everywhere(base: Base) -> Iterator[Polluted]:
    """In every row, the first cell holds an escaped quote."""
    for escape in ESCAPES:
        style = replace(base.style, escape=escape)
        for text in ('a "b" c', 'b c"'):
            pieces = [header_of(base)]
            for row in range(len(base.table.rows)):
                data = with_cell(base, row, 0, quoted(text, style))
                pieces.append(Piece(data, Fate.REJECT, base.table.rows[row]))
            yield Polluted(f"{escape}, {text}", pieces)


def delimiters(base: Base) -> Iterator[Polluted]:
    for escape in ESCAPES:
        for where, row, column in cells(base):
            data = with_cell(base, row, column, f"a{escape}{base.style.delimiter}b")
            yield Polluted(f"{escape}, {where}", with_row(base, row, data))


def content(base: Base) -> Iterator[Polluted]:
    """A backslash is a character like others where it is no escape: also as the last one in quotes."""
    for where, row, column in cells(base):
        for text in ("C:\\", "\\N", "a\\tb", "\\\\"):
            row_ = (*base.table.rows[row][:column], text, *base.table.rows[row][column + 1 :])
            pieces = clean(base)
            pieces[row + 1] = Piece(with_cell(base, row, column, quoted(text, base.style)), Fate.ROW, row_)
            yield Polluted(f"{text}, quoted, {where}", pieces)
            pieces = clean(base)
            pieces[row + 1] = Piece(line_of(row_, base.style), Fate.ROW, row_)
            yield Polluted(f"{text}, {where}", pieces)


ESCAPED: dict[str, Pollution] = {
    "escaped quote": quotes,
    "escaped quotes everywhere": quotes_everywhere,
    "escaped delimiter": delimiters,
    "backslash as content": content,
}
