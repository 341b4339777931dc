"""Converts rows to JSON objects. The same rows always give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.model.load import Target
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.tabular.transform.values import as_text


def json_rows(target: Target, rows: RowStream) -> Iterator[tuple[int, str]]:
    """Convert rows to JSON objects. Yields the source line and the JSON object of each row, in order.

    Integers, booleans and null become JSON values of the same kind. All other values become texts: decimals
    keep all their digits, and dates and times are in ISO 8601.
    """
    names = [column.field for column in target.columns]
    if not set(rows.schema.names).issuperset((*names, SOURCE_LINE)):
        raise OurFault("The rows lack a field that the target maps", to=target.table)
    for batch in rows:
        columns = [_values(batch.column(name)) for name in names]
        keys = [column.name for column in target.columns]
        lines = batch.column(SOURCE_LINE).to_pylist()
        for line, *values in zip(lines, *columns, strict=True):
            yield line, json.dumps(dict(zip(keys, values, strict=True)), ensure_ascii=False)


def _values(column: pa.Array[Any]) -> list[Any]:
    kind = column.type
    native = pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return (column if native else as_text(column)).to_pylist()
