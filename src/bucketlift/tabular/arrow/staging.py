"""The staged form of a file: one Arrow IPC file with its rows, and one with its rejects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from bucketlift.model.contract import Contract
from bucketlift.model.rows import SOURCE_LINE, Reject, RejectReason, RowStream
from bucketlift.model.types import TypeName
from bucketlift.tabular.arrow.reject_columns import RejectColumns
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.csv.nulls import Nulls, by_raw_cell
from bucketlift.tabular.csv.records import Record
from bucketlift.tabular.types.arrow_types import arrow_type
from bucketlift.tabular.types.columns import ColumnReader, Values

BATCH_ROWS = 1 << 14
BATCH_BYTES = 4 << 20
"""Maximum bytes of the source in one batch. A longer record is a separate batch."""

_REJECT_FIELDS: list[pa.Field[Any]] = [
    pa.field("line", pa.int64(), nullable=False),
    pa.field("offset", pa.int64(), nullable=False),
    pa.field("raw", pa.large_binary(), nullable=False),
    pa.field("reason", pa.string(), nullable=False),
    pa.field("field", pa.string()),
]
REJECTS = pa.schema(_REJECT_FIELDS)
_IN_ORDER = attrgetter(*REJECTS.names)


def rows_schema(contract: Contract) -> pa.Schema:
    """The schema of staged rows: the contract's fields in order, with their Arrow types, then the line number
    of each row.
    """
    fields: list[pa.Field[Any]] = [
        pa.field(
            field.name,
            arrow_type(field.value_type),
            nullable=field.type is not TypeName.TEXT or bool(field.null_words),
        )
        for field in contract.fields
    ]
    return pa.schema([*fields, pa.field(SOURCE_LINE, pa.int64(), nullable=False)])


def readers_of(contract: Contract) -> list[ColumnReader]:
    """A reader for each field. If nulls are found in the raw cells already, the reader ignores null words."""
    by_raw = by_raw_cell(contract.dialect)
    return [ColumnReader.of(replace(field, null_words=()) if by_raw else field) for field in contract.fields]


class Misfit(NamedTuple):
    """A record with a value that does not fit its field's type: the first such field, and the reason."""

    record: Record
    reason: RejectReason
    field: str


@contextmanager
def arrow_file(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchFileWriter]:
    """Write an Arrow IPC file. It appears at its path only when it is complete; an error leaves no file."""
    part = path.with_name(path.name + ".part")
    try:
        with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, schema) as writer:
            yield writer
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class RowsWriter:
    """Collects records into batches. Rows and bytes of a batch are limited."""

    def __init__(self, writer: pa.RecordBatchFileWriter, contract: Contract, nulls: Nulls) -> None:
        self._writer = writer
        self._fields = contract.fields
        self._readers = readers_of(contract)
        self._schema = rows_schema(contract)
        self._nulls = nulls
        self._records: list[Record] = []
        self._bytes = 0

    def add(self, record: Record) -> bool:
        """Add a record. Returns True if the batch is full and must be flushed."""
        self._records.append(self._nulls.look(record))
        self._bytes += record.end - record.offset
        return self._bytes >= BATCH_BYTES or len(self._records) >= BATCH_ROWS

    def write(self, rows: pa.RecordBatch) -> None:
        """Write rows that another reader has read, in batches with the same limits."""
        most = max(1, min(BATCH_ROWS, rows.num_rows * BATCH_BYTES // max(1, rows.nbytes)))
        for begin in range(0, rows.num_rows, most):
            self._writer.write_batch(rows.slice(begin, most))

    def flush(self) -> tuple[list[Record], list[Misfit]]:
        """Write a batch of the added records whose values fit. Returns these records and the misfits."""
        records, self._records, self._bytes = self._records, [], 0
        if not records:
            return [], []
        columns, misfits = self._read(records)
        lines = pa.array([record.line for record in records], pa.int64())
        batch = pa.RecordBatch.from_arrays(
            [*(column.values for column in columns), lines], schema=self._schema
        )
        if misfits:
            fits = [row not in misfits for row in range(len(records))]
            batch = batch.filter(pa.array(fits))
        if batch.num_rows:
            self._writer.write_batch(batch)
        kept = [record for row, record in enumerate(records) if row not in misfits] if misfits else records
        return kept, [misfits[row] for row in sorted(misfits)]

    def _read(self, records: list[Record]) -> tuple[list[Values], dict[int, Misfit]]:
        cells = [record.cells for record in records]
        columns, misfits = [], dict[int, Misfit]()
        for number, (field, reader) in enumerate(zip(self._fields, self._readers, strict=True)):
            column = reader.read(pa.array(self._nulls.texts(cells, number), pa.string()))
            columns.append(column)
            for row, reason in column.faults():
                if row not in misfits:
                    misfits[row] = Misfit(records[row], reason, field.name)
        return columns, misfits


class RejectsWriter:
    """Collects rejects into batches. Rows and bytes of a batch are limited."""

    def __init__(self, writer: pa.RecordBatchFileWriter, names: Sequence[str] = ()) -> None:
        """Create a writer. ``names`` are the names of the contract's fields. Rejects that are given as
        columns refer to fields by number.
        """
        self._writer = writer
        self._names = names
        self._rejects: list[Reject] = []
        self._bytes = 0

    def add(self, reject: Reject) -> bool:
        """Add a reject. Returns True if the batch was full, so that it was written."""
        self._rejects.append(reject)
        self._bytes += len(reject.raw)
        full = self._bytes >= BATCH_BYTES or len(self._rejects) >= BATCH_ROWS
        if full:
            self.flush()
        return full

    def write(self, rejects: RejectColumns, data: Bytes) -> None:
        """Write rejects that are given as columns, after the added ones. ``data`` contains their bytes."""
        self.flush()
        for batch in batches_of(rejects, data, self._names):
            self._writer.write_batch(batch)

    def flush(self) -> None:
        if not self._rejects:
            return
        values = zip(*map(_IN_ORDER, self._rejects), strict=True)
        columns = [pa.array(each, field.type) for each, field in zip(values, REJECTS, strict=True)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=REJECTS))
        self._rejects, self._bytes = [], 0


def batches_of(rejects: RejectColumns, data: Bytes, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rejects as batches of an Arrow file. ``data`` contains their bytes; ``names`` are the names
    of the fields, numbered from 1.
    """
    numbered: pa.Array[Any] = pa.array([None, *names], pa.string())
    for piece in rejects.pieces(BATCH_ROWS, BATCH_BYTES):
        yield pa.RecordBatch.from_arrays(piece.arrays(data, numbered), schema=REJECTS)


@contextmanager
def open_rows(staged: Path) -> Iterator[RowStream]:
    """Open the rows of a staged file; one batch at a time is in memory. Each call starts at the first row."""
    with _open_arrow(staged) as reader:
        batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
        yield RowStream(schema=reader.schema, batches=batches)


def open_rejects(rejects: Path) -> Iterator[Reject]:
    """Open the rejects, in the file's order; one batch at a time is in memory."""
    for batch in reject_batches(rejects):
        yield from _rejects_of(batch)


def reject_batches(rejects: Path) -> Iterator[pa.RecordBatch]:
    with _open_arrow(rejects) as reader:
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


@contextmanager
def _open_arrow(path: Path) -> Iterator[pa.RecordBatchFileReader]:
    """Open a file by reading, not by mapping: the pages of a mapped file count as memory of the process until
    the system reclaims them.
    """
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as reader:
        yield reader


def _rejects_of(batch: pa.RecordBatch) -> Iterator[Reject]:
    columns = (batch.column(field.name) for field in REJECTS)
    for line, offset, raw, reason, field in zip(*columns, strict=True):
        yield Reject(
            line=line.as_py(),
            offset=offset.as_py(),
            raw=raw.as_py(),
            reason=RejectReason(reason.as_py()),
            field=field.as_py(),
        )
