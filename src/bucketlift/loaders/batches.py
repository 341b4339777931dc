"""Streams of rows, reduced to the target's columns. Small batches are combined into larger ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.loaders.fit import Fit, TableColumn, Types
from bucketlift.loaders.values import as_type
from bucketlift.model.load import Column, Target
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.tabular.types.arrow_types import arrow_type

PLACE = "place"
"""The name of the batch column with the load's position in the unit, from 0."""
LINE = "line"
SEQUENCE = "sequence"
"""The name of the batch column with the row's position in its stream, from 0."""

GATHERED_BYTES = 16 << 20
GATHERED_BATCHES = 1_000
"""Maximum number of collected batches. If files have few rows, the batches use more memory than their rows,
so their number is limited.
"""


def value(position: int) -> str:
    """The name of the batch column for the target's column at this position, from 0.

    Names of fields are not used, because they could clash in SQL.
    """
    return f"value{position}"


def schema_of(target: Target, fit: Fit, types: Types) -> pa.Schema:
    """The schema of the batches. A column has native values if the table's column accepts them unchanged,
    otherwise texts.
    """
    fields: list[tuple[str, pa.DataType]] = [
        (value(position), arrow_type(column.type) if native(column, held, types) else pa.string())
        for position, (column, held) in enumerate(zip(target.columns, fit.mapped, strict=True))
    ]
    return pa.schema([*fields, (PLACE, pa.int64()), (LINE, pa.int64()), (SEQUENCE, pa.int64())])


def native(column: Column, held: TableColumn, types: Types) -> bool:
    """Whether the table's column has the type that Bucketlift creates for the field. If so, every value fits."""
    return held.type == types.of(column.type)


def cut(rows: RowStream, target: Target, schema: pa.Schema, place: int) -> Iterator[pa.RecordBatch]:
    """Yield batches with the schema of ``schema_of``: the target's columns, and the load and line of each
    row.
    """
    names = [*(column.field for column in target.columns), SOURCE_LINE]
    known = set(rows.schema.names)  # cached: repeated schema look-ups are O(n²)
    if not known.issuperset(names):
        raise OurFault("The rows lack a field that the target maps", to=f"table {target.table}")
    indices = [rows.schema.get_field_index(name) for name in names]
    return _cut(rows, indices, schema, place)


def own_error(rows: RowStream) -> BaseException | None:
    """Return the error of the stream; None if the stream was only closed before its end."""
    return None if isinstance(rows.error, GeneratorExit) else rows.error


@dataclass(kw_only=True)
class Gathered:
    """Collects small batches until they are enough for one statement."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    bytes: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch)
        self.bytes += batch.nbytes

    @property
    def full(self) -> bool:
        return self.bytes >= GATHERED_BYTES or len(self.batches) >= GATHERED_BATCHES

    def take(self) -> Iterator[pa.RecordBatch]:
        """Yield the collected batches, and remove them from the collection."""
        taken, self.batches, self.bytes = iter(self.batches), [], 0
        return taken


def _cut(rows: RowStream, indices: list[int], schema: pa.Schema, place: int) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in rows:
        values = [as_type(batch.column(index), schema.types[at]) for at, index in enumerate(indices[:-1])]
        places = pa.repeat(pa.scalar(place, pa.int64()), batch.num_rows)
        sequence = pa.arange(start, start + batch.num_rows)  # type: ignore[attr-defined]  # stubs are older
        start += batch.num_rows
        columns = [*values, places, batch.column(indices[-1]), sequence]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
