"""Finds staged rows that an upsert must reject, because their key is empty or occurs twice in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pyarrow as pa

from bucketlift.model.rows import SOURCE_LINE, RejectReason
from bucketlift.tabular.arrow.faults import Column, Kind, RowFaults, no_codes, with_code
from bucketlift.tabular.types.computing import compute

Key = tuple[str, ...]
"""The fields whose values together identify a row."""


def key_faults(rows: pa.Table, keys: Sequence[tuple[pa.Table, Key]]) -> RowFaults:
    """Check all keys. The fault of a row is the first of its keys that is invalid.

    The table of each key has one row for each of ``rows``. An empty field is reported before a repeated key.
    The use of memory grows with the number of distinct keys and, for a key of several fields, with the number
    of rows.
    """
    codes: Column = pa.chunked_array([no_codes(len(rows))])
    kinds: list[Kind] = []
    for table, key in keys:
        for field in key:
            kinds.append((RejectReason.KEY_EMPTY, field))
            codes = with_code(codes, _empty(table.column(field)), len(kinds))
        kinds.append((RejectReason.KEY_TWICE, ", ".join(key)))
        codes = with_code(codes, _repeated(_joined(table, key)), len(kinds))
    return RowFaults(codes=codes, lines=rows.column(SOURCE_LINE), kinds=tuple(kinds))


def _empty(values: Column) -> Column:
    null = compute.is_null(values)
    if values.type != pa.string():
        return cast("Column", null)
    return cast("Column", compute.or_(null, compute.fill_null(compute.equal(values, ""), fill_value=True)))


def _joined(rows: pa.Table, key: Key) -> Column:
    """One text per row, made from the values of the key. Each part includes its length, so that different
    keys never have the same text.

    The text is made from values, not from their notation: 1 and 01 are the same integer. It is null if a part
    is null.
    """
    columns = [_spelt(rows.column(field)) for field in key]
    if len(columns) == 1:
        return columns[0]
    parts = [part for column in columns for part in (_lengths(column), column)]
    return cast("Column", compute.binary_join_element_wise(*parts, pa.scalar(":", pa.large_string())))


def _spelt(values: Column) -> Column:
    """One text per value. Times are compared as numbers, because time zone data is perhaps not installed."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return values.cast(pa.large_string())


def _lengths(column: Column) -> Column:
    return cast("Column", compute.binary_length(column).cast(pa.large_string()))


def _repeated(values: Column) -> Column:
    counted = compute.value_counts(values)
    twice = counted.field("values").filter(compute.greater(counted.field("counts"), 1))
    return cast("Column", compute.is_in(values, value_set=twice))
