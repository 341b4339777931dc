"""Where a file's table begins: its header row, the lines above it, or the first record where files have no header."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bucketlift.model.contract import Contract, HeldReason, Hold, Policy, Verdict
from bucketlift.tabular.escapes import unmasked
from bucketlift.tabular.header import Header, fold, read_header
from bucketlift.tabular.lines import LONGEST_LINE, Lines
from bucketlift.tabular.looks import HEAD_BYTES, looks_of
from bucketlift.tabular.mapped import Bytes
from bucketlift.tabular.marks import LF, Marks
from bucketlift.tabular.records import Broken, whole_record
from bucketlift.tabular.verdict import judge

SEARCHED = 20
"""Lines among which a header row is looked for that does not stand where it should."""
_NOT_A_TABLE = frozenset({HeldReason.NO_HEADER, HeldReason.BROKEN_HEADER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A file whose header meets its contract."""

    header: Header
    verdict: Verdict


def begin(data: Bytes, marks: Marks, contract: Contract, keys: Collection[str] = ()) -> Begun | Hold:
    """Find and judge the header; ``keys`` are the fields that tell rows apart."""
    lines = Lines(data, marks)
    if not contract.dialect.header:
        return _headless(lines, contract)
    skipped = contract.dialect.skip_lines
    found = _judged(lines, skipped, contract, keys)
    if isinstance(found, Begun):
        return found
    place = _exact_header(lines, contract)
    if place in (None, skipped):
        return _explained(found, data)
    if contract.policies.preamble is not Policy.IGNORE:
        return _hold_preamble(place, skipped)
    like = lines.like_record(place, len(contract.fields), any_table=True)
    return _hold_doubtful(like) if like else _judged(lines, place, contract, keys)


def _judged(lines: Lines, skipped: int, contract: Contract, keys: Collection[str]) -> Begun | Hold:
    header = read_header(lines.data, lines.marks, at=lines.start(skipped), line=skipped + 1)
    if isinstance(header, Hold):
        return header
    verdict = judge(contract, header.names, keys)
    if isinstance(verdict, Hold):
        return verdict
    return Begun(header=header, verdict=_noting(verdict, _skipped_note(skipped)))


def _noting(verdict: Verdict, notes: tuple[str, ...]) -> Verdict:
    return replace(verdict, notes=notes + verdict.notes)


def _skipped_note(lines: int) -> tuple[str, ...]:
    return (f"Lines above the table were left out: {lines}",) if lines else ()


def _headless(lines: Lines, contract: Contract) -> Begun | Hold:
    skipped, names = contract.dialect.skip_lines, contract.names
    like = lines.like_record(skipped, len(names))
    if like is not None:
        return _hold_doubtful(like)
    at = lines.start(skipped)
    first = whole_record(lines.data, lines.marks, at, len(names), LONGEST_LINE)
    if not isinstance(first, Broken):
        wanted = {fold(name) for name in names}
        cells = {fold(unmasked(cell, lines.marks).decode("utf-8", "replace")) for cell in first.cells}
        if 2 * len(wanted & cells) >= len(wanted):
            return Hold(
                reason=HeldReason.UNEXPECTED_HEADER,
                what=f"Line {skipped + 1} has names of columns; files of this task have no header row",
                hint="Ask the sender for the file without it, or set `header: true`.",
            )
    header = Header(names=names, offset=at, end=at, next_line=skipped + 1, blank_lines=0)
    verdict = Verdict(positions=tuple(range(len(names))), width=len(names))
    return Begun(header=header, verdict=_noting(verdict, _skipped_note(skipped)))


def _exact_header(lines: Lines, contract: Contract) -> int | None:
    """The line, from 0, on which the contract's names stand to the letter and in their order."""
    for number, start in _beginnings(lines):
        found = whole_record(lines.data, lines.marks, start, len(contract.fields), LONGEST_LINE)
        if isinstance(found, Broken) or found.width != len(contract.fields):
            continue
        names = [unmasked(cell, lines.marks).decode("utf-8", "replace") for cell in found.cells]
        if names == list(contract.names):
            return number
    return None


def _beginnings(lines: Lines) -> Iterator[tuple[int, int]]:
    for number in range(SEARCHED):
        start = lines.start(number)
        if start == len(lines.data) or lines.data.find(LF, start, start + LONGEST_LINE) < 0:
            return
        yield number, start


def _explained(hold: Hold, data: Bytes) -> Hold:
    looks = looks_of(data[:HEAD_BYTES]) if hold.reason in _NOT_A_TABLE else None
    if looks is None:
        return hold
    return replace(hold, what=f"{hold.what}. The file is {looks.kind}", hint=looks.hint)


def _hold_preamble(place: int, skipped: int) -> Hold:
    told = f", and `skip_lines: {skipped}` is set" if skipped else ""
    return Hold(
        reason=HeldReason.PREAMBLE,
        what=f"The header row stands in line {place + 1}{told}",
        hint=f"Take the lines above it out, set the dialect's skip_lines: {place}, or the contract's preamble: ignore.",
    )


def _hold_doubtful(line: int) -> Hold:
    return Hold(
        reason=HeldReason.PREAMBLE,
        what=f"Line {line}, above the table, could be a record of it",
        hint="Take the lines above the table out of the file; a row must not be left out with them.",
    )
