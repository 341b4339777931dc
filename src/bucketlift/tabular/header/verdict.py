"""Checks a file's header against the contract."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from bucketlift.model.contract import Contract, Policy
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.matching import Match
from bucketlift.tabular.header.numbering import numbered
from bucketlift.tabular.header.spellings import appearance, difference

SHOWN = 10
"""Maximum number of names that a text lists. Of the others, it gives only the number."""
LONG_NAME = 100
"""Maximum number of characters of a name that are shown, or compared for similarity."""
SIMILAR = 0.6
"""Minimum similarity (0 to 1) of a missing and an extra column that may be one renamed column."""


def judge(contract: Contract, header: Sequence[str], keys: Collection[str] = ()) -> Verdict | Hold:
    """Match columns by name: exactly, otherwise ignoring case and surrounding blanks, otherwise by alias.

    A missing key column is never filled. If the file has unknown columns, no missing column is filled,
    because it may be one of these under another name. Messages name columns. They do not if the header has
    none of the contract's names, because the row may then be data.
    """
    names = numbered(header) if contract.policies.duplicate is Policy.NUMBER else header
    match = Match.of(contract, names)
    hold = _hold_by_header(contract, match) or _hold_by_names(contract, match, keys)
    if hold is not None:
        return hold
    verdict = _accepted(contract, match)
    made = [name for name, original in zip(names, header, strict=True) if name != original]
    if isinstance(verdict, Hold) or not made:
        return verdict
    return replace(
        verdict, notes=(f"Columns with the same name were numbered: {_names(made)}", *verdict.notes)
    )


def _hold_by_header(contract: Contract, match: Match) -> Hold | None:
    if match.blank and contract.policies.blank is not Policy.IGNORE:
        numbers = [str(number + 1) for number in match.blank]
        return Hold(
            reason=HeldReason.BLANK_COLUMN,
            what=f"The header has {len(match.header)} columns, and these have no name: {_some(numbers)}",
            hint=(
                "Name every column. If they are empty (a delimiter at the end of each line makes such a column), set "
                "`contract: {blank: ignore}`. To name them in the task, list all fields in `columns`, and set "
                "`dialect: {header: false, skip_lines: 1}`; for two header rows, `skip_lines: 2`."
            ),
        )
    ignored = contract.policies.duplicate is Policy.IGNORE
    twice = [
        match.header[number]
        for number in match.twice
        if not ignored or match.header[number] not in match.extra
    ]
    if twice:
        return Hold(
            reason=HeldReason.DUPLICATE_COLUMN,
            what=f"Repeated columns: {_names(twice)}",
            hint=(
                "The policy `number` would give a column a name that another column already has: rename one of them in the file."
                if contract.policies.duplicate is Policy.NUMBER
                else "Every name must be unique (case and surrounding blanks are ignored); or set "
                "`contract: {duplicate: number}`, and use a sample that has all these columns."
            ),
        )
    return None


def _hold_by_names(contract: Contract, match: Match, keys: Collection[str]) -> Hold | None:
    if match.missing:
        hold = _hold_missing(contract, match, keys)
        if hold is not None:
            return hold
    # Repeated names have a separate policy.
    twice = {match.header[number] for number in match.twice}
    extra = [name for name in match.extra if name not in twice]
    if extra and contract.policies.extra is Policy.HOLD:
        return Hold(
            reason=HeldReason.EXTRA_COLUMN,
            what=f"Columns that the sample does not have: {_names(extra)}",
            hint="Remove them from the file, use a sample that has them, or set `contract: {extra: ignore}`.",
        )
    return None


def _hold_missing(contract: Contract, match: Match, keys: Collection[str]) -> Hold | None:
    missing, extra = match.missing, match.extra
    if len(missing) == len(extra) == 1 and looks_renamed(missing[0], extra[0]):
        return Hold(
            reason=HeldReason.RENAMED_COLUMN,
            what=f"Column {_names(missing)} looks renamed to {_names(extra)}{_same_looking(missing, extra)}",
            hint="Give the column its old name in the file, or use a sample with the new name. If files use both names, list the other one in `aliases`.",
        )
    if not match.found:
        return _hold_foreign(contract)
    needed = [name for name in missing if name in keys]
    if contract.policies.missing is Policy.ACCEPT and not extra and not needed:
        return None
    also = f"; columns that the sample does not have: {_names(extra)}" if extra else ""
    return Hold(
        reason=HeldReason.MISSING_COLUMN,
        what=f"Missing columns: {_names(missing)}{also}{_same_looking(missing, extra)}",
        hint=_hint_missing(contract, needed),
    )


def _hint_missing(contract: Contract, needed: list[str]) -> str:
    if contract.policies.missing is not Policy.ACCEPT:
        return "Add them to the file, or use a sample without them."
    if needed:
        return f"Add them to the file: no policy accepts a file without its key fields ({_names(needed)})."
    return (
        "A missing column may be one of the unknown columns: add the new name to the field's aliases, or use a "
        "sample that has all columns."
    )


def _hold_foreign(contract: Contract) -> Hold:
    return Hold(
        reason=HeldReason.NO_HEADER,
        what=f"The first row names none of the sample's columns: {_names(contract.names)}",
        hint="Put the header row first, or check that this file belongs to this task.",
    )


def _accepted(contract: Contract, match: Match) -> Verdict | Hold:
    policies, header = contract.policies, match.header
    positions = tuple(match.found.get(name) for name in contract.names)
    there = [position for position in positions if position is not None]
    notes: list[str] = []
    if there != sorted(there):
        what = "Columns are in another order than in the sample"
        if policies.reordered is Policy.HOLD:
            return Hold(reason=HeldReason.REORDERED_COLUMNS, what=what, hint=_hint("reordered"))
        notes.append(what)
    respelled = [
        header[position] for name, position in match.found.items() if _respelled(header[position], name)
    ]
    if respelled:
        what = f"Names differ in case or surrounding blanks: {_names(respelled)}"
        if policies.respelled is Policy.HOLD:
            return Hold(reason=HeldReason.RESPELLED_COLUMNS, what=what, hint=_hint("respelled"))
        notes.append(what)
    notes += _left_out(match)
    return Verdict(positions=positions, width=len(header), unnamed=match.blank, notes=tuple(notes))


def _respelled(original: str, name: str) -> bool:
    return original != name and fold(original) == fold(name)


def _left_out(match: Match) -> Iterator[str]:
    """Yield notes on columns that are not loaded, or that are loaded under another name than their own."""
    aliases = [
        f'"{match.header[position]}" is "{name}"'
        for name, position in match.found.items()
        if fold(match.header[position]) != fold(name)
    ]
    if aliases:
        yield f"Columns under an alias: {_some(aliases)}"
    if match.missing:
        yield f"Missing columns, read as empty: {_names(match.missing)}"
    if match.extra:
        yield f"Columns that the sample does not have were left out: {_names(match.extra)}"
    if match.blank:
        yield f"Columns without a name were left out: {_some([str(number + 1) for number in match.blank])}"


def _hint(policy: str) -> str:
    return f"Write the header row as in the sample, or set `contract: {{{policy}: accept}}`."


def looks_renamed(one: str, other: str) -> bool:
    """Whether a missing and an extra name are so similar that one may be the new name of the other."""
    one, other = fold(one)[:LONG_NAME], fold(other)[:LONG_NAME]
    return appearance(one) == appearance(other) or SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _same_looking(missing: Sequence[str], extra: Sequence[str]) -> str:
    """The difference between a missing name and an extra name that looks the same; empty if there is no such
    pair.
    """
    by_appearance = {appearance(name): name for name in extra}
    for name in missing:
        if other := by_appearance.get(appearance(name)):
            return f"; {_names([other])} only looks like {_names([name])}: it has {difference(name, other)}"
    return ""


def _names(names: Sequence[str]) -> str:
    return _some([f'"{name}"' if len(name) <= LONG_NAME else f'"{name[:LONG_NAME]}..."' for name in names])


def _some(words: Sequence[str]) -> str:
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")
