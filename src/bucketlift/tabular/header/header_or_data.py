"""Detects a header row that is really data, because its cells look like the values of their columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from bucketlift.tabular.header.forms import has_form_of
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.shapes import NUMBERS, TYPICAL_SHARE, Column, Shape, is_empty, shape_of

TELLING = frozenset(
    {Shape.DECIMAL, Shape.DATE, Shape.TIMESTAMP, Shape.EMAIL, Shape.UUID, Shape.URL, Shape.IP, Shape.PHONE}
)
"""Shapes that the name of a column almost never has if the values below have the same shape."""
SHOWN = 5
_CODE = "a code of the same form"
_AGAIN = "a repeated value"
_NULL = "a null word"
_NULLS = frozenset(
    {"\\n", "null", "(null)", "<null>", "n/a", "na", "n.a.", "#n/a", "nan", "-", "--", "---", ".", "?"}
)
"""Words for null that are hardly ever names of columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A cell of the header row that looks like the values below it."""

    column: int
    """The number of the column, from 1."""
    kind: str


def data_in_header(header: Sequence[str], records: Sequence[Sequence[str]]) -> tuple[Seen, ...]:
    """The cells of the row that look like data; empty if the row can be a header.

    One plain text above a column of numbers, dates or similar values shows that the row is a header. It is no
    header if three or more cells have exactly the shape of their columns, such as a date or an e-mail
    address.
    """
    folded = list(map(fold, header))
    records = [record for record in records if list(map(fold, record)) != folded]
    if not any(not is_empty(cell) for record in records for cell in record):
        return _alone(header)
    columns = [Column.of([record[number] for record in records]) for number in range(len(header))]
    pairs = list(zip(header, columns, strict=True))
    seen = [
        Seen(column=number, kind=kind)
        for number, (cell, column) in enumerate(pairs, start=1)
        if (kind := _kind(cell, column))
    ]
    if _is_scale(header, columns):
        seen = [each for each in seen if shape_of(header[each.column - 1]) not in NUMBERS]
    names = sum(_is_name(cell, column) for cell, column in pairs)
    telling = sum(shape_of(header[each.column - 1]) in TELLING for each in seen)
    return tuple(seen) if names == 0 or (names == 1 and telling >= 3) else ()


def names_above(header: Sequence[str], records: Sequence[Sequence[str]]) -> int:
    """The number of cells in the row that are texts above columns of numbers, dates or similar values."""
    columns = [Column.of([record[number] for record in records]) for number in range(len(header))]
    return sum(_is_name(cell, column) for cell, column in zip(header, columns, strict=True))


def _kind(cell: str, column: Column) -> str:
    """The kind of value that the cell and its column have in common; empty if there is none."""
    shape = shape_of(cell)
    if not column.values:
        return ""
    if shape is Shape.EMPTY:
        return _NULL if cell.strip().lower() in _NULLS and column.type is not None else ""
    if shape not in NUMBERS and (column.has_mask(cell) or has_form_of(cell, column.values)):
        return _CODE if shape is Shape.TEXT else shape.value
    if shape is Shape.TEXT:
        is_again = cell.strip() in column.values and set(column.values) != {cell.strip()}
        return _AGAIN if is_again else ""
    same = column.shapes[shape] / len(column.values) if shape is Shape.YEAR else column.share(shape)
    return shape.value if same >= TYPICAL_SHARE else ""


def _is_name(cell: str, column: Column) -> bool:
    """Whether the cell is a text and the values below it are not."""
    if shape_of(cell) is not Shape.TEXT or _kind(cell, column):
        return False
    return column.type is not None or (column.mask is not None and not column.has_mask(cell))


def _is_scale(header: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether numbers in the row are names of columns: years, 0 to n, equal steps, or numbers outside the
    range of the values.
    """
    numbers = [(value, number) for number, cell in enumerate(header) if (value := _plain(cell)) is not None]
    values = [value for value, _ in numbers]
    if any(_continues(value, columns[number]) for value, number in numbers):
        return False
    steps = _steps(values)
    if len(values) >= 3:
        is_even = len(steps) == 1 and steps != {0}
        return is_even or (min(steps) > 0 and all(_is_beyond(value, columns[at]) for value, at in numbers))
    if len(values) != 2:
        return False
    are_years = all(shape_of(cell) is Shape.YEAR for cell in header if _plain(cell) is not None)
    return (are_years and steps in ({1}, {-1})) or (len(header) == len(values) and values in ([0, 1], [1, 2]))


def _plain(cell: str) -> Decimal | None:
    """The cell as a number without signs around it. None for a long number, because long numbers are keys,
    not names.
    """
    text = cell.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


def _steps(values: Sequence[Decimal]) -> set[Decimal]:
    return {after - before for before, after in pairwise(values)}


def _continues(value: Decimal, column: Column) -> bool:
    """Whether the first values continue this value in equal steps, as row numbers do."""
    below = [number for text in column.values[:3] if (number := _plain(text)) is not None]
    if len(below) < min(3, len(column.values)) or len(below) < 2:
        return False
    steps = _steps([value, *below])
    return len(steps) == 1 and steps != {0}


def _is_beyond(value: Decimal, column: Column) -> bool:
    numbers = [number for text in column.values if (number := _plain(text)) is not None]
    return len(numbers) < len(column.values) or not min(numbers) <= value <= max(numbers)


def _alone(header: Sequence[str]) -> tuple[Seen, ...]:
    """The cells of a row without records below it that are never names of columns, such as e-mail addresses."""
    shapes = [shape_of(cell) for cell in header]
    typed = Counter(
        shape for shape in shapes if shape not in (Shape.TEXT, Shape.EMPTY, Shape.YEAR, Shape.TIME)
    )
    numbers = [number for cell in header if (number := _plain(cell)) is not None]
    if len(numbers) > 1 and min(_steps(numbers)) > 0:
        typed.pop(Shape.INTEGER, None)
        typed.pop(Shape.DECIMAL, None)
    certain = typed.keys() & (TELLING - {Shape.DATE}) | (typed.keys() & {Shape.INTEGER})
    if not certain and len(typed) < 2:
        return ()
    return tuple(
        Seen(column=number, kind=shape.value)
        for number, shape in enumerate(shapes, start=1)
        if shape in typed
    )


def describe(seen: Sequence[Seen]) -> str:
    """Describe the columns and the kind of their values, without the content of a cell."""
    shown = [f"column {each.column} holds {each.kind}" for each in seen[:SHOWN]]
    more = len(seen) - len(shown)
    return ", ".join(shown) + (f" and {more} more do" if more else "")
