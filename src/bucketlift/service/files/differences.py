"""Compares the header of a file with the contract, name by name."""

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
"""Maximum bytes of a file that is downloaded to show its header."""


class Kind(StrEnum):
    SAME = "same"
    RESPELLED = "respelled"
    """The two names differ only in case or surrounding spaces."""
    ALIAS = "alias"
    RENAMED = "renamed-looking"
    MISSING = "missing"
    EXTRA = "extra"
    TWICE = "twice"
    BLANK = "blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A field, and the column that has the same or a similar name."""

    kind: Kind
    expected: str | None = None
    found: str | None = None
    column: int | None = None
    """The number of the column in the file, from 1; None if the file has no such column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    pairs: tuple[Pair, ...]
    """All fields in the contract's order, then the additional columns."""
    reordered: bool

    @property
    def is_none(self) -> bool:
        return not self.reordered and all(each.kind is Kind.SAME for each in self.pairs)


def difference(app: App, file: str) -> Difference:
    """Read the header of a file from its bucket, and compare the header with the current contract.

    Raises:
        NotFound: there is no such file, or its workflow or task was removed.
        RequestWrong: the header cannot be read, or the file is too large to download for this.
        ObjectChanged, ObjectGone, AccessRefused: the object cannot be read.
    """
    claim = app.ledger.claims.get(file)
    task = rejects.extract_of(app.ledger.catalog.workflow(claim.workflow), claim)
    if claim.source.size > LARGEST:
        raise RequestWrong(
            f"The file is larger than {LARGEST // 1_000_000} MB and is not downloaded to show its header",
            to=str(claim.source),
            hint="The reason why the file is held names the columns.",
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
    """For each missing field whose name is similar to a name in the header, the number of the column with
    this similar name.
    """
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
    found = match.header[at]
    kind = Kind.SAME if found == name else Kind.RESPELLED if fold(found) == fold(name) else Kind.ALIAS
    kind = Kind.RENAMED if name not in match.found else Kind.TWICE if at in match.twice else kind
    return Pair(kind=kind, expected=name, found=found, column=at + 1)


def _column(match: Match, at: int) -> Pair:
    kind = Kind.BLANK if at in match.blank else Kind.TWICE if at in match.twice else Kind.EXTRA
    return Pair(kind=kind, found=match.header[at], column=at + 1)
