"""Applies all transforms to the rows of an extract task: finds the rows that they reject, and makes the new
rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from bucketlift.errors import OurFault
from bucketlift.model.rows import SOURCE_LINE, RejectReason, RowStream
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.tabular.arrow.demands import with_demand, with_refused
from bucketlift.tabular.arrow.faults import Kind, RowFault, RowFaults, no_codes, with_code
from bucketlift.tabular.arrow.keys import Key, key_faults
from bucketlift.tabular.transform.outputs import Failed
from bucketlift.tabular.transform.transformer import Transformer
from bucketlift.tabular.transform.values import as_text
from bucketlift.tabular.types.computing import compute


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    cells: tuple[str | None, ...]
    fault: RowFault | None
    """Why the row is a reject; None if it is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTransforms:
    checks: RowChecks
    transformers: tuple[Transformer, ...]
    """The transforms, in an order in which each comes after its source."""

    @staticmethod
    def of(checks: RowChecks) -> RowTransforms:
        """Prepare the transforms.

        Raises:
            RequestWrong: a format or a time zone cannot be used.
        """
        return RowTransforms(checks=checks, transformers=tuple(map(Transformer.of, checks.transforms)))

    def faults(self, rows: pa.Table) -> RowFaults | None:
        """Find the rows that a transform rejects. The use of memory grows with the number of rows, not with
        their number of columns.
        """
        if not self.transformers:
            return None
        found = _Found()
        codes = [self._codes(batch, found) for batch in rows.to_batches()]
        return RowFaults(
            codes=pa.chunked_array(codes, pa.int32()),
            lines=rows.column(SOURCE_LINE),
            kinds=tuple(found.kinds),
        )

    def rejects_any(self, rows: pa.RecordBatch) -> bool:
        if not self.transformers:
            return False
        return bool(compute.any(compute.not_equal(self._codes(rows, _Found()), 0)).as_py())

    def key_faults(self, rows: pa.Table) -> RowFaults:
        """Find the rows with an invalid upsert key, and those that a load does not accept. ``rows`` must be
        rows that no transform rejects.
        """
        faults = key_faults(
            rows, [(self._keyed(rows, key.source, key.fields), key.fields) for key in self.checks.keys]
        )
        for demand in self.checks.demands:
            made = self._keyed(rows, demand.source, demand.check.fields)
            faults = with_demand(faults, made, demand.check)
        return with_refused(faults, self.checks.refused)

    def stream(self, source: str, rows: RowStream) -> RowStream:
        """The rows of a transform, or the unchanged rows of the extract task.

        The rows that a transform rejects were removed when the file was read. If one is left, the stream
        raises OurFault.
        """
        path = self._path(source)
        if not path:
            return rows
        empty = pa.RecordBatch.from_pylist([], schema=rows.schema)
        return RowStream(schema=_through(path, empty).schema, batches=_each(path, rows.batches))

    def preview(self, source: str, rows: pa.RecordBatch) -> tuple[tuple[str, ...], tuple[PreviewRow, ...]]:
        """The names and the values of a transform's rows, as texts. If a transform rejects a row, the row has
        the reason.
        """
        done = rows
        for each in self._path(source):
            done = each.apply(done).rows
        names = tuple(name for name in done.schema.names if name != SOURCE_LINE)
        texts = [as_text(done.column(name)).to_pylist() for name in names]
        faults = self.faults(pa.Table.from_batches([rows]))
        wrong = {} if faults is None else {each.row: each for each in faults}
        cells = zip(*texts, strict=True) if texts else ()
        return names, tuple(PreviewRow(cells=row, fault=wrong.get(at)) for at, row in enumerate(cells))

    def _path(self, source: str) -> list[Transformer]:
        wanted = {task.id for task in self.checks.transforms_to(source)}
        return [each for each in self.transformers if each.id in wanted]

    def _keyed(self, rows: pa.Table, source: str, key: Key) -> pa.Table:
        path = self._path(source)
        if not path:
            return rows
        batches = [_through(path, batch).select(list(key)) for batch in rows.to_batches()]
        return pa.Table.from_batches(batches)

    def _codes(self, rows: pa.RecordBatch, found: _Found) -> Any:
        by_task = {self.checks.extract: rows}
        codes = no_codes(rows.num_rows)
        for each in self.transformers:
            done = each.apply(by_task[each.source])
            by_task[each.id] = done.rows
            for failed in done.failed:
                codes = found.coded(codes, failed)
        return codes


@dataclass(slots=True)
class _Found:
    """The kinds of faults that were found so far, each with its number, from 1."""

    kinds: dict[Kind, int] = field(default_factory=dict)

    def coded(self, codes: Any, failed: Failed) -> Any:
        for word in compute.unique(compute.drop_null(failed.reasons)).to_pylist():
            number = self.kinds.setdefault((RejectReason(word), failed.where), len(self.kinds) + 1)
            codes = with_code(codes, compute.equal(failed.reasons, word), number)
        return codes


def _each(path: list[Transformer], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield _through(path, batch)


def _through(path: list[Transformer], rows: pa.RecordBatch) -> pa.RecordBatch:
    for each in path:
        done = each.apply(rows)
        if done.failed:
            raise OurFault(
                "A transform rejects a row at the load that it accepted when the file was read",
                to=done.failed[0].where,
            )
        rows = done.rows
    return rows
