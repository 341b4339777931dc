"""Files and issues that need attention, over all workflows, and decisions about several files at once."""

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
"""Files per page."""
MANY = 1_000
"""The most files in one decision."""


class IssueKind(StrEnum):
    """What needs attention in addition to files."""

    OUTBOX = "outbox"
    ACCOUNT = "account"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    kind: IssueKind
    name: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult:
    """The result of a decision for one file: the next step, or the error."""

    claim: Claim | None
    """The file after the decision; None if there is no such file."""
    file: str
    next: str = ""
    error: BucketliftError | None = None


def issues(app: App) -> tuple[Issue, ...]:
    return (*_paused(app), *_accounts(app), *_keys(app))


def groups(app: App) -> tuple[Group, ...]:
    """The numbers of waiting files by workflow and reason, the largest group first."""
    return tuple(sorted(app.ledger.waiting.groups(), key=lambda each: (-each.files, each.workflow)))


def waiting(
    app: App, *, workflow: str | None = None, reason: str | None = None, page: int = 1
) -> list[Claim]:
    """A page of the waiting files, plus one if there is another page."""
    return app.ledger.waiting.files(
        workflow=workflow, reason=reason, limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def decide_each(
    app: App, wish: Callable[[Claim], files.Decision], chosen: Sequence[str]
) -> tuple[DecisionResult, ...]:
    """Apply the same decision to each file separately: one failure does not stop the others.

    Each item is a file id. The reason that the page showed may follow it: ``9f3c missing-column``.
    """
    return tuple(_decide(app, wish, *each.partition(" ")) for each in dict.fromkeys(chosen[:MANY]))


def as_seen(wish: Callable[[Claim], files.Decision], reason: str) -> Callable[[Claim], files.Decision]:
    """Wrap a decision: refuse it if the file is no longer held for the reason that the page showed."""

    def decided(claim: Claim) -> files.Decision:
        if (claim.reason or "") != reason:
            raise RequestWrong(
                f"The file is now held for another reason: {claim.reason or 'none'}",
                to=f"{claim.id} {claim.source}",
                hint="Reload the page and decide again.",
            )
        return wish(claim)

    return decided


def _decide(
    app: App, wish: Callable[[Claim], files.Decision], file: str, seen: str, reason: str
) -> DecisionResult:
    claim = None
    try:
        claim = app.ledger.claims.get(file)
        (decided,) = files.decide(app, as_seen(wish, reason) if seen else wish, [file])
    except BucketliftError as error:
        return DecisionResult(claim=claim, file=file, error=error)
    return DecisionResult(claim=decided.claim, file=file, next=decided.next)


def _paused(app: App) -> Iterator[Issue]:
    pause = app.ledger.pauses.paused()
    if pause is not None:
        yield Issue(
            kind=IssueKind.OUTBOX,
            name="",
            what=f"Deletes, moves and renames are paused: {pause.what}",
            hint=pause.hint,
        )


def _accounts(app: App) -> Iterator[Issue]:
    known = app.ledger.catalog.accounts()
    for name, deputy in app.ledger.catalog.deputies().items():
        if name in known and deputy.is_open and deputy.acknowledged is None:
            yield Issue(
                kind=IssueKind.ACCOUNT,
                name=name,
                what=f"This role can be assumed without your External ID: {' and '.join(deputy.open_to)}",
                hint="Require the External ID in the role's trust policy, or let an administrator accept it with a reason.",
            )


def _keys(app: App) -> Iterator[Issue]:
    for key in app.ledger.keys.all().values():
        warning = key.warning(app.now())
        if warning is not None:
            yield Issue(
                kind=IssueKind.KEY,
                name=key.name,
                what=warning,
                hint="Add a new key and select it in the tasks. Files encrypted for an expired key are held.",
            )
