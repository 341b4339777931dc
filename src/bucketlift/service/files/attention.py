"""What waits for a person, over all workflows, and decisions about many files at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.claims.waiting import Group
from bucketlift.model.claim import Claim
from bucketlift.service.core.app import App
from bucketlift.service.files import files

PAGE = 50
"""Files that are shown at once."""
MANY = 1_000
"""Files that one decision may be about."""


class Errand(StrEnum):
    """What somebody must see to, that is no file."""

    OUTBOX = "outbox"
    ACCOUNT = "account"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    kind: Errand
    name: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One file after a decision about several: what comes next, or why nothing was done with it."""

    claim: Claim | None
    """None where there is no such file."""
    file: str
    next: str = ""
    error: BucketliftError | None = None


def chores(app: App) -> tuple[Chore, ...]:
    return (*_paused(app), *_accounts(app), *_keys(app))


def groups(app: App) -> tuple[Group, ...]:
    """How many files wait, the largest group first."""
    return tuple(sorted(app.ledger.waiting.groups(), key=lambda each: (-each.files, each.workflow)))


def waiting(
    app: App, *, workflow: str | None = None, reason: str | None = None, page: int = 1
) -> list[Claim]:
    """A page of the files that wait, and one more where there is another page."""
    return app.ledger.waiting.files(
        workflow=workflow, reason=reason, limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def decide_each(app: App, wish: Callable[[Claim], files.Wish], chosen: Sequence[str]) -> tuple[Told, ...]:
    """The same decision about each file by itself: one that forbids it keeps no other back.

    A file may be written with the reason that the person saw behind it: ``9f3c missing-column``.
    """
    return tuple(_decide(app, wish, *each.partition(" ")) for each in dict.fromkeys(chosen[:MANY]))


def as_seen(wish: Callable[[Claim], files.Wish], reason: str) -> Callable[[Claim], files.Wish]:
    """The decision, if the file still waits for what the person saw."""

    def decided(claim: Claim) -> files.Wish:
        if (claim.reason or "") != reason:
            raise RequestWrong(
                f"It waits for another reason by now: {claim.reason or 'none'}",
                to=f"{claim.id} {claim.source}",
                hint="Look at it again, and then decide.",
            )
        return wish(claim)

    return decided


def _decide(app: App, wish: Callable[[Claim], files.Wish], file: str, seen: str, reason: str) -> Told:
    claim = None
    try:
        claim = app.ledger.claims.get(file)
        (decided,) = files.decide(app, as_seen(wish, reason) if seen else wish, [file])
    except BucketliftError as error:
        return Told(claim=claim, file=file, error=error)
    return Told(claim=decided.claim, file=file, next=decided.next)


def _paused(app: App) -> Iterator[Chore]:
    pause = app.ledger.pauses.paused()
    if pause is not None:
        yield Chore(kind=Errand.OUTBOX, name="", what=f"No object is acted on: {pause.what}", hint=pause.hint)


def _accounts(app: App) -> Iterator[Chore]:
    known = app.ledger.catalog.accounts()
    for name, deputy in app.ledger.catalog.deputies().items():
        if name in known and deputy.is_open and deputy.acknowledged is None:
            yield Chore(
                kind=Errand.ACCOUNT,
                name=name,
                what=f"Open to confused deputies: the role can be assumed {' and '.join(deputy.open_to)}",
                hint="Let the role ask for the external id; or an administrator acknowledges it with a reason.",
            )


def _keys(app: App) -> Iterator[Chore]:
    for key in app.ledger.keys.all().values():
        warning = key.warning(app.now())
        if warning is not None:
            yield Chore(
                kind=Errand.KEY,
                name=key.name,
                what=warning,
                hint="Add its successor and name it in the tasks; files encrypted for an expired key are held.",
            )
