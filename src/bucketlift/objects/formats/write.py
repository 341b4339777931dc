"""Writes a stream of rows to a file in the format of its target."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.model.load import Column
from bucketlift.model.objects.file_format import ObjectFormat
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.objects.formats.compressed import compressed
from bucketlift.objects.formats.delimited import delimited
from bucketlift.objects.formats.json_lines import json_lines
from bucketlift.objects.formats.parquet import write_parquet
from bucketlift.tabular.types.arrow_types import arrow_type
from bucketlift.tabular.types.computing import compute

CHUNK = 1 << 20
ROWS_AT_ONCE = 16_384
"""Rows that are joined to lines at once, which bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file contains. ``span`` is the first and the last source line; (0, 0) without rows."""

    rows: int
    span: tuple[int, int]
    sha256: str


def write_file(target: ObjectsTarget, rows: RowStream, path: Path) -> Written:
    """Write the target's columns of the rows to a new file, without encryption.

    Raises:
        OSError: the file cannot be written.
    """
    counted = _Counted(target, rows)
    with path.open("xb") as file:
        if target.format is ObjectFormat.PARQUET:
            write_parquet(file, counted.schema, iter(counted), target.compression)
        else:
            with compressed(file, target.compression) as stream:
                for piece in _pieces(target, counted):
                    stream.write(piece)
    return Written(rows=counted.rows, span=(counted.first, counted.last), sha256=sha256_of(path))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pieces(target: ObjectsTarget, batches: _Counted) -> Iterator[bytes | memoryview]:
    names = [column.name for column in target.columns]
    if target.format is ObjectFormat.JSONL:
        return json_lines(names, iter(batches))
    return delimited(names, iter(batches), target.format, target.dialect)


class _Counted:
    """The target's columns of each batch. Rows and lines are counted."""

    def __init__(self, target: ObjectsTarget, rows: RowStream) -> None:
        self.rows, self.first, self.last = 0, 0, 0
        self._batches = rows
        names = [*(column.field for column in target.columns), SOURCE_LINE]
        if not set(rows.schema.names).issuperset(names):
            raise OurFault("The rows lack a field that the target maps", to=target.name)
        self._indices = [rows.schema.get_field_index(name) for name in names]
        self.schema = pa.schema([_field(column) for column in target.columns])

    def __iter__(self) -> Iterator[Sequence[pa.Array[Any]]]:
        for batch in self._batches:
            for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                part = batch.slice(start, ROWS_AT_ONCE)
                *columns, lines = (part.column(index) for index in self._indices)
                self._count(lines)
                yield [
                    column if column.type == field.type else column.cast(field.type)
                    for column, field in zip(columns, self.schema, strict=True)
                ]

    def _count(self, lines: pa.Array[Any]) -> None:
        self.rows += len(lines)
        least = compute.min(lines).as_py()
        self.first = min(self.first or least, least)
        self.last = max(self.last, compute.max(lines).as_py())


def _field(column: Column) -> pa.Field[Any]:
    return pa.field(column.name, arrow_type(column.type))
