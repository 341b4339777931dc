"""Pollution by quotes: missing, stray, not doubled, and other ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pollution.bases import cells, clean, columns, joined, places, with_cell, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.writing import Style, cells_of, line_of, quoted

Damage = Callable[[str, Style], str]
"""A cell's text as it is wrongly written."""


def in_cells(damage: Damage) -> Pollution:
    """Damage one cell at a time. A cell without text is given some, so that there is something to damage."""

    def pollute(base: Base) -> Iterator[Polluted]:
        for where, row, column in cells(base):
            text = base.table.rows[row][column] or "some"
            data = with_cell(base, row, column, damage(text, base.style))
            yield Polluted(where, with_row(base, row, data, opens=True))

    return pollute


def in_plain_cells(damage: Damage) -> Pollution:
    """The same, for cells whose text needs no quotes and stands on one line."""

    def pollute(base: Base) -> Iterator[Polluted]:
        for where, row, column in cells(base):
            text = base.table.rows[row][column] or "some"
            if not any(mark in text for mark in ('"', "\r", "\n", base.style.delimiter)):
                data = with_cell(base, row, column, damage(text, base.style))
                yield Polluted(where, with_row(base, row, data, opens=True))

    return pollute


def _halves(text: str) -> tuple[str, str]:
    middle = max(1, len(text) // 2)
    return text[:middle], text[middle:]


def _inside(text: str, mark: str) -> str:
    first, second = _halves(text)
    return first + mark + second


def _undoubled(text: str, style: Style) -> str:
    first, second = _halves(text)
    return quoted(first, style)[:-1] + '"' + quoted(f"x{second}", style)[1:]


def _around(before: str, after: str) -> Damage:
    return lambda text, style: before + quoted(text, style) + after


_unclosed = in_cells(lambda text, style: quoted(text, style)[:-1])


def _of_several_lines(base: Base, where: str) -> bool:
    column = dict(columns(base))[where.split(", ")[1]]
    return where.startswith("last row") and "\n" in base.table.rows[-1][column]


def closing_missing(base: Base) -> Iterator[Polluted]:
    return (each for each in _unclosed(base) if not _of_several_lines(base, each.where))


def last_closing_missing(base: Base) -> Iterator[Polluted]:
    """Of a cell of several lines, with no quote below it: nothing tells that the other lines belong to it."""
    return (each for each in _unclosed(base) if _of_several_lines(base, each.where))


def other_in_a_row(base: Base) -> Iterator[Polluted]:
    """A cell with a delimiter in it, quoted with a mark that is none."""
    for other in ("'", "`", "\u201d"):
        for place, row in places(base):
            for name, column in columns(base):
                written = f"{other}a{base.style.delimiter}b{other}"
                data = with_cell(base, row, column, written)
                yield Polluted(f"{other}, {place}, {name}", with_row(base, row, data))


def other_everywhere(base: Base) -> Iterator[Polluted]:
    for other in ("'", "`", "\u201d", '""'):
        style = replace(base.style, quote=other, all_quoted=True)
        header = Piece(line_of(base.table.names, style), Fate.SKIPPED)
        rows = [Piece(line_of(row, style), Fate.ROW, row) for row in base.table.rows]
        yield Polluted(other, [header, *rows], refused=True)


def line_in_quotes(base: Base) -> Iterator[Polluted]:
    """A whole line in quotes, as spreadsheets make it of a file that was opened with another delimiter."""
    if base.table.width == 1:
        return
    for place, row in places(base):
        written = quoted(line_of(base.table.rows[row], base.style).decode().rstrip("\n"), base.style)
        yield Polluted(place, with_row(base, row, joined(base, [written]), opens=True))
    lines = [quoted(piece.data.decode().rstrip("\n"), base.style) for piece in clean(base)]
    pieces = [
        piece._replace(data=joined(base, [line])) for piece, line in zip(clean(base), lines, strict=True)
    ]
    yield Polluted("every line", pieces, refused=True)


def at_the_end(base: Base) -> Iterator[Polluted]:
    yield Polluted("on a line of its own", [*clean(base), Piece(b'"', Fate.REJECT)])
    yield Polluted("with a line end", [*clean(base), Piece(b'"\n', Fate.REJECT)])
    last = len(base.table.rows) - 1
    line = clean(base)[-1].data.removesuffix(b"\n")
    yield Polluted("behind the last row", with_row(base, last, line + b'"', opens=True))


def header_quotes(base: Base) -> Iterator[Polluted]:
    for name, column in columns(base):
        for word, damage in (
            ("missing close", lambda text: f'"{text}'),
            ("missing open", lambda text: f'{text}"'),
        ):
            parts = cells_of(base.table.names, base.style)
            parts[column] = damage(base.table.names[column])
            header = Piece(joined(base, parts), Fate.SKIPPED)
            yield Polluted(f"{word}, {name}", [header, *clean(base)[1:]], refused=True)


QUOTES: dict[str, Pollution] = {
    "closing quote missing": closing_missing,
    "last closing quote missing": last_closing_missing,
    "opening quote missing": in_plain_cells(lambda text, _: f'{text}"'),
    "stray quote in an unquoted cell": in_plain_cells(lambda text, _: _inside(text, '"')),
    "quote not doubled": in_cells(_undoubled),
    "text before the opening quote": in_cells(_around("some", "")),
    "text behind the closing quote": in_cells(_around("", "some")),
    "blank before the opening quote": in_cells(_around(" ", "")),
    "blank behind the closing quote": in_cells(_around("", " ")),
    "other quote in a row": other_in_a_row,
    "other quote everywhere": other_everywhere,
    "line in quotes": line_in_quotes,
    "quote at the end": at_the_end,
    "quotes of the header": header_quotes,
}
