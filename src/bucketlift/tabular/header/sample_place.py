"""Finds the table of a sample. The lines above it may be the same as in the files, or may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import Hold
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.records import Framed, Record
from bucketlift.tabular.decode.escapes import contents
from bucketlift.tabular.header.header import Header, framer_below, read_header
from bucketlift.tabular.header.header_or_data import data_in_header, names_above
from bucketlift.tabular.header.lines import Lines

CHECKED = 20
"""Number of records that are used to decide which of two rows is the header."""
FRAMED = 5000
"""Maximum number of records, blank lines and rejects that are read to find the first records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    data: Bytes
    marks: Marks
    """The characters that separate the records and cells."""
    header: Header
    notes: tuple[str, ...] = ()
    by_commas: bool = False
    """Whether the sample separates the names by commas, although the files use another delimiter."""

    def framed(self) -> Iterator[Framed]:
        """Yield the first records, blank lines and rejects."""
        framed = contents(framer_below(self.data, self.marks, self.header), self.data, self.marks)
        return islice(framed, FRAMED)

    def records(self) -> Iterator[Record]:
        """Yield the first records that can be read exactly."""
        return (each for each in self.framed() if isinstance(each, Record))

    def rows(self) -> list[list[str]]:
        records = islice(self.records(), CHECKED)
        return [[cell.decode("utf-8", "replace") for cell in record.cells] for record in records]


def sample_table(data: Bytes, dialect: Dialect) -> SampleTable | Hold:
    """Find the header of a sample. ``skip_lines`` and ``header_line`` are used if the sample has the lines
    above its header.
    """
    lines, above = Lines(data, Marks.of(dialect)), dialect.lines_above
    first = _table(lines, dialect, 0)
    if not above:
        return first
    key = "skip_lines" if dialect.header_line is None else "header_line"
    below = _table(lines, dialect, above) if lines.start(above) < len(data) else None
    if below is not None and _has_lines_above(lines, dialect, first, below):
        if isinstance(below, Hold):
            return below
        return replace(
            below, notes=(f"The sample has the lines above the table that `{key}` leaves out: {above}",)
        )
    if isinstance(first, Hold):
        return first
    note = f"The sample starts with its header: `{key}` applies only to files, not to the sample"
    return replace(first, notes=(note,))


def _has_lines_above(
    lines: Lines, dialect: Dialect, first: SampleTable | Hold, below: SampleTable | Hold
) -> bool:
    if dialect.expect:
        return lines.missing_text(dialect.expect, dialect.lines_above) is None
    if isinstance(first, Hold) or isinstance(below, Hold):
        return isinstance(first, Hold)
    one, other = first.header.names, below.header.names
    if len(one) != len(other):
        return _fitting(below) >= _fitting(first)
    if _blanks(one) != _blanks(other):
        return _blanks(one) > _blanks(other)
    if len(one) == 1:
        return _evidence(below) >= _evidence(first)
    return _evidence(below) > _evidence(first)


def _blanks(names: tuple[str, ...]) -> int:
    return sum(not name.strip() for name in names)


def _fitting(table: SampleTable) -> int:
    """The number of records with as many cells as the header. The header is counted."""
    return len(table.header.names) * (1 + len(table.rows()))


def _evidence(table: SampleTable) -> int:
    """The score of this header: more for names above numbers or dates, less for cells that look like data."""
    rows = table.rows()
    return names_above(table.header.names, rows) - len(data_in_header(table.header.names, rows))


def _table(lines: Lines, dialect: Dialect, line: int) -> SampleTable | Hold:
    data, marks = lines.data, lines.marks
    header = read_header(data, marks, at=lines.start(line), line=line + 1)
    by_commas = (
        None if dialect.header or dialect.delimiter == "," else _by_commas(lines, dialect, line, header)
    )
    if by_commas is not None:
        return by_commas
    return header if isinstance(header, Hold) else SampleTable(data=data, marks=marks, header=header)


def _by_commas(lines: Lines, dialect: Dialect, line: int, header: Header | Hold) -> SampleTable | None:
    """The sample's table if its names are separated by commas, for a task whose files have another delimiter
    and no header; otherwise None.
    """
    if isinstance(header, Header) and len(header.names) > 1:
        return None
    commas = Marks.of(replace(dialect, delimiter=",", quote='"', escape=None))
    names = read_header(lines.data, commas, at=lines.start(line), line=line + 1)
    if isinstance(names, Hold) or len(names.names) == 1:
        return None
    table = SampleTable(data=lines.data, marks=lines.marks, header=names, by_commas=True)
    return table if table.rows() else replace(table, marks=commas)
