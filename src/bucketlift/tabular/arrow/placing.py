"""Moves the rows that have a fault from a staged file to the rejects."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from bucketlift.tabular.arrow.faults import Column, RowFaults
from bucketlift.tabular.arrow.merging import merged
from bucketlift.tabular.arrow.reject_columns import RejectColumns
from bucketlift.tabular.arrow.staging import REJECTS, arrow_file, batches_of, reject_batches
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.types.reason_codes import code_of

AT_ONCE = 1 << 18
"""Number of rows whose faults are in memory at the same time."""
FindFaults = Callable[[pa.Table], RowFaults | None]
"""A function that finds the rows of a staged file that become rejects."""


def remove_faulty_rows(
    data: Bytes, extents: array[int], find: FindFaults, staged: Path, rejects: Path
) -> tuple[int, array[int]]:
    """Move the rows that have a fault to the rejects: both files are written again. Returns the number of
    these rows, and the extents of the other rows.

    ``extents`` has two numbers per staged row: the offset of its first byte in the source, and of the byte
    after it.
    """
    with pa.memory_map(str(staged)) as file, pa.ipc.open_file(file) as reader:
        rows = reader.read_all()
        if not len(rows):
            return 0, extents
        faults = find(rows)
        wrong = 0 if faults is None else faults.rows
        if faults is None or not wrong:
            return 0, extents
        _merge_rejects(rejects, _rejects(data, extents, faults))
        _keep_rows(staged, rows, faults.kept)
    return wrong, _kept(extents, faults.kept)


def _kept(extents: array[int], kept: Column) -> array[int]:
    pairs = np.frombuffer(extents, dtype=np.int64).reshape(-1, 2)
    return array("q", pairs[kept.to_numpy()].tobytes())


def _rejects(data: Bytes, extents: array[int], faults: RowFaults) -> Iterator[pa.RecordBatch]:
    pairs, names = np.frombuffer(extents, np.int64).reshape(-1, 2), [field for _, field in faults.kinds]
    reasons = np.array([0, *(code_of(reason) for reason, _ in faults.kinds)], np.uint8)
    for begin in range(0, len(pairs), AT_ONCE):
        codes = faults.codes.slice(begin, AT_ONCE).to_numpy()
        lines = faults.lines.slice(begin, AT_ONCE).to_numpy()
        rows = np.flatnonzero(codes)
        begins, ends = pairs[begin : begin + AT_ONCE][rows].T
        kinds = codes[rows].astype(np.int32)
        yield from batches_of(RejectColumns(begins, ends, lines[rows], reasons[kinds], kinds), data, names)


def _merge_rejects(rejects: Path, more: Iterator[pa.RecordBatch]) -> None:
    with arrow_file(rejects, REJECTS) as file:
        for batch in merged(reject_batches(rejects), more, by="offset"):
            file.write_batch(batch)


def _keep_rows(staged: Path, rows: pa.Table, keep: Column) -> None:
    with arrow_file(staged, rows.schema) as file:
        begin = 0
        for batch in rows.to_batches():
            kept = batch.filter(keep.slice(begin, len(batch)).combine_chunks())
            begin += len(batch)
            if len(kept):
                file.write_batch(kept)
