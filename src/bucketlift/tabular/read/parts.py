"""Reads several local files as one file. Each part must match the contract, and their rows follow one
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import Verdict
from bucketlift.model.rows import SOURCE_LINE, Reading
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.faults import RowFaults
from bucketlift.tabular.arrow.staging import REJECTS, arrow_file, rows_schema
from bucketlift.tabular.decode.transcoding import lines_of
from bucketlift.tabular.hints.reject_hint import first_rejects, hint_by_records
from bucketlift.tabular.read.reading import read_file, too_many
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.read.staged_writer import Report
from bucketlift.tabular.transform.row_transforms import RowTransforms

NO_LIMIT = RejectLimit()


def read_parts(paths: Sequence[Path], request: ReadRequest) -> Reading:
    """Read the parts in order, like ``read_file``. Each part has its own header.

    Lines and offsets continue from part to part. A record never continues in the next part. Keys are compared
    across all parts: rows of different parts with the same key become rejects.

    Raises:
        NotAvailable, RequestWrong: the contract's dialect cannot be read.
        OSError: a part cannot be read, or the results cannot be written.
    """
    if len(paths) == 1:
        return read_file(paths[0], request)
    whole = _read_each(paths, replace(request, find_key_faults=_no_faults))
    checks = request.checks
    if (
        checks.have_demands
        and whole.hold is None
        and (faults := _key_faults(request.staged, checks)) is not None
    ):
        # Read all parts again to report the key faults: a row's bytes are known only while its part is read.
        whole = _read_each(paths, replace(request, find_key_faults=_Known(faults=faults)))
    return _within(whole, paths[0], request)


def _read_each(paths: Sequence[Path], request: ReadRequest) -> Reading:
    request.staged.unlink(missing_ok=True)
    with ExitStack() as files:
        rejects_file = files.enter_context(arrow_file(request.rejects, REJECTS))
        rows_file = files.enter_context(arrow_file(request.staged, rows_schema(request.contract)))
        whole, begin = Reading(), _Start()
        for number, path in enumerate(paths, 1):
            part = replace(
                request,
                staged=path.with_suffix(".rows"),
                rejects=path.with_suffix(".rejects"),
                max_rejected=NO_LIMIT,
                report=begin.continued(request.report, whole.rows),
            )
            reading = read_file(path, part)
            name = f"File {number} of {len(paths)} in the zip"
            whole = _joined(whole, reading, name, first=number == 1)
            if whole.hold is not None:
                break
            _append(path.with_suffix(".rows"), rows_file, {SOURCE_LINE: begin.lines})
            _append(path.with_suffix(".rejects"), rejects_file, {"line": begin.lines, "offset": begin.bytes})
            begin = begin.after(path, request.contract.dialect)
    return whole


def _no_faults(_rows: pa.Table) -> None:
    """Find no faults: in one part alone, keys that occur twice cannot be found."""


def _key_faults(staged: Path, checks: RowChecks) -> RowFaults | None:
    with pa.memory_map(str(staged)) as file, pa.ipc.open_file(file) as reader:
        rows = reader.read_all()
        found = RowTransforms.of(checks).key_faults(rows) if len(rows) else None
        return found if found is not None and found.rows else None


@dataclass(slots=True, kw_only=True)
class _Known:
    """Returns for each part, in order, the key faults that were found in all parts together."""

    faults: RowFaults
    _rows_before: int = 0
    """Number of rows of the parts before the present one."""

    def __call__(self, rows: pa.Table) -> RowFaults:
        codes = self.faults.codes.slice(self._rows_before, len(rows))
        self._rows_before += len(rows)
        return replace(self.faults, codes=codes, lines=rows.column(SOURCE_LINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """The position of a part in the whole file."""

    lines: int = 0
    bytes: int = 0

    def continued(self, report: Report, rows: int) -> Report:
        """The progress function for this part, which adds the progress of the earlier parts."""
        return lambda read, more: report(self.bytes + read, rows + more)

    def after(self, path: Path, dialect: Dialect) -> _Start:
        return _Start(lines=self.lines + lines_of(path, dialect), bytes=self.bytes + path.stat().st_size)


def _joined(whole: Reading, part: Reading, name: str, *, first: bool) -> Reading:
    hold = part.hold and replace(part.hold, what=f"{name}: {part.hold.what}")
    return Reading(
        rows=whole.rows + part.rows,
        rejected=whole.rejected + part.rejected,
        blank_lines=whole.blank_lines + part.blank_lines,
        notes=whole.notes + tuple(f"{name}: {note}" for note in part.notes),
        hold=hold,
        verdict=part.verdict if first or _alike(whole.verdict, part.verdict) else None,
    )


def _alike(one: Verdict | None, other: Verdict | None) -> bool:
    """Whether the rejects of both parts can be split in the same way."""
    return (
        one is not None
        and other is not None
        and ((one.positions, one.width) == (other.positions, other.width))
    )


def _append(source: Path, to: pa.RecordBatchFileWriter, shifts: dict[str, int]) -> None:
    with pa.memory_map(str(source)) as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            to.write_batch(_shifted(reader.get_batch(number), shifts))
    source.unlink()


def _shifted(batch: pa.RecordBatch, shifts: dict[str, int]) -> pa.RecordBatch:
    import pyarrow.compute  # noqa: PLC0415 - few files are zips

    arrow: Any = pyarrow.compute
    columns = [
        arrow.add(batch.column(name), shifts[name]) if name in shifts else batch.column(name)
        for name in batch.schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _within(whole: Reading, first: Path, request: ReadRequest) -> Reading:
    limit = request.max_rejected
    records = whole.rows + whole.rejected
    if whole.hold is not None or limit.allows(whole.rejected, records):
        return whole
    hint = hint_by_records(first_rejects(request.rejects), first, request.contract, None)
    return replace(whole, hold=too_many(whole.rejected, records, limit, hint))
