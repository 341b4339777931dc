"""Converts staged values to other types, and to their exact texts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from bucketlift.tabular.types.computing import compute


def as_type(column: pa.Array[Any], expected: pa.DataType) -> pa.Array[Any]:
    """Convert the column to this type. A conversion to text is exact."""
    if column.type == expected:
        return column
    return as_text(column) if expected == pa.string() else column.cast(expected)


def as_text(column: pa.Array[Any]) -> pa.Array[Any]:
    """Convert the column to text: dates and times in ISO 8601, true and false, numbers with all their digits.

    Moments are in UTC, with Z. Equal values always have the same text, so that they are equal keys.
    """
    if pa.types.is_timestamp(column.type):
        # Without the zone: for zone names, even UTC, Arrow needs the system's zone database.
        clock = column.cast(pa.int64()).cast(pa.timestamp("us")).cast(pa.string())
        text: pa.Array[Any] = compute.replace_substring(
            compute.replace_substring(clock, " ", "T"), ".000000", ""
        )
        if column.type.tz:
            text = compute.replace_substring_regex(text, "$", "Z")
        return text
    text = column.cast(pa.string())
    if pa.types.is_decimal(column.type) and compute.any(compute.match_substring(text, "E")).as_py():
        # Arrow writes small numbers as 1E-10. Not every reader accepts this form.
        plain = [None if each is None else f"{each:f}" for each in column.to_pylist()]
        return pa.array(plain, pa.string())
    return text
