"""Reads one local file exactly: staged rows, rejects, and a summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bucketlift.model.contract import HeldReason, Hold
from bucketlift.model.rows import Reading
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.placing import take_out_key_faults
from bucketlift.tabular.arrow.staging import REJECTS, arrow_file
from bucketlift.tabular.bytes.mapped import Bytes, mapped
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.decode.ending import find_ending
from bucketlift.tabular.decode.transcoding import Text, as_utf8, restore_rejects
from bucketlift.tabular.header.beginning import TableStart, find_table_start
from bucketlift.tabular.header.footer import Footer, find_footer
from bucketlift.tabular.hints.dialect_fix import doubtful_escapes, header_fix, with_fix
from bucketlift.tabular.hints.last_lines import hint_for_last_lines, hold_for_total
from bucketlift.tabular.hints.record_types import hold_for_record_types
from bucketlift.tabular.hints.reject_hint import first_rejects, hint_by_records, hint_by_values
from bucketlift.tabular.hints.short_header import hint_for_short_header
from bucketlift.tabular.read.limits import GiveUp
from bucketlift.tabular.read.notes import notes_of
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.read.staged_writer import Tally
from bucketlift.tabular.read.strategy import Staging


def read_file(path: Path, request: ReadRequest) -> Reading:
    """Read a file against its contract. Every byte of it is in a row or a reject, or counted as left out.

    The files of rows and rejects appear only when complete; older ones are removed first. A row with a value that
    does not fit its field's type is a reject.

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
    contract, keys, max_rejected = request.contract, request.keys, request.max_rejected
    staged, rejects = request.staged, request.rejects
    marks = Marks.of(contract.dialect)
    with mapped(text.path) as data:
        begun = find_table_start(data, marks, contract, frozenset(field for key in keys for field in key))
        if isinstance(begun, Hold):
            return with_fix(begun, header_fix(path, contract, begun))
        if doubt := doubtful_escapes(data, contract):
            return doubt
        ending = find_ending(data, begun.header.end)
        tail = None if ending is None or contract.dialect.trailing_controls else ending.reject(data)
        end = len(data) if ending is None else ending.start
    with mapped(text.path, end) as data:
        footer = find_footer(data, marks, contract, begun.header)
        if footer is None and (
            total := hold_for_record_types(data, marks, contract, begun.header)
            or hold_for_total(data, marks, contract, begun.header, begun.verdict)
        ):
            return total
        end = end if footer is None else footer.start
    with mapped(text.path, end) as data:
        tally = Staging(
            data=data,
            coded=text.coded,
            marks=_needed(marks, data),
            header=begun.header,
            verdict=begun.verdict,
            contract=contract,
            staged=staged,
            rejects=rejects,
            keyed=bool(keys),
            give_up=GiveUp(limit=max_rejected, size=len(data), width=begun.verdict.width),
            tail=tail,
            report=request.report,
        ).stage(request.block_bytes)
        if keys and not tally.given_up:
            tally.key_faults = take_out_key_faults(data, tally.extents, keys, staged, rejects, request.judge)
        allowed = max_rejected.allows(tally.rejected, tally.records)
        first = [] if allowed else first_rejects(rejects)
        hint = hint_for_last_lines(first, data, marks, contract, begun.header) or hint_by_values(
            first, data, marks, begun.header, contract, begun.verdict
        )
        by_width = hint_for_short_header(first, marks, contract, begun.header)
    if text.origin is not None:
        restore_rejects(rejects, text.origin)
    if not allowed and hint is None:
        hint = hint_by_records(first_rejects(rejects), path, contract, begun.verdict.width) or by_width
    hold = (
        None
        if allowed
        else too_many(tally.rejected, tally.records, max_rejected, hint, at_least=tally.given_up)
    )
    notes = text.notes + notes_of(tally)
    if ending is not None and tail is None:
        notes += (f"Control characters at the end of the file were left out: {len(ending.tail)}",)
    return _reading(tally, begun, footer, hold, notes)


def _hold_unread(path: Path) -> Hold | None:
    if path.stat().st_size == 0:
        return Hold(
            reason=HeldReason.EMPTY,
            what="The file is empty (0 bytes)",
            hint="Upload it again, ignore this one, or set `empty: skip` next to the contract.",
        )
    return None


def _reading(
    tally: Tally, begun: TableStart, footer: Footer | None, hold: Hold | None, notes: tuple[str, ...]
) -> Reading:
    below = () if footer is None else (f"Lines below the table were left out: {footer.lines}",)
    mixed = ("Line ends are mixed: LF and CRLF",) if tally.mixed else ()
    return Reading(
        rows=tally.records - tally.rejected,
        rejected=tally.rejected,
        blank_lines=tally.blank_lines,
        notes=notes + begun.verdict.notes + below + mixed,
        hold=hold,
        verdict=begun.verdict,
    )


def _needed(marks: Marks, data: Bytes) -> Marks:
    """Drop the marks that the file does not use, so that many cells can be read at once."""
    quote = marks.quote or b""
    guard = marks.guard and data.find(b'="') >= 0
    blanks = marks.blanks and any(
        data.find(each) >= 0 for each in (b" " + quote, quote + b" ", b"\t" + quote, quote + b"\t")
    )
    return replace(marks, guard=guard, blanks=blanks)


def too_many(
    rejected: int, records: int, limit: RejectLimit, hint: str | None, *, at_least: bool = False
) -> Hold:
    """``hint`` is a setting that reads most of the rejects; ``at_least`` means that reading ended early."""
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
