"""How a file's header meets the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from bucketlift.model.contract import Contract, HeldReason, Hold, Policy, Verdict
from bucketlift.tabular.header import fold

SHOWN = 10
"""How many names a text lists before it counts the others."""
LONG_NAME = 100
"""Characters of a name that a text shows and that are compared for likeness."""
SIMILAR = 0.6
"""Likeness (0 to 1) from which a missing and an extra column look like one that was renamed."""


def judge(contract: Contract, header: Sequence[str]) -> Verdict | Hold:
    """Match columns by name: to the letter, else without regard to case and surrounding blanks.

    A missing column always holds the file, whatever its policy: nothing may be made up in its place. Texts
    name columns; where none of the contract's is there, the row may be data, and its cells are not named.
    """
    hold = _hold_by_header(header) or _hold_by_names(contract, header)
    if hold is not None:
        return hold
    where = {fold(name): position for position, name in enumerate(header)}
    positions = tuple(where[fold(name)] for name in contract.names)
    return _accepted(contract, header, positions)


def _hold_by_header(header: Sequence[str]) -> Hold | None:
    blank = [str(number) for number, name in enumerate(header, start=1) if not name.strip()]
    if blank:
        return Hold(
            reason=HeldReason.BLANK_COLUMN,
            what=f"Columns without a name: {_some(blank)} of {len(header)}",
            hint="Name every column, or remove empty columns (a delimiter at the end of each line makes one).",
        )
    counts = Counter(fold(name) for name in header)
    twice = [name for name in header if counts[fold(name)] > 1]
    if twice:
        return Hold(
            reason=HeldReason.DUPLICATE_COLUMN,
            what=f"Columns that are there more than once: {_names(twice)}",
            hint="Every name must stand once; case and surrounding blanks do not tell columns apart.",
        )
    return None


def _hold_by_names(contract: Contract, header: Sequence[str]) -> Hold | None:
    missing = _without(contract.names, header)
    extra = _without(header, contract.names)
    if missing:
        return _hold_missing(contract, header, missing, extra)
    if extra and contract.policies.extra is Policy.HOLD:
        return Hold(
            reason=HeldReason.EXTRA_COLUMN,
            what=f"Columns that the sample does not have: {_names(extra)}",
            hint="Take them out of the file, publish a sample that has them, or set the contract's extra: ignore.",
        )
    return None


def _hold_missing(contract: Contract, header: Sequence[str], missing: list[str], extra: list[str]) -> Hold:
    if len(missing) == len(extra) == 1 and _similar(missing[0], extra[0]):
        return Hold(
            reason=HeldReason.RENAMED_COLUMN,
            what=f"Column {_names(missing)} looks renamed to {_names(extra)}",
            hint="Give it its old name in the file, or publish a sample with the new one.",
        )
    if len(missing) == len(contract.fields):
        return _hold_foreign(contract, header)
    also = f"; columns that the sample does not have: {_names(extra)}" if extra else ""
    return Hold(
        reason=HeldReason.MISSING_COLUMN,
        what=f"Missing columns: {_names(missing)}{also}",
        hint="Add them to the file, or publish a sample without them.",
    )


def _hold_foreign(contract: Contract, header: Sequence[str]) -> Hold:
    return Hold(
        reason=HeldReason.NO_HEADER,
        what=f"The first row names none of the sample's columns: {_names(contract.names)}",
        hint=_other_delimiter(contract, header)
        or "Put the header row first, or check that this file belongs to this task.",
    )


def _other_delimiter(contract: Contract, header: Sequence[str]) -> str:
    wanted = {fold(name) for name in contract.names}
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "commas")):
        if len(header) == 1 and len(wanted & {fold(name) for name in header[0].split(mark)}) > 1:
            return f"Its cells are separated by {word}: write it with the sample's delimiter."
    return ""


def _accepted(contract: Contract, header: Sequence[str], positions: tuple[int, ...]) -> Verdict | Hold:
    policies = contract.policies
    notes: list[str] = []
    if list(positions) != sorted(positions):
        what = "Columns stand in another order than in the sample"
        if policies.reordered is Policy.HOLD:
            return Hold(reason=HeldReason.REORDERED_COLUMNS, what=what, hint=_hint("reordered"))
        notes.append(what)
    respelled = [
        header[position]
        for name, position in zip(contract.names, positions, strict=True)
        if header[position] != name
    ]
    if respelled:
        what = f"Names differ in case or surrounding blanks: {_names(respelled)}"
        if policies.respelled is Policy.HOLD:
            return Hold(reason=HeldReason.RESPELLED_COLUMNS, what=what, hint=_hint("respelled"))
        notes.append(what)
    if extra := _without(header, contract.names):
        notes.append(f"Columns that the sample does not have were left out: {_names(extra)}")
    return Verdict(positions=positions, width=len(header), notes=tuple(notes))


def _hint(policy: str) -> str:
    return f"Write the header row as in the sample, or set the contract's {policy}: accept."


def _without(names: Iterable[str], others: Iterable[str]) -> list[str]:
    known = {fold(name) for name in others}
    return [name for name in names if fold(name) not in known]


def _similar(one: str, other: str) -> bool:
    one, other = fold(one)[:LONG_NAME], fold(other)[:LONG_NAME]
    return SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _names(names: Sequence[str]) -> str:
    return _some([f'"{name}"' if len(name) <= LONG_NAME else f'"{name[:LONG_NAME]}..."' for name in names])


def _some(words: Sequence[str]) -> str:
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")
