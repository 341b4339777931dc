"""Reads one local file exactly: staged rows, rejects, and a summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bucketlift.model.contract import Contract
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import Reading, Reject
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.placing import FindFaults, remove_faulty_rows
from bucketlift.tabular.arrow.staging import REJECTS, arrow_file
from bucketlift.tabular.bytes.mapped import Bytes, mapped
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.decode.transcoding import Text, as_utf8, restore_rejects
from bucketlift.tabular.hints.last_lines import hint_for_last_lines
from bucketlift.tabular.hints.other_delimiter import hint_for_other_delimiter
from bucketlift.tabular.hints.reject_hint import first_rejects, hint_by_records, hint_by_values
from bucketlift.tabular.hints.short_header import hint_for_short_header
from bucketlift.tabular.read.limits import LimitCheck
from bucketlift.tabular.read.notes import notes_of
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.read.staged_writer import Tally
from bucketlift.tabular.read.strategy import Staging
from bucketlift.tabular.read.table import Table, find_table
from bucketlift.tabular.transform.row_transforms import RowTransforms


def read_file(path: Path, request: ReadRequest) -> Reading:
    """Read a file against its contract. Every byte of the file is in a row or a reject, or counted as left
    out.

    The files of rows and rejects appear only when they are complete; older ones are removed first. A row with
    a value that does not fit its field's type is a reject.

    Raises:
        NotAvailable, RequestWrong: the contract's dialect, or a field's format or zone, cannot be used.
        OSError: the file cannot be read, or the results cannot be written.
    """
    contract = request.contract
    Marks.of(contract.dialect)  # refuses an invalid dialect
    request.staged.unlink(missing_ok=True)
    request.rejects.unlink(missing_ok=True)
    hold = _hold_unread(path)
    if hold is None:
        scratch = request.staged.with_name(f"{request.staged.name}.utf8")
        with as_utf8(path, contract.dialect, scratch, contract.policies.encoding) as text:
            found = text if isinstance(text, Hold) else _read(text, path, request)
        if isinstance(found, Reading):
            return found
        hold = found
    with arrow_file(request.rejects, REJECTS):
        return Reading(hold=hold)


def _read(text: Text, path: Path, request: ReadRequest) -> Reading | Hold:
    table = find_table(text.path, path, request)
    if isinstance(table, Hold):
        return table
    with mapped(text.path, table.end) as data:
        tally = _stage(data, text, table, request)
        is_allowed = request.max_rejected.allows(tally.rejected, tally.records)
        first = [] if is_allowed else first_rejects(request.rejects)
        hint = _hint_by_text(first, data, table, request.contract)
    if text.origin is not None:
        restore_rejects(request.rejects, text.origin)
    if is_allowed:
        return _reading(tally, table, text.notes)
    hint = hint or _hint_by_bytes(first, path, table, request)
    hold = too_many(tally.rejected, tally.records, request.max_rejected, hint, at_least=tally.given_up)
    return replace(_reading(tally, table, text.notes), hold=hold)


def _stage(data: Bytes, text: Text, table: Table, request: ReadRequest) -> Tally:
    """Write the rows and the rejects of a table."""
    begun, checks = table.begun, request.checks
    tally = Staging(
        data=data,
        coded=text.coded,
        marks=_needed(table.marks, data),
        header=begun.header,
        verdict=begun.verdict,
        contract=request.contract,
        staged=request.staged,
        rejects=request.rejects,
        placed=checks.are_needed,
        give_up=LimitCheck(limit=request.max_rejected, size=len(data), width=begun.verdict.width),
        tail=table.tail,
        report=request.report,
    ).stage(request.block_bytes)
    if checks.are_needed and not tally.given_up:
        _check_rows(data, tally, request)
    return tally


def _hint_by_text(first: Sequence[Reject], data: Bytes, table: Table, contract: Contract) -> str | None:
    """A hint for the first rejects, found in the UTF-8 text that was read."""
    header, verdict = table.begun.header, table.begun.verdict
    place = (first, data, table.marks, contract, header)
    last = hint_for_other_delimiter(*place) or hint_for_last_lines(*place)
    return last or hint_by_values(first, data, table.marks, header, contract, verdict)


def _hint_by_bytes(first: Sequence[Reject], path: Path, table: Table, request: ReadRequest) -> str | None:
    """A hint for the rejects, found in their original bytes, or in the number of cells of the ``first`` ones."""
    contract, begun = request.contract, table.begun
    found = hint_by_records(first_rejects(request.rejects), path, contract, begun.verdict.width)
    return found or hint_for_short_header(first, table.marks, contract, begun.header)


def _check_rows(data: Bytes, tally: Tally, request: ReadRequest) -> None:
    """Move to the rejects the rows that a transform rejects, then the rows that a load does not accept."""
    transforms = RowTransforms.of(request.checks)
    finders: list[FindFaults] = [transforms.faults]
    if request.checks.have_demands:
        finders.append(request.find_key_faults or transforms.key_faults)
    for find in finders:
        wrong, tally.extents = remove_faulty_rows(data, tally.extents, find, request.staged, request.rejects)
        tally.row_faults += wrong


def _hold_unread(path: Path) -> Hold | None:
    if path.stat().st_size == 0:
        return Hold(
            reason=HeldReason.EMPTY,
            what="The file is empty (0 bytes)",
            hint="Upload the file again, ignore this file, or set `empty: skip` next to the contract.",
        )
    return None


def _reading(tally: Tally, table: Table, notes: tuple[str, ...]) -> Reading:
    """The result for the whole file. ``notes`` are the notes about its text."""
    verdict = table.begun.verdict
    mixed = ("Line ends are mixed: LF and CRLF",) if tally.mixed else ()
    return Reading(
        rows=tally.records - tally.rejected,
        rejected=tally.rejected,
        blank_lines=tally.blank_lines,
        notes=(*notes, *notes_of(tally), *table.notes_of_end, *verdict.notes, *table.notes_below, *mixed),
        verdict=verdict,
    )


def _needed(marks: Marks, data: Bytes) -> Marks:
    """Switch off the rules for formula guards and blanks if the file does not need them; many cells can then
    be read at once.
    """
    quote = marks.quote or b""
    guard = marks.guard and data.find(b'="') >= 0
    blanks = marks.blanks and any(
        data.find(each) >= 0 for each in (b" " + quote, quote + b" ", b"\t" + quote, quote + b"\t")
    )
    return replace(marks, guard=guard, blanks=blanks)


def too_many(
    rejected: int, records: int, limit: RejectLimit, hint: str | None, *, at_least: bool = False
) -> Hold:
    """The hold of a file with too many rejects. ``hint`` names a setting that reads most of them.
    ``at_least`` means that reading ended early, so there may be more.
    """
    limits = [f"{limit.rows} rows"] if limit.rows is not None else []
    limits += [f"{limit.percent:g} %"] if limit.percent is not None else []
    counts = f"{rejected} of {records} records are rejects"
    if at_least:
        counts = f"{rejected} of the first {records} records are rejects, and the rest was not read"
    return Hold(
        reason=HeldReason.TOO_MANY_REJECTS,
        what=f"{counts}; max_rejected allows {' and '.join(limits)}",
        hint=f"{hint} Otherwise look at the rejects, correct the file and upload it again, or raise max_rejected."
        if hint
        else "Look at the rejects, correct the file and upload it again, or raise max_rejected.",
    )
