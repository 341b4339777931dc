"""The tables that pollution is put into. Within a table no row is there twice, so that each can be told apart."""

from __future__ import annotations

from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    name: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return len(self.names)


PEOPLE = Table(
    name="people",
    names=("id", "name", "city"),
    rows=(
        ("1", "Ann", "Oslo"),
        ("2", "Bob", "Rome"),
        ("3", "Cid", ""),
        ("4", "Dee", "Lima"),
        ("5", "Eve", "Bern"),
        ("6", "Fay", "Kyiv"),
        ("7", "Gus", "Baku"),
    ),
)
PRICES = Table(
    name="prices",
    names=("article", "price", "weight", "valid from"),
    rows=(
        ("A-100", "1,234.50", "0.5", "2026-01-31"),
        ("A-101", "19.90", "12", "2026-02-01"),
        ("B-7", "-0.05", "", "31/12/2026"),
        ("B-8", "1.234,50", "1e3", "2026-03-01 00:00"),
        ("C-1", "$5", "007", "45,999"),
    ),
)
NOTES = Table(
    name="notes",
    names=("id", "note", "by"),
    rows=(
        ("1", 'She said "no", twice', "Ann"),
        ("2", "first line\nsecond line", "Bob"),
        ("3", "tab\there, comma there", 'Cid "the Great"'),
        ("4", "", ""),
        ("5", '"', "Dee, jr."),
        ("6", "one\r\n\r\nthree\rstill three", "Eve"),
        ("7", "plain", "Fay"),
        ("8", '{"a": [1, 2], "b": "c"}', "Gus\n"),
        ("9", " blanks ", "\t"),
    ),
)
UNICODE = Table(
    name="unicode",
    names=("número", "имя", "都市"),
    rows=(
        ("٤", "Zoë", "München"),
        ("2", "Łukasz", "“Gdańsk”"),
        ("3", "名前", "東京、日本"),
        ("4", "😀👍🏽", "line\u2028separator"),
        ("5", "e\u0301", "no\u00a0break"),
    ),
)
LATIN = Table(
    name="latin",
    names=("id", "prénom"),
    rows=(("1", "Zoë"), ("2", "Jürgen"), ("3", "Façade, s.a."), ("4", "Ñandú"), ("5", "plain")),
)
ONE_COLUMN = Table(
    name="one column",
    names=("word",),
    rows=(("alpha",), ("beta, gamma",), ('"delta"',), ("",), ("epsilon\nzeta",), ("eta",)),
)
WIDE = Table(
    name="wide",
    names=tuple(f"c{number}" for number in range(40)),
    rows=tuple(
        tuple(f"{row}.{column}" if (row + column) % 7 else "" for column in range(40)) for row in range(5)
    ),
)
MARKS = Table(
    name="marks",
    names=("red", "green", "blue"),
    rows=(
        ('"', ",", "\n"),
        ('""', ',"', '"\n'),
        ("','", '","', "\t"),
        ('",', '"\t"', "\\"),
        ("x", "'", "#"),
    ),
)
"""Cells of nothing but what frames cells."""
NESTED = Table(
    name="nested",
    names=("id", "mail", "from"),
    rows=(
        ("1", "Please load:\n7,x,y\n8,u,v\nThanks", "Ann"),
        ("2", "plain", "Bob"),
        ("3", "7\tx\ty\n8\tu\tv\n", "Cid"),
        ("4", "plain", "Dee"),
        ("5", "Regards\n9,p,q\n9\tp\tq\n", "Eve"),
    ),
)
"""Cells with lines that look like rows of the same table."""

TABLES = (PEOPLE, PRICES, NOTES, UNICODE, LATIN, ONE_COLUMN, WIDE, MARKS, NESTED)
