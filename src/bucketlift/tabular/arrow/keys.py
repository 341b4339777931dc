"""Finds staged rows that an upsert cannot place: their key is empty, or repeated in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import pyarrow as pa

from bucketlift.model.rows import SOURCE_LINE, RejectReason
from bucketlift.tabular.types.computing import compute

Column: TypeAlias = "pa.ChunkedArray[Any]"

Key = tuple[str, ...]
"""The source fields whose values together identify a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFault:
    """A problem with the keys of one staged row; ``row`` counts from 0."""

    row: int
    line: int
    reason: RejectReason
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFaults:
    """One code per row: 0 if all keys are valid, otherwise the first problem found."""

    codes: Column
    lines: Column
    kinds: tuple[tuple[RejectReason, str], ...]

    @property
    def rows(self) -> int:
        return int(compute.sum(compute.not_equal(self.codes, 0)).as_py())

    @property
    def kept(self) -> Column:
        """True for each row whose keys are valid."""
        return cast("Column", compute.equal(self.codes, 0))

    def __iter__(self) -> Iterator[KeyFault]:
        """In row order."""
        for row in compute.indices_nonzero(self.codes):
            at = row.as_py()
            reason, field = self.kinds[self.codes[at].as_py() - 1]
            yield KeyFault(row=at, line=self.lines[at].as_py(), reason=reason, field=field)


def key_faults(rows: pa.Table, keys: Sequence[Key]) -> KeyFaults:
    """Check all keys; the first invalid one gives the row's fault. An empty field comes before a repeat.

    Memory grows with the number of distinct keys, and with the rows of a key of several fields.
    """
    codes: Column = pa.chunked_array([pa.repeat(pa.scalar(0, pa.int16()), len(rows))])
    kinds: list[tuple[RejectReason, str]] = []
    for key in keys:
        for field in key:
            kinds.append((RejectReason.KEY_EMPTY, field))
            codes = _coded(codes, _empty(rows.column(field)), len(kinds))
        kinds.append((RejectReason.KEY_TWICE, ", ".join(key)))
        codes = _coded(codes, _repeated(_joined(rows, key)), len(kinds))
    return KeyFaults(codes=codes, lines=rows.column(SOURCE_LINE), kinds=tuple(kinds))


def _coded(codes: Column, wrong: Column, code: int) -> Column:
    first = compute.and_(wrong, compute.equal(codes, 0))
    return cast("Column", compute.if_else(first, pa.scalar(code, pa.int16()), codes))


def _empty(values: Column) -> Column:
    null = compute.is_null(values)
    if values.type != pa.string():
        return cast("Column", null)
    return cast("Column", compute.or_(null, compute.fill_null(compute.equal(values, ""), fill_value=True)))


def _joined(rows: pa.Table, key: Key) -> Column:
    """One text per row. Each part includes its length, so that different keys never have the same text.

    Compares values, not their notation: 1 and 01 are the same integer. Null if a part is null.
    """
    columns = [_spelt(rows.column(field)) for field in key]
    if len(columns) == 1:
        return columns[0]
    parts = [part for column in columns for part in (_lengths(column), column)]
    return cast("Column", compute.binary_join_element_wise(*parts, pa.scalar(":", pa.large_string())))


def _spelt(values: Column) -> Column:
    """One text per value. Times are compared as numbers, because time zone data may not be installed."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return values.cast(pa.large_string())


def _lengths(column: Column) -> Column:
    return cast("Column", compute.binary_length(column).cast(pa.large_string()))


def _repeated(values: Column) -> Column:
    counted = compute.value_counts(values)
    twice = counted.field("values").filter(compute.greater(counted.field("counts"), 1))
    return cast("Column", compute.is_in(values, value_set=twice))
