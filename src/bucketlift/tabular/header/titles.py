"""Detects titles above a table: the first row names one column or leaves most of them blank, and a later row
names all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.decode.escapes import content
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.header_or_data import names_above
from bucketlift.tabular.header.lines import LONGEST_LINE, Lines
from bucketlift.tabular.header.sample_place import SampleTable
from bucketlift.tabular.header.shapes import Shape, shape_of

SEARCHED = 20
"""Number of lines below the first row in which the header is searched."""
BELOW = 5
"""Number of records that must have as many cells as the header that was found."""


def header_below(table: SampleTable) -> int | None:
    """The number, from 1, of the line that names all columns; None if the first row is as good a header."""
    names = table.header.names
    blanks = sum(not name.strip() for name in names)
    if len(names) > 1 and blanks <= (not names[0].strip()):
        return None
    rows = list(_rows(Lines(table.data, table.marks), table.marks, table.header.line))
    place = next((at for at, (_, row) in enumerate(rows) if _may_name_all(row, len(names))), None)
    if place is None:
        return None
    (line, found), below = rows[place], [row for _, row in rows[place + 1 :]][:BELOW]
    alike = [row for row in below if len(row) == len(found)]
    are_names = _are_names(found) and 2 * len(alike) > len(below)
    sure = len(names) == 1 or 2 * blanks >= len(names) or names_above(found, alike) > 0
    return line if are_names and sure else None


def _rows(lines: Lines, marks: Marks, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the records below a line, each with its line number."""
    for number in range(first, first + SEARCHED + BELOW):
        start = lines.start(number)
        if start >= len(lines.data):
            return
        found = whole_record(lines.data, marks, start, LONGEST_LINE, LONGEST_LINE)
        if isinstance(found, Broken):
            return
        yield number + 1, [content(cell, marks).decode("utf-8", "replace") for cell in found.cells]


def _may_name_all(row: Sequence[str], width: int) -> bool:
    return len(row) > 1 and width in (1, len(row)) and all(cell.strip() for cell in row)


def _are_names(row: Sequence[str]) -> bool:
    """Whether the cells are distinct texts. A text that starts with a blank is part of a sentence, so it is
    no name.
    """
    texts = all(shape_of(cell) in (Shape.TEXT, Shape.YEAR) for cell in row)
    return (
        texts and len({fold(cell) for cell in row}) == len(row) and not any(cell[:1] == " " for cell in row)
    )
