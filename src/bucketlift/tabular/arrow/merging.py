"""Merges two sorted streams of Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa


def merged(
    one: Iterator[pa.RecordBatch], other: Iterator[pa.RecordBatch], by: str
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of both streams, sorted by the column ``by``. Each stream must already be sorted by this
    column. Only one batch of each is in memory.
    """
    first, second = next(one, None), next(other, None)
    while first is not None and second is not None:
        until = min(_last(first, by), _last(second, by))
        begin, first = _cut(first, by, until)
        more, second = _cut(second, by, until)
        yield from pa.Table.from_batches([begin, more]).combine_chunks().sort_by(by).to_batches()
        first = first if len(first) else next(one, None)
        second = second if len(second) else next(other, None)
    for rest, batches in ((first, one), (second, other)):
        if rest is not None:
            yield rest
            yield from batches


def _last(batch: pa.RecordBatch, by: str) -> int:
    return int(batch.column(by)[-1].as_py())


def _cut(batch: pa.RecordBatch, by: str, until: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The rows whose value is at most ``until``, and the other rows."""
    at = int(np.searchsorted(batch.column(by).to_numpy(), until, side="right"))
    return batch.slice(0, at), batch.slice(at)
