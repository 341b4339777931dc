"""Finds the start of a file's table: its header row and the lines above it, or the first record if files have
no header.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bucketlift.model.contract import Contract, Dialect, Policy
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import LF, Marks
from bucketlift.tabular.csv.records import Broken, whole_record
from bucketlift.tabular.decode.escapes import content
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, file_format_of
from bucketlift.tabular.header.header import Header, fold, read_header
from bucketlift.tabular.header.line_ends import hold_for_line_end, other_line_end
from bucketlift.tabular.header.lines import LONGEST_LINE, Lines
from bucketlift.tabular.header.numbering import numbered
from bucketlift.tabular.header.other_quotes import hold_for_quotes
from bucketlift.tabular.header.rows_below import hold_for_rows_below, leave_out_rows
from bucketlift.tabular.header.separators import NAMES, other_separator
from bucketlift.tabular.header.verdict import judge

SEARCHED = 20
"""Number of lines in which a header row is searched if it is not at the expected place."""
_NOT_A_TABLE = frozenset({HeldReason.NO_HEADER, HeldReason.BROKEN_HEADER})
_READ_WRONGLY = _NOT_A_TABLE | {
    HeldReason.MISSING_COLUMN,
    HeldReason.RENAMED_COLUMN,
    HeldReason.EXTRA_COLUMN,
    HeldReason.BLANK_COLUMN,
    HeldReason.DUPLICATE_COLUMN,
}
"""Hold reasons that may be caused by another delimiter than the task's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStart:
    """A file whose header matches its contract, and where its table starts."""

    header: Header
    verdict: Verdict


def find_table_start(
    data: Bytes, marks: Marks, contract: Contract, keys: Collection[str] = ()
) -> TableStart | Hold:
    """Find and check the header. ``keys`` are the fields that identify rows."""
    lines, dialect = Lines(data, marks), contract.dialect
    lacking = lines.missing_text(dialect.expect, dialect.lines_above)
    if lacking is not None:
        return _hold_unexpected(lacking, dialect.lines_above)
    begun = _headed(lines, contract, keys) if dialect.header else _headless(lines, contract)
    at = begun.header.end if isinstance(begun, TableStart) else lines.start(dialect.lines_above)
    width = len(begun.header.names) if isinstance(begun, TableStart) else None
    if line_end := other_line_end(data, dialect, at, width):
        return hold_for_line_end(line_end)
    return _in_other_quotes(lines, contract, begun) or (
        begun if isinstance(begun, Hold) or not dialect.header else _below(data, marks, contract, begun)
    )


def _in_other_quotes(lines: Lines, contract: Contract, begun: TableStart | Hold) -> Hold | None:
    """The hold if quotes other than the task's explain a wrong header, or would be loaded as content;
    otherwise None.
    """
    if isinstance(begun, Hold):
        if begun.reason not in _READ_WRONGLY:
            return None
        return hold_for_quotes(
            lines.data, lines.marks, contract.dialect, lines.start(contract.dialect.lines_above)
        )
    return hold_for_quotes(lines.data, lines.marks, contract.dialect, begun.header.offset, contract.names)


def _headed(lines: Lines, contract: Contract, keys: Collection[str]) -> TableStart | Hold:
    above = contract.dialect.lines_above
    found = _judged(lines, above, contract, keys)
    if isinstance(found, TableStart):
        return found
    place = _exact_header(lines, contract)
    if place in (None, above):
        return _explained(found, lines, contract)
    if contract.policies.preamble is Policy.ACCEPT:
        return _judged(lines, place, contract, keys)
    if contract.policies.preamble is not Policy.IGNORE or contract.dialect.header_line is not None:
        return _hold_preamble(place, contract.dialect)
    like = lines.like_record(place, len(contract.fields), any_table=True)
    return _hold_doubtful(like, place) if like else _judged(lines, place, contract, keys)


def _below(data: Bytes, marks: Marks, contract: Contract, begun: TableStart) -> TableStart | Hold:
    """Leave out the records below the header that are not data. If the file may have such records and the
    task does not give their number, it is held.
    """
    count = contract.dialect.rows_below_header
    if count is None:
        return hold_for_rows_below(data, marks, contract, begun.header, begun.verdict) or begun
    if not count:
        return begun
    header, notes = leave_out_rows(data, marks, begun.header, count)
    return TableStart(header=header, verdict=replace(begun.verdict, notes=begun.verdict.notes + notes))


def _judged(lines: Lines, skipped: int, contract: Contract, keys: Collection[str]) -> TableStart | Hold:
    header = read_header(lines.data, lines.marks, at=lines.start(skipped), line=skipped + 1)
    if isinstance(header, Hold):
        return header
    verdict = judge(contract, header.names, keys)
    if isinstance(verdict, Hold):
        return verdict
    return TableStart(header=header, verdict=_noting(verdict, _skipped_note(skipped)))


def _noting(verdict: Verdict, notes: tuple[str, ...]) -> Verdict:
    return replace(verdict, notes=notes + verdict.notes)


def _skipped_note(lines: int) -> tuple[str, ...]:
    return (f"Lines above the table were left out: {lines}",) if lines else ()


def _headless(lines: Lines, contract: Contract) -> TableStart | Hold:
    skipped, names = contract.dialect.skip_lines, contract.names
    at = lines.start(skipped)
    if not contract.dialect.expect and contract.policies.preamble is not Policy.ACCEPT:
        hold = _doubt_headless(lines, contract, at)
        if hold is not None:
            return hold
    header = Header(names=names, offset=at, end=at, next_line=skipped + 1, blank_lines=0)
    verdict = Verdict(positions=tuple(range(len(names))), width=len(names))
    return TableStart(header=header, verdict=_noting(verdict, _skipped_note(skipped)))


def _doubt_headless(lines: Lines, contract: Contract, at: int) -> Hold | None:
    """The hold for a file without a header if a line above the records, or the first record, may be a header;
    otherwise None. Nothing is checked if the task gives the expected lines.
    """
    skipped, names = contract.dialect.skip_lines, contract.names
    like = lines.like_record(skipped, len(names))
    if like is not None:
        return _hold_doubtful(like, skipped, header=False)
    first = whole_record(lines.data, lines.marks, at, len(names), LONGEST_LINE)
    if isinstance(first, Broken):
        return None
    expected = {fold(name) for name in names}
    cells = {fold(content(cell, lines.marks).decode("utf-8", "replace")) for cell in first.cells}
    if 2 * len(expected & cells) < len(expected):
        return None
    return Hold(
        reason=HeldReason.UNEXPECTED_HEADER,
        what=f"Line {skipped + 1} has column names; files of this task have no header row",
        hint="Ask the sender for the file without this line, or set `header: true`.",
    )


def _exact_header(lines: Lines, contract: Contract) -> int | None:
    """The number of the line, from 0, that has exactly the contract's names in the contract's order."""
    for number, start in _beginnings(lines):
        found = whole_record(lines.data, lines.marks, start, len(contract.fields), LONGEST_LINE)
        if isinstance(found, Broken) or found.width != len(contract.fields):
            continue
        names = [content(cell, lines.marks).decode("utf-8", "replace") for cell in found.cells]
        if contract.policies.duplicate is Policy.NUMBER:
            names = list(numbered(names))
        if names == list(contract.names):
            return number
    return None


def _beginnings(lines: Lines) -> Iterator[tuple[int, int]]:
    for number in range(SEARCHED):
        start = lines.start(number)
        if start == len(lines.data) or lines.data.find(LF, start, start + LONGEST_LINE) < 0:
            return
        yield number, start


def _explained(hold: Hold, lines: Lines, contract: Contract) -> Hold:
    """The hold with a better explanation: the kind of the file if it is not a table, or its real delimiter if
    this is not the task's.
    """
    data, dialect = lines.data, contract.dialect
    file_format = file_format_of(data[:HEAD_BYTES]) if hold.reason in _NOT_A_TABLE else None
    if file_format is not None:
        return replace(hold, what=f"{hold.what}. The file is {file_format.kind}", hint=file_format.hint)
    if hold.reason not in _READ_WRONGLY:
        return hold
    separator = other_separator(data, dialect, lines.start(dialect.lines_above), contract.names)
    if separator is None:
        return _perhaps_headless(hold, lines, contract) if hold.reason is HeldReason.NO_HEADER else hold
    return Hold(
        reason=HeldReason.WRONG_DELIMITER,
        what=f"{separator.what}, but the task reads {NAMES.get(dialect.delimiter, repr(dialect.delimiter))}",
        hint=f"Set {separator.in_file} and use a sample in the same format, or ask the sender for files like the present sample.",
    )


def _perhaps_headless(hold: Hold, lines: Lines, contract: Contract) -> Hold:
    """The hold with a further hint: if a line has as many cells as there are fields, the setting for files
    without a header.
    """
    if contract.dialect.lines_above:
        return hold
    for number, start in _beginnings(lines):
        found = whole_record(lines.data, lines.marks, start, len(contract.fields), LONGEST_LINE)
        if not isinstance(found, Broken) and found.width == len(contract.fields):
            above = f", skip_lines: {number}" if number else ""
            headless = f"If files have no header row, set `dialect: {{header: false{above}}}`."
            return replace(hold, hint=f"{hold.hint} {headless}")
    return hold


def _hold_unexpected(text: str, above: int) -> Hold:
    return Hold(
        reason=HeldReason.UNEXPECTED_LINES,
        what=f'The {above} lines above the table do not contain "{text}", or contain the texts of `expect` in another order',
        hint="Check that the file belongs to this task. If these lines may differ, remove the text from `expect`.",
    )


def _hold_preamble(place: int, dialect: Dialect) -> Hold:
    what = f"The header row is in line {place + 1}"
    if dialect.header_line is not None:
        return Hold(
            reason=HeldReason.PREAMBLE,
            what=f"{what}, and `header_line: {dialect.header_line}` is set",
            hint=f"Set `dialect: {{header_line: {place + 1}}}`, or ask the sender for the former format.",
        )
    also = f", and `skip_lines: {dialect.skip_lines}` is set" if dialect.skip_lines else ""
    return Hold(
        reason=HeldReason.PREAMBLE,
        what=f"{what}{also}",
        hint=f"Set `dialect: {{skip_lines: {place}}}` or `contract: {{preamble: ignore}}`, or remove the lines above the header row.",
    )


def _hold_doubtful(line: int, above: int, *, header: bool = True) -> Hold:
    setting = f"`dialect: {{header_line: {above + 1}}}`" if header else "`contract: {preamble: accept}`"
    pinned = "" if header else " (or name a text of it in `expect`)"
    return Hold(
        reason=HeldReason.PREAMBLE,
        what=f"Line {line} is above the table, but it could be a row",
        hint=f"If it is not a row, set {setting}{pinned}; or remove the lines above the table from the file.",
    )
