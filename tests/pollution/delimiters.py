"""Pollution by delimiters: other ones, too few, too many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pollution.bases import cells, clean, header_of, joined, places, rows_of, with_cell, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.writing import cells_of, line_of, needs_quotes

OTHERS = (",", ";", "|", "\t", " ", ":", "\t\t", "\\t", "\x1f", "\u00a0")


def other_everywhere(base: Base) -> Iterator[Polluted]:
    if base.table.width == 1:
        return
    for other in OTHERS:
        if other != base.style.delimiter:
            style = replace(base.style, delimiter=other)
            header = Piece(line_of(base.table.names, style), Fate.SKIPPED)
            rows = [Piece(line_of(row, style), Fate.ROW, row) for row in base.table.rows]
            yield Polluted(repr(other), [header, *rows], refused=True)


def other_in_rows_only(base: Base) -> Iterator[Polluted]:
    if base.table.width == 1:
        return
    for other in OTHERS:
        style = replace(base.style, delimiter=other)
        lines = [line_of(row, style) for row in base.table.rows]
        if other != base.style.delimiter and not any(_looks_right(base, line) for line in lines):
            pieces = [Piece(line, Fate.REJECT, row) for line, row in zip(lines, base.table.rows, strict=True)]
            yield Polluted(repr(other), [header_of(base), *pieces])


def other_in_a_row(base: Base) -> Iterator[Polluted]:
    if base.table.width == 1:
        return
    for other in OTHERS:
        for place, row in places(base):
            line = line_of(base.table.rows[row], replace(base.style, delimiter=other))
            if other != base.style.delimiter and not _looks_right(base, line):
                yield Polluted(f"{other!r}, {place}", with_row(base, row, line, opens=True))


def _looks_right(base: Base, line: bytes) -> bool:
    """Whether the text of its cells gives a line the number of cells that a row has: then nobody can tell."""
    return any(
        each.count(base.style.delimiter.encode()) == base.table.width - 1 for each in line.split(b"\n")
    )


def one_less(base: Base) -> Iterator[Polluted]:
    for where, row, column in cells(base):
        parts = cells_of(base.table.rows[row], base.style)
        if column + 1 < len(parts):
            fewer = [*parts[:column], parts[column] + parts[column + 1], *parts[column + 2 :]]
            yield Polluted(where, with_row(base, row, joined(base, fewer), opens=True))


def more(base: Base) -> Iterator[Polluted]:
    for where, row, column in cells(base):
        parts = cells_of(base.table.rows[row], base.style)
        for count in (1, 2, 15):
            added = [*parts[:column], *[""] * count, *parts[column:]]
            yield Polluted(f"{count} before the {where}", with_row(base, row, joined(base, added)))
    for place, row in places(base):
        added = [*cells_of(base.table.rows[row], base.style), ""]
        yield Polluted(f"at the end of the {place}", with_row(base, row, joined(base, added)))


def at_each_end(base: Base) -> Iterator[Polluted]:
    """A delimiter behind the last cell of every line, as some exports have it."""
    end, delimiter = base.style.end.encode(), base.style.delimiter.encode()
    rows = [piece._replace(data=piece.data.removesuffix(end) + delimiter + end) for piece in rows_of(base)]
    header = header_of(base)
    longer = header._replace(data=header.data.removesuffix(end) + delimiter + end)
    yield Polluted("the header too", [longer, *rows], refused=True)
    yield Polluted("not the header", [header, *(piece._replace(fate=Fate.REJECT) for piece in rows)])
    yield Polluted("the header only", [longer, *rows_of(base)], refused=True)


def not_quoted(base: Base) -> Iterator[Polluted]:
    """A delimiter in a cell that should have been quoted for it."""
    plain = replace(base.style, all_quoted=False)
    for where, row, column in cells(base):
        text = base.table.rows[row][column]
        if '"' not in text and "\n" not in text and "\r" not in text:
            written = text if needs_quotes(text, plain) else f"{text}{base.style.delimiter}{text}"
            yield Polluted(where, with_row(base, row, with_cell(base, row, column, written)))


def blank_behind(base: Base) -> Iterator[Polluted]:
    """Blanks are content (RFC 4180), so a cell is read with the one before it. Before a quote one is illegal."""
    if base.table.width == 1:
        return
    style = replace(base.style, delimiter=base.style.delimiter + " ")
    header = Piece(line_of(base.table.names, style), Fate.SKIPPED)
    if base.style.all_quoted:
        yield Polluted("all cells quoted", [header, *clean(base)[1:]], refused=True)
        return
    pieces = []
    for row in base.table.rows:
        parts = cells_of(row, base.style)
        line = joined(base, [parts[0], *(f" {part}" for part in parts[1:])])
        if not any(part[:1] == '"' for part in parts[1:]):
            pieces.append(Piece(line, Fate.ROW, (row[0], *(f" {text}" for text in row[1:]))))
    yield Polluted("rows without quotes", [header, *pieces])


DELIMITERS: dict[str, Pollution] = {
    "other delimiter everywhere": other_everywhere,
    "other delimiter in all rows": other_in_rows_only,
    "other delimiter in a row": other_in_a_row,
    "delimiter missing": one_less,
    "delimiters too many": more,
    "delimiter at each end": at_each_end,
    "delimiter in an unquoted cell": not_quoted,
    "blank behind each delimiter": blank_behind,
}
