"""Finds records below the header that are not data: survey questions, units, types, a second header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from bucketlift.model.contract import Contract
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, LF, NUL, Marks
from bucketlift.tabular.csv.fast_path import fast_cells
from bucketlift.tabular.csv.records import Blank, Record
from bucketlift.tabular.decode.escapes import contents, lines_in, unmasked
from bucketlift.tabular.header.header import Header, framer_below
from bucketlift.tabular.header.repeats import Repeats
from bucketlift.tabular.header.shapes import Column, Shape, alike, is_empty, shape_of
from bucketlift.tabular.types.columns import ColumnReader

MOST_ODD = 5
"""Maximum number of records below a header that are checked, because they may be something other than data."""
CHECKED = 100
"""Number of records from which we learn what a column contains."""
CHECKED_BYTES = 1 << 16
FRAMED = 2000
"""Maximum number of records, rejects and blank lines that are read for this check."""
LONGEST_NOTE = 200
"""Maximum number of characters of a left-out record that a note contains."""
ENOUGH_VALUES = 3
"""Number of values from which we learn what a column contains, if only one column has values."""
IMPORT_ID = b"ImportId"
PLAIN_BYTES = 1 << 12
"""Number of bytes that are read first. In most files, they contain enough lines for the check."""

_VALUE = re.compile(rb"[-+($ ]*\d[-+\d.,:/ TZ%)$]*")
"""Matches most values that are not text."""
_TYPED = re.compile(rb"[\d@:]|www\.")
"""Matches a part of a text that every value with a type other than text has, and few texts have."""
_RULE = re.compile(rb"(?=.*(?:--|==)):?[-=+ ]*+:?")
_MEASURE = re.compile(r"[^\w\s]?\s?\d[\d.,]*\s?\S{0,6}")
"""Matches a number with a unit, or with a sign before it."""


def hold_for_rows_below(
    data: Bytes, marks: Marks, contract: Contract, header: Header, verdict: Verdict
) -> Hold | None:
    """The hold for a file whose first records differ from all others in every column of numbers, dates or
    similar values; otherwise None.
    """
    rule = _is_rule(next(_records(data, marks, header), []))
    count = 1 if rule else _odd_records(data, marks, contract, header, verdict)
    if not count:
        return None
    which = "The first record" if count == 1 else f"The first {count} records"
    why = (
        "it is a line of dashes" if rule else "the others contain values of another kind in the same columns"
    )
    return Hold(
        reason=HeldReason.ROWS_BELOW_HEADER,
        what=f"{which} below the header may be something other than data: {why}",
        hint=(
            f"If they are not data (units, types, questions, a second header), set `dialect: {{rows_below_header: {count}}}` "
            f"(on the command line: --rows-below-header {count}). If they are data, accept the file, or set `dialect: {{rows_below_header: 0}}`."
        ),
    )


def leave_out_rows(data: Bytes, marks: Marks, header: Header, count: int) -> tuple[Header, tuple[str, ...]]:
    """The header for a table that starts ``count`` records later, and notes with the content of the records
    that are left out.
    """
    end, blanks, texts = header.end, 0, list[str]()
    for each in framer_below(data, marks, header):
        if isinstance(each, Blank):
            if len(texts) == count:
                break
            blanks += 1
        elif len(texts) == count:
            break
        else:
            raw = each.raw if isinstance(each, Reject) else data[each.offset : each.end]
            texts.append(_shown(unmasked(raw, marks)))
        end = each.offset + len(each.raw) if isinstance(each, Reject) else each.end
    notes = (
        f"Records below the header were left out: {len(texts)}",
        *(f"Left out below the header: {text}" for text in texts),
    )
    below = replace(
        header,
        end=end,
        next_line=header.next_line + lines_in(data[header.end : end]),
        blank_lines=header.blank_lines + blanks,
    )
    return below, notes


def _shown(raw: bytes) -> str:
    text = " ".join(raw.decode("utf-8", "replace").split())
    return text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE]}..."


def _odd_records(data: Bytes, marks: Marks, contract: Contract, header: Header, verdict: Verdict) -> int:
    """The number of records at the start that may be something other than data. For nearly all files, a few
    plain lines are enough to show that there are none.
    """
    lines = _plain_lines(data, marks, header)
    if lines is not None and _is_data(lines, contract):
        return 0
    records = _records(data, marks, header)
    first = list(islice(records, MOST_ODD + 1))
    for number, cells in enumerate(first, start=1):
        if _are_import_ids(cells):
            return number
    if _is_data(first, contract):
        return 0
    rows = [
        [cell.decode("utf-8", "replace") for cell in cells]
        for cells in (*first, *islice(records, CHECKED - len(first)))
    ]
    readers = _readers(contract, verdict)
    counts = range(1, min(MOST_ODD + 1, len(rows)))
    return max((count for count in counts if _are_odd(rows, count, readers)), default=0)


def _plain_lines(data: Bytes, marks: Marks, header: Header) -> list[list[bytes]] | None:
    """The cells of the first lines; None if one of them is not a simple, complete record."""
    head = data[header.end : header.end + PLAIN_BYTES]
    lines = head.split(LF, MOST_ODD + 1)[:-1]
    if not lines or marks.escape is not None or NUL in head or IMPORT_ID in head:
        return None
    rows = [_cells(line.removesuffix(CR), marks) for line in lines]
    whole = [row for row in rows if row is not None and len(row) == len(header.names)]
    return whole if len(whole) == len(rows) else None


def _cells(line: bytes, marks: Marks) -> list[bytes] | None:
    if marks.quote is not None and marks.quote in line:
        return fast_cells(line, marks)
    return line.split(marks.delimiter)


def _is_data(rows: Sequence[Sequence[bytes]], contract: Contract) -> bool:
    """Whether the first record is surely data: it has a value like that of a later record in one column, or
    no column has values.
    """
    if len(rows) < 2:
        return True
    pairs = list(zip(rows[0], rows[-1], strict=True))
    if any(_VALUE.fullmatch(cell) and _VALUE.fullmatch(other) for cell, other in pairs):
        return True
    if any(field.type is not TypeName.TEXT for field in contract.fields):
        return False
    return not any(_TYPED.search(other) and _is_text(cell) for cell, other in pairs)


def _is_text(cell: bytes) -> bool:
    return shape_of(cell.decode("utf-8", "replace")) is Shape.TEXT


def _records(data: Bytes, marks: Marks, header: Header) -> Iterator[list[bytes]]:
    """Yield the records with as many cells as the header that do not repeat the header. A record that the end
    of the text may have cut is left out.
    """
    text = data[header.end : header.end + CHECKED_BYTES]
    cut = len(text) if header.end + len(text) >= len(data) else text.rfind(LF) + 1
    repeats = Repeats.of(header, data)
    framer = framer_below(text[:cut], marks, replace(header, end=0))
    for each in islice(contents(framer, text[:cut], marks), FRAMED):
        if isinstance(each, Record) and not repeats.is_one(each.cells):
            yield each.cells


def _is_rule(cells: Sequence[bytes]) -> bool:
    """Whether a record is a line of dashes, which database tools write below column names."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    least = 3 if len(cells) == 1 else 2
    return bool(filled) and all(len(cell) >= least and _RULE.fullmatch(cell) for cell in filled)


def _are_import_ids(cells: Sequence[bytes]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(cell.lstrip().startswith((b'{"ImportId"', b"{'ImportId'")) for cell in filled)


def _readers(contract: Contract, verdict: Verdict) -> dict[int, ColumnReader]:
    """The readers of the columns whose fields have a type, by the number of the column."""
    pairs = zip(contract.fields, verdict.positions, strict=True)
    return {
        position: ColumnReader.of(field)
        for field, position in pairs
        if position is not None and field.type is not TypeName.TEXT
    }


def _are_odd(rows: Sequence[Sequence[str]], count: int, readers: dict[int, ColumnReader]) -> bool:
    columns = [Column.of([row[number] for row in rows[count:]]) for number in range(len(rows[0]))]
    return all(_is_odd(row, columns, readers) for row in rows[:count])


def _is_odd(row: Sequence[str], columns: Sequence[Column], readers: dict[int, ColumnReader]) -> bool:
    """Whether the record differs from the others in all columns of values. Empty cells are ignored."""
    typed = [
        (cell, column, readers.get(number))
        for number, (cell, column) in enumerate(zip(row, columns, strict=True))
        if _has_type(column, readers.get(number))
    ]
    filled = [each for each in typed if not is_empty(each[0])]
    if not filled or any(_is_like(*each) for each in filled):
        return False
    if len(filled) > 1 and all(len(column.values) >= ENOUGH_VALUES for _, column, _ in filled):
        return True
    if any(letter.isdigit() for cell, _, _ in filled for letter in cell):
        return False
    return len(filled) > 1 or len(filled[0][1].values) >= ENOUGH_VALUES


def _has_type(column: Column, reader: ColumnReader | None) -> bool:
    if reader is not None:
        return any(not isinstance(reader.cell(value), RejectReason) for value in column.values)
    return column.type is not None or (column.mask is not None and len(column.values) > ENOUGH_VALUES)


def _is_like(cell: str, column: Column, reader: ColumnReader | None) -> bool:
    if reader is not None:
        return not isinstance(reader.cell(cell), RejectReason)
    if column.type is None:
        return column.has_mask(cell)
    shape = shape_of(cell)
    is_measure = shape is not Shape.TEXT or _MEASURE.fullmatch(cell.strip()) is not None
    return alike(shape, column.type) or is_measure
