"""Writes Parquet, with settings that do not depend on how the rows arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

import pyarrow as pa

from bucketlift.model.objects.file_format import ObjectCompression

ROW_GROUP = 100_000
"""Rows of a row group."""
_CODECS: dict[ObjectCompression, Literal["snappy", "gzip", "zstd"]] = {
    ObjectCompression.NONE: "snappy",
    ObjectCompression.GZIP: "gzip",
    ObjectCompression.ZSTD: "zstd",
}


def write_parquet(
    file: BinaryIO,
    schema: pa.Schema,
    batches: Iterator[Sequence[pa.Array[Any]]],
    compression: ObjectCompression,
) -> None:
    from pyarrow import parquet  # noqa: PLC0415 - heavy, and only for this format

    with parquet.ParquetWriter(
        file,
        schema,
        version="2.6",
        compression=_CODECS[compression],
        use_dictionary=True,
        write_statistics=True,
        data_page_size=1 << 20,
        store_schema=True,
    ) as writer:
        for table in _row_groups(schema, batches):
            writer.write_table(table, row_group_size=ROW_GROUP)


def _row_groups(schema: pa.Schema, batches: Iterator[Sequence[pa.Array[Any]]]) -> Iterator[pa.Table]:
    """Tables of the same number of rows; at least one, so that a file without rows has its columns."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for columns in batches:
        waiting.append(pa.RecordBatch.from_arrays(list(columns), schema=schema))
        rows += waiting[-1].num_rows
        while rows >= ROW_GROUP:
            table = pa.Table.from_batches(waiting, schema)
            yield table.slice(0, ROW_GROUP).combine_chunks()
            waiting = table.slice(ROW_GROUP).to_batches()
            rows -= ROW_GROUP
    if rows:
        yield pa.Table.from_batches(waiting, schema).combine_chunks()
