"""Moves rows that an upsert cannot place from a staged file to the rejects."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path

import pyarrow as pa

from bucketlift.model.rows import Reject
from bucketlift.tabular.arrow.keys import Column, Key, KeyFaults
from bucketlift.tabular.arrow.staging import REJECTS, RejectsWriter, arrow_file, open_rejects
from bucketlift.tabular.bytes.mapped import Bytes

Judge = Callable[[pa.Table, Sequence[Key]], KeyFaults | None]
"""Finds the rows of a staged file whose keys are invalid."""


def take_out_key_faults(
    data: Bytes, extents: Sequence[int], keys: Sequence[Key], staged: Path, rejects: Path, judge: Judge
) -> int:
    """Rewrite both files if a row's key is invalid; return the number of such rows.

    ``extents`` has two numbers per staged row: the offset of its first byte in the source, and of the byte
    after it.
    """
    with pa.memory_map(str(staged)) as file, pa.ipc.open_file(file) as reader:
        rows = reader.read_all()
        if not len(rows):
            return 0
        faults = judge(rows, keys)
        wrong = 0 if faults is None else faults.rows
        if faults is not None and wrong:
            _merge_rejects(rejects, _rejects(data, extents, faults))
            _keep_rows(staged, rows, faults.kept)
    return wrong


def _rejects(data: Bytes, extents: Sequence[int], faults: KeyFaults) -> Iterator[Reject]:
    for fault in faults:
        begin, end = extents[2 * fault.row], extents[2 * fault.row + 1]
        yield Reject(
            line=fault.line, offset=begin, raw=data[begin:end], reason=fault.reason, field=fault.field
        )


def _merge_rejects(rejects: Path, more: Iterator[Reject]) -> None:
    with arrow_file(rejects, REJECTS) as file:
        writer = RejectsWriter(file)
        for reject in heapq.merge(open_rejects(rejects), more, key=attrgetter("offset")):
            writer.add(reject)
        writer.flush()


def _keep_rows(staged: Path, rows: pa.Table, keep: Column) -> None:
    with arrow_file(staged, rows.schema) as file:
        begin = 0
        for batch in rows.to_batches():
            kept = batch.filter(keep.slice(begin, len(batch)).combine_chunks())
            begin += len(batch)
            if len(kept):
                file.write_batch(kept)
