"""Clean files, places in them, and what is left of them when one row is damaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pollution.case import Base, Fate, Piece
from pollution.tables import MARKS, NOTES, PEOPLE, TABLES
from pollution.writing import Style, cells_of, line_of

CSV = Style()
TSV = Style(delimiter="\t")

BASES = (
    *(Base(table=table, style=style) for table in TABLES for style in (CSV, TSV)),
    *(Base(table=table, style=Style(all_quoted=True)) for table in (PEOPLE, NOTES, MARKS)),
)


def header_of(base: Base) -> Piece:
    return Piece(line_of(base.table.names, base.style), Fate.SKIPPED)


def rows_of(base: Base) -> list[Piece]:
    return [Piece(line_of(row, base.style), Fate.ROW, row) for row in base.table.rows]


def clean(base: Base) -> list[Piece]:
    return [header_of(base), *rows_of(base)]


def places(base: Base) -> Iterator[tuple[str, int]]:
    """Rows, by number: the first, a middle one, the last."""
    last = len(base.table.rows) - 1
    yield from (("first row", 0), ("middle row", last // 2), ("last row", last))


def columns(base: Base) -> Iterator[tuple[str, int]]:
    """Columns, by number; each once in a narrow table."""
    last = base.table.width - 1
    named = {last: "last cell", last // 2: "middle cell", 0: "first cell"}
    yield from ((name, column) for column, name in sorted(named.items()))


def cells(base: Base) -> Iterator[tuple[str, int, int]]:
    for place, row in places(base):
        for name, column in columns(base):
            yield f"{place}, {name}", row, column


def with_cell(base: Base, row: int, column: int, written: str) -> bytes:
    """The line of a row in which one cell is written otherwise."""
    parts = cells_of(base.table.rows[row], base.style)
    parts[column] = written
    return joined(base, parts)


def joined(base: Base, parts: Sequence[str]) -> bytes:
    return (base.style.delimiter.join(parts) + base.style.end).encode()


def with_row(base: Base, row: int, data: bytes, *, opens: bool = False) -> list[Piece]:
    """The file with one row damaged. ``opens``: a quote in it may have been left open."""
    pieces = clean(base)
    pieces[row + 1] = Piece(data, Fate.REJECT, base.table.rows[row])
    return loosened(base, pieces, row + 1) if opens and base.style.quote.encode() in data else pieces


def with_line(base: Base, after: int, *lines: Piece) -> list[Piece]:
    """The file with lines put in below so many of its rows."""
    pieces = clean(base)
    return [*pieces[: after + 1], *lines, *pieces[after + 1 :]]


def loosened(base: Base, pieces: Sequence[Piece], damaged: int) -> list[Piece]:
    """Below an open quote, nothing down to the file's last quote need be accepted: it may stand inside a cell."""
    quote = base.style.quote.encode()
    last = max(number for number, piece in enumerate(pieces) if number == damaged or quote in piece.data)
    return [
        piece._replace(fate=Fate.EITHER)
        if damaged < number <= last and piece.fate is not Fate.REJECT
        else piece
        for number, piece in enumerate(pieces)
    ]
