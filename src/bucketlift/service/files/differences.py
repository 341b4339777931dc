"""What is different: a file's header beside the contract's, name by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract
from bucketlift.service.core.app import App
from bucketlift.service.files import rejects
from bucketlift.service.files.originals import plain_part
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.matching import Match
from bucketlift.tabular.header.verdict import looks_renamed
from bucketlift.tabular.sample import sample_header

LARGEST = 200_000_000
"""Bytes of a file that is fetched for its header: a page must answer."""


class Kind(StrEnum):
    SAME = "same"
    RESPELLED = "respelled"
    """Case or surrounding blanks differ."""
    ALIAS = "alias"
    RENAMED = "renamed-looking"
    MISSING = "missing"
    EXTRA = "extra"
    TWICE = "twice"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A field beside the column that it is, or looks to be."""

    kind: Kind
    expected: str | None = None
    found: str | None = None
    column: int | None = None
    """Of the file, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    pairs: tuple[Pair, ...]
    """The contract's fields in its order; then the columns that it does not have."""
    reordered: bool

    @property
    def is_none(self) -> bool:
        return not self.reordered and all(each.kind is Kind.SAME for each in self.pairs)


def difference(app: App, file: str) -> Difference:
    """Read the header of a file in its bucket, and compare it with the contract as it is now.

    Raises:
        NotFound: there is no such file, or its workflow or task is gone.
        RequestWrong: it has no header that can be read, or is too large to be fetched for that.
        ObjectChanged, ObjectGone, AccessRefused: the object cannot be read.
    """
    claim = app.ledger.claims.get(file)
    task = rejects.extract_of(app.ledger.catalog.workflow(claim.workflow), claim)
    if claim.source.size > LARGEST:
        raise RequestWrong(
            f"The file is larger than {LARGEST // 1_000_000} MB, and is not fetched for its header",
            to=str(claim.source),
            hint="The reason that it is held for names the columns.",
        )
    with plain_part(app, claim, task) as part:
        header = sample_header(part, task.contract.dialect, to=str(claim.source))
    return compared(task.contract, header)


def compared(contract: Contract, header: tuple[str, ...]) -> Difference:
    match = Match.of(contract, header)
    left = [at for at, name in enumerate(header) if name.strip() and at not in match.found.values()]
    renamed = _renamed(match, left)
    fields = [_field(match, name, renamed.get(name)) for name in contract.names]
    others = [at for at in (*left, *match.blank) if at not in renamed.values()]
    there = [match.found[name] for name in contract.names if name in match.found]
    return Difference(
        pairs=(*fields, *(_column(match, at) for at in sorted(others))), reordered=there != sorted(there)
    )


def _renamed(match: Match, left: list[int]) -> dict[str, int]:
    """Missing fields, and the columns nobody knows that they look like."""
    found: dict[str, int] = {}
    for name in match.missing:
        like = (
            at
            for at in left
            if at not in found.values() and at not in match.twice and looks_renamed(name, match.header[at])
        )
        at = next(like, None)
        if at is not None:
            found[name] = at
    return found


def _field(match: Match, name: str, renamed: int | None) -> Pair:
    at = match.found.get(name, renamed)
    if at is None:
        return Pair(kind=Kind.MISSING, expected=name)
    told = match.header[at]
    kind = Kind.SAME if told == name else Kind.RESPELLED if fold(told) == fold(name) else Kind.ALIAS
    kind = Kind.RENAMED if name not in match.found else Kind.TWICE if at in match.twice else kind
    return Pair(kind=kind, expected=name, found=told, column=at + 1)


def _column(match: Match, at: int) -> Pair:
    kind = Kind.BLANK if at in match.blank else Kind.TWICE if at in match.twice else Kind.EXTRA
    return Pair(kind=kind, found=match.header[at], column=at + 1)
