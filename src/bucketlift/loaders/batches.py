"""A row stream cut to the columns that a target takes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.model.load import Target
from bucketlift.model.rows import SOURCE_LINE, RowStream

LINE = "line"
SEQUENCE = "sequence"


def value(position: int) -> str:
    """The name of the batches' column for the target's n-th (from 0). Field names may clash in SQL."""
    return f"value{position}"


def cut(rows: RowStream, target: Target) -> pa.RecordBatchReader:
    """Batches with one column per column of the target, the line, and the row's place in the stream."""
    missing = [column.field for column in target.columns if column.field not in rows.schema.names]
    if missing or SOURCE_LINE not in rows.schema.names:
        raise OurFault("Rows came without a field that the target takes", to=f"table {target.table}")
    indices = [rows.schema.get_field_index(column.field) for column in target.columns]
    types = [rows.schema.field(index).type for index in indices]
    schema = pa.schema(
        [(value(position), kind) for position, kind in enumerate(types)]
        + [(LINE, pa.int64()), (SEQUENCE, pa.int64())]
    )
    return pa.RecordBatchReader.from_batches(schema, _cut(rows, indices, schema))


def own_error(rows: RowStream) -> BaseException | None:
    """What went wrong in the stream itself. That nobody pulled it to its end is no error of its own."""
    return None if isinstance(rows.error, GeneratorExit) else rows.error


def _cut(rows: RowStream, indices: list[int], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in rows:
        columns = [batch.column(index) for index in indices]
        lines = batch.column(batch.schema.get_field_index(SOURCE_LINE))
        sequence = pa.arange(start, start + batch.num_rows)  # type: ignore[attr-defined]  # stubs are older
        start += batch.num_rows
        yield pa.RecordBatch.from_arrays([*columns, lines, sequence], schema=schema)
