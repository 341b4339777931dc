"""Checks mended rejects against the contract, and stages them like the rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from bucketlift.model.contract import Contract
from bucketlift.model.mending import MendedRow, Unfit, UnfitReason
from bucketlift.model.rows import RejectReason
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.tabular.arrow.staging import BATCH_ROWS, arrow_file, rows_schema
from bucketlift.tabular.transform.row_transforms import RowTransforms
from bucketlift.tabular.types.columns import ColumnReader


def stage_mended(
    rows: Sequence[MendedRow], contract: Contract, checks: RowChecks, staged: Path
) -> list[Unfit]:
    """Stage the rows that fit, in order. Returns the other rows.

    Rows that a transform rejects do not fit, and neither do rows of an upsert whose key is repeated or partly
    empty.

    Raises:
        RequestWrong: a field's format or zone cannot be used.
    """
    unfit = {at: found for at, row in enumerate(rows) if (found := _unfilled(row, contract)) is not None}
    table = _typed(rows, contract, unfit)
    transforms = RowTransforms.of(checks)
    for find in (transforms.faults, transforms.key_faults):
        for fault in find(table) or () if len(table) else ():
            unfit.setdefault(fault.row, _unfit_row(rows[fault.row], fault.reason, fault.field))
    table = table.filter(pa.array([at not in unfit for at in range(len(rows))], pa.bool_()))
    with arrow_file(staged, rows_schema(contract)) as file:
        for batch in table.to_batches(max_chunksize=BATCH_ROWS):
            file.write_batch(batch)
    return [unfit[at] for at in sorted(unfit)]


def _unfilled(row: MendedRow, contract: Contract) -> Unfit | None:
    for name in contract.names:
        cell = row.cells.get(name)
        if cell is None:
            return _unfit_row(row, UnfitReason.NOT_FILLED_IN, name)
        if "\0" in cell:
            return _unfit_row(row, RejectReason.NUL, name)
    return None


def _typed(rows: Sequence[MendedRow], contract: Contract, unfit: dict[int, Unfit]) -> pa.Table:
    columns: list[pa.Array[Any]] = []
    for field in contract.fields:
        texts = [row.cells.get(field.name) or "" for row in rows]
        values = ColumnReader.of(field).read(pa.array(texts, pa.string()))
        columns.append(values.values)
        for at, reason in values.faults():
            unfit.setdefault(at, _unfit_row(rows[at], reason, field.name))
    lines = pa.array([row.line for row in rows], pa.int64())
    return pa.Table.from_arrays([*columns, lines], schema=rows_schema(contract))


def _unfit_row(row: MendedRow, reason: RejectReason | UnfitReason, field: str) -> Unfit:
    return Unfit(line=row.line, offset=row.offset, reason=reason.value, field=field)
