"""Pollution of the header row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pollution.bases import columns, header_of, rows_of
from pollution.case import Base, Fate, Piece, Polluted, Pollution
from pollution.tables import Table
from pollution.writing import line_of


def named(base: Base, names: Sequence[str]) -> list[Piece]:
    """The file with other names above the same rows."""
    return [Piece(line_of(names, base.style), Fate.SKIPPED), *rows_of(base)]


def with_name(base: Base, column: int, name: str) -> list[Piece]:
    names = base.table.names
    return named(base, (*names[:column], name, *names[column + 1 :]))


def other_names(base: Base) -> Iterator[Polluted]:
    for place, column in columns(base):
        name = base.table.names[column]
        yield Polluted(f"blank, {place}", with_name(base, column, ""), refused=True)
        yield Polluted(f"of blanks, {place}", with_name(base, column, "  "), refused=True)
        yield Polluted(f"another, {place}", with_name(base, column, "qqq"), refused=True)
        yield Polluted(f"a letter more, {place}", with_name(base, column, f"{name}x"), refused=True)
        yield Polluted(f"of two lines, {place}", with_name(base, column, f"{name}\nx"), refused=True)
        yield Polluted(f"very long, {place}", with_name(base, column, name * 100_000), refused=True)


def spelling(base: Base) -> Iterator[Polluted]:
    """Case and blanks around a name are accepted, and told."""
    names = base.table.names
    yield Polluted("upper case", named(base, [name.upper() for name in names]))
    yield Polluted("blanks around", named(base, [f" {name} " for name in names]))
    yield Polluted(
        "quoted", named(replace(base, style=replace(base.style, all_quoted=True)), names)[:1] + rows_of(base)
    )


def twice(base: Base) -> Iterator[Polluted]:
    names = base.table.names
    for place, column in columns(base):
        other = names[column - 1]
        if base.table.width > 1:
            yield Polluted(f"instead of the {place}", with_name(base, column, other), refused=True)
            yield Polluted(f"by case, {place}", with_name(base, column, other.upper()), refused=True)
        rows = [(*row, row[column]) for row in base.table.rows]
        yield Polluted(f"the {place} again", _table(base, (*names, names[column]), rows), refused=True)


def other_columns(base: Base) -> Iterator[Polluted]:
    names, rows = base.table.names, base.table.rows
    for place, column in columns(base):
        more = [(*row[:column], f"x{number}", *row[column:]) for number, row in enumerate(rows)]
        wider = (*names[:column], "extra", *names[column:])
        yield Polluted(f"one more, {place}", _table(base, wider, more), refused=True)
        if base.table.width > 1:
            fewer = [(*row[:column], *row[column + 1 :]) for row in rows]
            narrower = (*names[:column], *names[column + 1 :])
            yield Polluted(f"without the {place}", _table(base, narrower, fewer), refused=True)
            yield Polluted(f"name of the {place} missing", named(base, narrower), refused=True)
        yield Polluted(f"name too many, {place}", named(base, wider), refused=True)


def reordered(base: Base) -> Iterator[Polluted]:
    """Columns are found by their names."""
    if base.table.width == 1:
        return
    table = Table(
        name=base.table.name,
        names=base.table.names[::-1],
        rows=tuple(row[::-1] for row in base.table.rows),
    )
    other = replace(base, table=table)
    rows = [piece._replace(row=row) for piece, row in zip(rows_of(other), base.table.rows, strict=True)]
    yield Polluted("backwards", [header_of(other), *rows])


def broken(base: Base) -> Iterator[Polluted]:
    for place, column in columns(base):
        names = list(base.table.names)
        name = names[column]
        for word, other in (("line break", f"{name[:1]}\n{name[1:]}"), ("lone CR", f"{name}\rx")):
            names[column] = other
            line = (base.style.delimiter.join(names) + base.style.end).encode()
            yield Polluted(f"{word}, {place}", [Piece(line, Fate.SKIPPED), *rows_of(base)], refused=True)


def _table(base: Base, names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Piece]:
    """Other names and rows, of which none is the base's."""
    lines = [Piece(line_of(row, base.style), Fate.REJECT) for row in rows]
    return [Piece(line_of(names, base.style), Fate.SKIPPED), *lines]


HEADERS: dict[str, Pollution] = {
    "other names": other_names,
    "spelling of names": spelling,
    "name twice": twice,
    "other columns": other_columns,
    "columns reordered": reordered,
    "broken header": broken,
}
