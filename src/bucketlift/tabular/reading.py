"""One local file read exactly: staged rows, rejects, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bucketlift.model.contract import Contract, HeldReason, Hold, Verdict
from bucketlift.model.rows import Reading
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.encoding import hold_unless_utf8
from bucketlift.tabular.header import Header, framer_below, read_header
from bucketlift.tabular.keys import Key
from bucketlift.tabular.mapped import Bytes, mapped
from bucketlift.tabular.marks import Marks
from bucketlift.tabular.placing import take_out_key_faults
from bucketlift.tabular.pouring import Pour, Tally
from bucketlift.tabular.repeats import refuse_second_headers
from bucketlift.tabular.staging import REJECTS, RejectsWriter, RowsWriter, arrow_file, rows_schema
from bucketlift.tabular.verdict import judge


def read_file(
    path: Path,
    *,
    contract: Contract,
    staged: Path,
    rejects: Path,
    max_rejected: RejectLimit,
    keys: Sequence[Key] = (),
) -> Reading:
    """Read a file against its contract; every byte of it ends in a row, a reject or a counted blank line.

    ``rejects`` is written whatever the file is, in the file's order; ``staged`` only where the header meets
    the contract. Both are at their place once they are whole; older ones are removed first. A row is a
    reject where a value is none of its field's type. ``keys`` are those of the upserts that take this file:
    rows that share one, or leave a field of one empty, become rejects.

    Raises:
        NotAvailable, RequestWrong: the contract's dialect, or a format or zone of a field, cannot be used.
        OSError: the file cannot be read, or there is no room for what is written.
    """
    marks = Marks.of(contract.dialect)
    staged.unlink(missing_ok=True)
    rejects.unlink(missing_ok=True)
    hold = _hold_unread(path)
    if hold is None:
        with mapped(path) as data:
            begun = _begin(data, marks, contract)
            if not isinstance(begun, Hold):
                tally = _stage(
                    data, marks, begun, contract=contract, staged=staged, rejects=rejects, keyed=bool(keys)
                )
                if keys:
                    tally.key_faults = take_out_key_faults(data, tally.extents, keys, staged, rejects)
                return _reading(tally, begun, max_rejected)
            hold = begun
    with arrow_file(rejects, REJECTS):
        return Reading(hold=hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A file whose header meets its contract."""

    header: Header
    verdict: Verdict


def _hold_unread(path: Path) -> Hold | None:
    if path.stat().st_size == 0:
        return Hold(
            reason=HeldReason.EMPTY,
            what="The file is empty: it has no byte at all",
            hint="Upload it again, ignore this one, or set the contract's empty: ignore.",
        )
    return hold_unless_utf8(path)


def _begin(data: Bytes, marks: Marks, contract: Contract) -> _Begun | Hold:
    header = read_header(data, marks)
    if isinstance(header, Hold):
        return header
    verdict = judge(contract, header.names)
    return verdict if isinstance(verdict, Hold) else _Begun(header=header, verdict=verdict)


def _stage(
    data: Bytes,
    marks: Marks,
    begun: _Begun,
    *,
    contract: Contract,
    staged: Path,
    rejects: Path,
    keyed: bool,
) -> Tally:
    with ExitStack() as files:
        rows_file = files.enter_context(arrow_file(staged, rows_schema(contract)))
        rejects_file = files.enter_context(arrow_file(rejects, REJECTS))
        pour = Pour(
            data=data,
            rows=RowsWriter(rows_file, contract, begun.verdict.positions),
            rejects=RejectsWriter(rejects_file),
            keyed=keyed,
        )
        framer = framer_below(data, marks, begun.header)
        tally = pour.all_of(refuse_second_headers(framer, begun.header, data))
    tally.blank_lines += begun.header.blank_lines
    tally.mixed = framer.mixes_line_ends
    return tally


def _reading(tally: Tally, begun: _Begun, max_rejected: RejectLimit) -> Reading:
    rows, rejected = tally.rows - tally.key_faults, tally.rejects + tally.key_faults
    allowed = max_rejected.allows(rejected, rows + rejected)
    return Reading(
        rows=rows,
        rejected=rejected,
        blank_lines=tally.blank_lines,
        notes=begun.verdict.notes + (("Line ends are mixed: LF and CRLF",) if tally.mixed else ()),
        hold=None if allowed else _too_many(rejected, rows + rejected, max_rejected),
    )


def _too_many(rejected: int, records: int, limit: RejectLimit) -> Hold:
    limits = [f"{limit.rows} rows"] if limit.rows is not None else []
    limits += [f"{limit.percent:g} %"] if limit.percent is not None else []
    return Hold(
        reason=HeldReason.TOO_MANY_REJECTS,
        what=f"{rejected} of {records} records are rejects; max_rejected allows {' and '.join(limits)}",
        hint="Look at the rejects, mend the file and upload it again, or raise max_rejected.",
    )
