"""Pollution of line ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pollution.bases import cells, clean, header_of, loosened, places, rows_of, with_cell, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution


def ended(piece: Piece, end: bytes) -> Piece:
    return piece._replace(data=piece.data.removesuffix(b"\n") + end)


def crlf(base: Base) -> Iterator[Polluted]:
    yield Polluted("everywhere", [ended(piece, b"\r\n") for piece in clean(base)])
    mixed = [ended(piece, (b"\n", b"\r\n")[number % 2]) for number, piece in enumerate(clean(base))]
    yield Polluted("mixed with LF", mixed)
    yield Polluted("in the header only", [ended(header_of(base), b"\r\n"), *rows_of(base)])
    yield Polluted(
        "not in the header", [header_of(base), *(ended(piece, b"\r\n") for piece in rows_of(base))]
    )
    for place, row in places(base):
        pieces = clean(base)
        pieces[row + 1] = ended(pieces[row + 1], b"\r\n")
        yield Polluted(f"in the {place} only", pieces)


def separators(base: Base) -> Iterator[Polluted]:
    """Marks that end lines for some programs, and none in CSV: the whole file is one line, and no header."""
    for end in ("\r", "\x0b", "\x0c", "\x1e", "\x85", "\u2028", "\r\r\n", "\\n", ";"):
        pieces = [ended(piece, end.encode()) for piece in clean(base)]
        yield Polluted(repr(end), pieces, refused=True)


def lfcr(base: Base) -> Iterator[Polluted]:
    """Every CR then stands before the next row; the last one on a line of its own."""
    pieces = [ended(piece, b"\n") for piece in clean(base)]
    rows = [piece._replace(data=b"\r" + piece.data, fate=Fate.REJECT) for piece in pieces[1:]]
    yield Polluted("everywhere", [pieces[0], *rows, Piece(b"\r", Fate.REJECT)])


def lone_cr(base: Base) -> Iterator[Polluted]:
    """Instead of a row's end it draws the next row into the same record, and both are rejects."""
    header, *rows = clean(base)
    yield Polluted("behind the header", [ended(header, b"\r"), *rows], refused=True)
    for place, row in places(base):
        pieces = clean(base)
        pieces[row + 1] = ended(pieces[row + 1], b"\r")._replace(fate=Fate.REJECT)
        if row + 2 < len(pieces):
            pieces[row + 2] = pieces[row + 2]._replace(fate=Fate.REJECT)
        quoted = b'"' in b"".join(piece.data for piece in pieces[row + 1 : row + 3])
        yield Polluted(f"behind the {place}", loosened(base, pieces, row + 1) if quoted else pieces)
    for where, row, column in cells(base):
        data = with_cell(base, row, column, "so\rme")
        yield Polluted(f"in the {where}", with_row(base, row, data, opens=True))


def doubled_cr(base: Base) -> Iterator[Polluted]:
    for place, row in places(base):
        line = clean(base)[row + 1].data.removesuffix(b"\n")
        yield Polluted(place, with_row(base, row, line + b"\r\r\n", opens=True))


def crlf_in_quotes(base: Base) -> Iterator[Polluted]:
    """Line breaks in quoted cells are content, whatever ends the records."""
    for where, row, column in cells(base):
        for text in ("a\r\nb", "a\nb", "a\rb", "\r", "\n"):
            row_ = (*base.table.rows[row][:column], text, *base.table.rows[row][column + 1 :])
            table = replace(base.table, rows=(*base.table.rows[:row], row_, *base.table.rows[row + 1 :]))
            pieces = clean(replace(base, table=table))
            yield Polluted(f"{text!r}, {where}", [ended(piece, b"\r\n") for piece in pieces])


LINE_ENDS: dict[str, Pollution] = {
    "CRLF": crlf,
    "other line ends": separators,
    "LFCR": lfcr,
    "lone CR": lone_cr,
    "CRCRLF": doubled_cr,
    "line break in quotes": crlf_in_quotes,
}
