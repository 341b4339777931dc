"""Finds rows that a load does not accept: a missing or too long value, an invalid date, or a row that a
directory refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pyarrow as pa

from bucketlift.model.contract import Field
from bucketlift.model.directory.row_check import CheckKind, RowCheck
from bucketlift.model.rows import RefusedRow, RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.arrow.faults import Column, RowFaults, with_code
from bucketlift.tabular.types.columns import ColumnReader
from bucketlift.tabular.types.computing import compute
from bucketlift.tabular.types.utc_times import in_utc


def with_demand(faults: RowFaults, rows: pa.Table, check: RowCheck) -> RowFaults:
    """Add a fault for each row that does not meet a check and has no fault yet."""
    for wrong, reason, name in _wrong(rows, check):
        faults = _with(faults, wrong, reason, name)
    return faults


def with_refused(faults: RowFaults, refused: Iterable[RefusedRow]) -> RowFaults:
    """Add a fault for each refused row that has no fault yet. Refused rows are found by their lines."""
    by_kind: dict[tuple[RejectReason, str], list[int]] = {}
    for each in refused:
        by_kind.setdefault((each.reason, each.field), []).append(each.line)
    for (reason, name), lines in by_kind.items():
        wrong = compute.is_in(faults.lines, value_set=pa.array(lines, pa.int64()))
        faults = _with(faults, wrong, reason, name)
    return faults


def _with(faults: RowFaults, wrong: Column, reason: RejectReason, name: str) -> RowFaults:
    kinds = (*faults.kinds, (reason, name))
    return replace(faults, codes=with_code(faults.codes, wrong, len(kinds)), kinds=kinds)


def _wrong(rows: pa.Table, check: RowCheck) -> Iterator[tuple[Column, RejectReason, str]]:
    fields = check.groups[0] if check.groups else ()
    match check.kind:
        case CheckKind.NOT_EMPTY:
            for name in fields:
                yield _blank(rows.column(name)), RejectReason.REQUIRED_EMPTY, name
        case CheckKind.ONE_GROUP:
            none = _all([_any([_blank(rows.column(name)) for name in group]) for group in check.groups])
            names = dict.fromkeys(name for group in check.groups for name in group)
            yield none, RejectReason.NO_MERGE_FIELD, ", ".join(names)
        case CheckKind.LENGTH:
            for name in fields:
                if rows.column(name).type == pa.string():
                    too_long = compute.greater(compute.utf8_length(rows.column(name)), check.limit)
                    wrong = compute.fill_null(too_long, fill_value=False)
                    yield wrong, RejectReason.VALUE_TOO_LONG, name
        case CheckKind.DATE:
            (name,) = fields
            yield _no_date(rows.column(name), check.format), RejectReason.NOT_A_DATE, name
        case CheckKind.MOMENT:
            (name,) = fields
            for reason, wrong in _no_times(rows.column(name), check):
                yield wrong, reason, name


def _blank(values: Column) -> Column:
    if values.type != pa.string():
        return cast("Column", compute.is_null(values))
    return compute.fill_null(compute.equal(compute.utf8_trim_whitespace(values), ""), fill_value=True)  # type: ignore[no-any-return]


def _any(columns: Sequence[Column]) -> Column:
    found = columns[0]
    for each in columns[1:]:
        found = compute.or_(found, each)
    return found


def _all(columns: Sequence[Column]) -> Column:
    found = columns[0]
    for each in columns[1:]:
        found = compute.and_(found, each)
    return found


def _no_date(values: Any, form: str | None) -> Column:
    """For each value, whether it is neither blank nor a date."""
    if values.type != pa.string():
        return cast("Column", compute.is_null(values))
    reader = ColumnReader.of(Field(name="date", type=TypeName.DATE, format=form))
    dates = [reader.read(chunk.fill_null("")).values for chunk in values.chunks]
    return cast("Column", compute.is_null(pa.chunked_array(dates, reader.type)))


def _no_times(values: Any, check: RowCheck) -> Iterator[tuple[RejectReason, Column]]:
    """Yield the values that are not times, by reason."""
    read = [in_utc(chunk, check.format, check.time_zone) for chunk in values.chunks]
    found = pa.chunked_array(
        [pa.nulls(len(each.values), pa.string()) if each.reasons is None else each.reasons for each in read],
        pa.string(),
    )
    for reason in compute.unique(found).drop_null().to_pylist():
        yield RejectReason(reason), compute.fill_null(compute.equal(found, reason), fill_value=False)
