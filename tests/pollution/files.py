"""Pollution of the file and of the table as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pollution.bases import clean, header_of, places, rows_of, with_line, with_row
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.writing import line_of

BOM = b"\xef\xbb\xbf"


def junk(base: Base, *cells: str) -> Piece:
    """A line that is none of the table's."""
    return Piece(line_of(cells, base.style), Fate.REJECT)


def blank(base: Base) -> Piece:
    """Skipped, except where an empty line could be a row."""
    return Piece(base.style.end.encode(), Fate.REJECT if base.table.width == 1 else Fate.SKIPPED)


def other_width(base: Base) -> int:
    """Cells of a line that cannot be taken for a row."""
    return 1 if base.table.width > 1 else 2


def below_all(base: Base, *more: Piece) -> list[Piece]:
    return [*clean(base), *more]


def rejected(pieces: Sequence[Piece]) -> list[Piece]:
    """Records below a second header: of another table, as far as anybody can know."""
    return [piece if piece.fate is Fate.SKIPPED else piece._replace(fate=Fate.REJECT) for piece in pieces]


def nothing(base: Base) -> Iterator[Polluted]:
    yield Polluted("no byte", [], refused=True)
    yield Polluted("blank lines only", [blank(base)] * 2, refused=True)
    yield Polluted("a byte order mark only", [Piece(BOM, Fate.SKIPPED)], refused=True)
    yield Polluted("no header", rows_of(base), refused=True)


def little(base: Base) -> Iterator[Polluted]:
    yield Polluted("header only", [header_of(base)])
    yield Polluted("one row", clean(base)[:2])
    whole = clean(base)
    last = whole[-1]._replace(data=whole[-1].data.removesuffix(base.style.end.encode()))
    yield Polluted("no line end at the end", [*whole[:-1], last])
    yield Polluted("header only, no line end", [Piece(header_of(base).data.rstrip(), Fate.SKIPPED)])


def marks(base: Base) -> Iterator[Polluted]:
    mark = Piece(BOM, Fate.SKIPPED)
    yield Polluted("at the beginning", [mark, *clean(base)])
    yield Polluted("twice", [mark, mark, *clean(base)])
    yield Polluted("at the end", below_all(base, mark))
    for place, row in places(base):
        cells = base.table.rows[row]
        pieces = clean(base)
        pieces[row + 1] = Piece(BOM + line_of(cells, base.style), Fate.ROW, cells)
        yield Polluted(f"before the {place}", pieces)


def preamble(base: Base) -> Iterator[Polluted]:
    empty = blank(base)
    for name, line in (
        ("a title", junk(base, "Report of May")),
        ("cells", junk(base, "Report", "May", "2026")),
        ("a comment", junk(base, "# made by export 7")),
        ("a row of groups", junk(base, "group", *[""] * (base.table.width - 1))),
    ):
        yield Polluted(name, [line, *clean(base)], refused=True)
        yield Polluted(f"{name}, three times", [line] * 3 + clean(base), refused=True)
        yield Polluted(f"{name} and a blank line", [line, empty, *clean(base)], refused=True)


def footer(base: Base) -> Iterator[Polluted]:
    """Of another width than the table: one of its width is a row to everybody."""
    cells = ["Total: 7"] + ["checked"] * (other_width(base) - 1)
    lines = [junk(base, *cells), junk(base, *cells, *["n/a"] * base.table.width)]
    for name, line in zip(("a remark", "more cells"), lines, strict=True):
        yield Polluted(name, below_all(base, line))
        yield Polluted(f"{name}, below a blank line", below_all(base, blank(base), line))
        yield Polluted(f"{name}, three times", below_all(base, *[line] * 3))
    if base.table.width > 1:
        yield Polluted("the end mark of old systems", below_all(base, Piece(b"\x1a", Fate.REJECT)))
    yield Polluted("NULs up to a block's end", below_all(base, Piece(b"\0" * 9, Fate.REJECT)))


def between(base: Base) -> Iterator[Polluted]:
    line = junk(base, *["# see below"] * other_width(base))
    for place, row in places(base):
        yield Polluted(f"below the {place}", with_line(base, row + 1, line))
    yield Polluted("below the header", with_line(base, 0, line))


def header_again(base: Base) -> Iterator[Polluted]:
    """Directly below the header it is a reject; below a row, it and what follows are."""
    again = header_of(base)._replace(fate=Fate.REJECT)
    yield Polluted("below the header", with_line(base, 0, again))
    yield Polluted("twice below the header", with_line(base, 0, again, again))
    for place, row in places(base):
        pieces = clean(base)
        yield Polluted(f"below the {place}", [*pieces[: row + 2], again, *rejected(pieces[row + 2 :])])


def second_table(base: Base) -> Iterator[Polluted]:
    width = base.table.width
    again = header_of(base)._replace(fate=Fate.REJECT)
    same = [again, *(junk(base, *[f"other {row}"] * width) for row in range(3))]
    tables = {"the same columns": same, "more columns": _other_table(base, width + 1)}
    if width > 1:
        tables["fewer columns"] = _other_table(base, width - 1)
    for name, lines in tables.items():
        yield Polluted(name, below_all(base, *lines))
        yield Polluted(f"{name}, below a blank line", below_all(base, blank(base), *lines))


def _other_table(base: Base, width: int) -> list[Piece]:
    lines = [[f"{word}{column}" for column in range(width)] for word in ("k", "1.", "2.")]
    return [junk(base, *line) for line in lines]


def joined_files(base: Base) -> Iterator[Polluted]:
    """Two files, one behind the other, as ``cat`` makes them."""
    for name, first in (("", BOM), ("without a mark", b"")):
        again = [Piece(first + header_of(base).data, Fate.REJECT)]
        rows = [piece._replace(fate=Fate.REJECT, row=None) for piece in rows_of(base)]
        yield Polluted(name or "with a mark", [Piece(first, Fate.SKIPPED), *clean(base), *again, *rows])


def blank_lines(base: Base) -> Iterator[Polluted]:
    empty = blank(base)
    yield Polluted("above the header", [Piece(empty.data, Fate.SKIPPED), *clean(base)])
    yield Polluted("below the header", with_line(base, 0, empty))
    yield Polluted("at the end", below_all(base, empty, empty))
    for place, row in places(base):
        yield Polluted(f"below the {place}", with_line(base, row + 1, empty, empty))
    pieces = clean(base)
    yield Polluted("everywhere", [pieces[0], *(each for piece in pieces[1:] for each in (empty, piece))])


def lines_of_blanks(base: Base) -> Iterator[Polluted]:
    if base.table.width == 1:
        return
    line = Piece(b"   " + base.style.end.encode(), Fate.REJECT)
    for place, row in places(base):
        yield Polluted(f"below the {place}", with_line(base, row + 1, line))


def lines_of_delimiters(base: Base) -> Iterator[Polluted]:
    """A spreadsheet makes them below its data: they are rejects, unless the contract says otherwise."""
    if base.table.width == 1:
        return
    line = Piece((base.style.delimiter * (base.table.width - 1) + base.style.end).encode(), Fate.REJECT)
    for place, row in places(base):
        yield Polluted(f"below the {place}", with_line(base, row + 1, line))


def encodings(base: Base) -> Iterator[Polluted]:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
        yield Polluted(encoding, _encoded(base, encoding), refused=True)
    for encoding in ("cp1252", "cp1251", "shift_jis", "cp437"):
        try:
            pieces = _encoded(base, encoding)
        except UnicodeEncodeError:
            continue
        if not all(piece.data.isascii() for piece in pieces):
            yield Polluted(encoding, pieces, refused=True)


def _encoded(base: Base, encoding: str) -> list[Piece]:
    """Encoded as a whole, so that a mark stands at the beginning only."""
    pieces = clean(base)
    text = "".join(piece.data.decode() for piece in pieces)
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece.data.decode()))
    cuts = [len(text[:end].encode(encoding)) if end else 0 for end in ends]
    data = text.encode(encoding)
    return [
        piece._replace(data=data[begin:end])
        for piece, (begin, end) in zip(pieces, pairwise(cuts), strict=True)
    ]


def bad_bytes(base: Base) -> Iterator[Polluted]:
    for name, some in (
        ("a byte of no meaning", b"\xff"),
        ("an overlong form", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("half a character", b"\xe2\x82"),
    ):
        for place, row in places(base):
            pieces = clean(base)
            data = pieces[row + 1].data
            damaged = data[: len(data) // 2].decode(errors="ignore").encode()
            pieces[row + 1] = pieces[row + 1]._replace(data=damaged + some + data[len(damaged) :])
            yield Polluted(f"{name}, {place}", pieces, refused=True)
    yield Polluted("first of all", [Piece(b"\xff", Fate.REJECT), *clean(base)], refused=True)
    yield Polluted("last of all", below_all(base, Piece(b"\xe2\x82", Fate.REJECT)), refused=True)


def nuls(base: Base) -> Iterator[Polluted]:
    for place, row in places(base):
        end = base.style.end.encode()
        data = clean(base)[row + 1].data.removesuffix(end)
        yield Polluted(f"at the end of the {place}", with_row(base, row, data + b"\0" + end, opens=True))
        yield Polluted(
            f"at the beginning of the {place}", with_row(base, row, b"\0" + data + end, opens=True)
        )
    pieces = clean(base)
    yield Polluted("in the header", [Piece(b"\0" + pieces[0].data, Fate.SKIPPED), *pieces[1:]], refused=True)


def cut(base: Base) -> Iterator[Polluted]:
    """Broken off so that a cell is missing; in the midst of the last cell, nobody could tell."""
    last = len(base.table.rows) - 1
    line = clean(base)[-1].data
    if base.table.width > 1:
        begin = line.rindex(base.style.delimiter.encode())
        if line.count(base.style.quote.encode(), 0, begin) % 2 == 0:
            yield Polluted("before the last delimiter", with_row(base, last, line[:begin], opens=True))
    if line.endswith(b'"\n'):
        yield Polluted("before the last quote", with_row(base, last, line[:-2], opens=True))


FILES: dict[str, Pollution] = {
    "nothing to read": nothing,
    "little to read": little,
    "byte order mark": marks,
    "preamble": preamble,
    "footer": footer,
    "remark between rows": between,
    "header again": header_again,
    "second table": second_table,
    "joined files": joined_files,
    "blank lines": blank_lines,
    "lines of blanks": lines_of_blanks,
    "lines of delimiters": lines_of_delimiters,
    "other encoding": encodings,
    "not UTF-8": bad_bytes,
    "NUL": nuls,
    "cut off": cut,
}
