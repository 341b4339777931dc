"""Files and other issues of all workflows that need attention, and one decision for several files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.claims.waiting import Group
from bucketlift.model.claim import Claim
from bucketlift.model.delivery import ChunkState
from bucketlift.model.lifecycle import COMMITTED
from bucketlift.service.core.app import App
from bucketlift.service.core.doubled_loads import applied_doubles
from bucketlift.service.files import decisions

PAGE = 50
"""Number of files on a page."""
MANY = 1_000
"""Maximum number of files in one decision."""


class IssueKind(StrEnum):
    """The kinds of issues that need attention in addition to files."""

    OUTBOX = "outbox"
    ACCOUNT = "account"
    KEY = "key"
    WORKFLOW = "workflow"
    DELIVERY = "delivery"
    LATE = "late"
    UNUSUAL = "unusual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    kind: IssueKind
    name: str
    what: str
    hint: str
    file: str = ""
    """The ID of the file whose page has the decision; empty for other kinds of issues."""
    workflow: str = ""
    """The workflow that is late or unusual."""
    run: str = ""
    """The run whose number of rows is unusual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionResult:
    """The result of a decision for one file: what happens next, or the error."""

    claim: Claim | None
    """The file after the decision; None if there is no such file."""
    file: str
    next: str = ""
    error: BucketliftError | None = None


def issues(app: App) -> tuple[Issue, ...]:
    return (*_paused(app), *_replays_in_doubt(app), *_accounts(app), *_keys(app), *_doubled(app))


def count(app: App) -> int:
    """The number of files and other issues that need attention, as the page lists them."""
    return app.ledger.counts.attention() + len(issues(app))


def groups(app: App) -> tuple[Group, ...]:
    """The number of waiting files by workflow and reason; the largest group is first."""
    return tuple(sorted(app.ledger.waiting.groups(), key=lambda each: (-each.files, each.workflow)))


def waiting(
    app: App, *, workflow: str | None = None, reason: str | None = None, page: int = 1
) -> list[Claim]:
    """A page of the waiting files. If there is another page, one more file is returned, so that the caller
    sees this.
    """
    return app.ledger.waiting.files(
        workflow=workflow, reason=reason, limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def decide_each(
    app: App, decision: Callable[[Claim], decisions.Decision], chosen: Sequence[str]
) -> tuple[DecisionResult, ...]:
    """Apply the same decision to each file separately: one failure does not stop the others.

    Each item is a file ID, or a file ID and the reason that the page showed: ``9f3c missing-column``.
    """
    return tuple(_decide(app, decision, *each.partition(" ")) for each in dict.fromkeys(chosen[:MANY]))


def if_unchanged(
    decision: Callable[[Claim], decisions.Decision], reason: str
) -> Callable[[Claim], decisions.Decision]:
    """A decision that is refused if the file is no longer held for the reason that the page showed."""

    def decided(claim: Claim) -> decisions.Decision:
        if (claim.reason or "") != reason:
            now = (
                f"is now held for another reason: {claim.reason}" if claim.reason else "is not held any more"
            )
            raise RequestWrong(
                f"The file {now}",
                to=f"{claim.id} {claim.source}",
                hint="Reload the page and decide again.",
            )
        return decision(claim)

    return decided


def _decide(
    app: App, decision: Callable[[Claim], decisions.Decision], file: str, seen: str, reason: str
) -> DecisionResult:
    claim = None
    try:
        claim = app.ledger.claims.get(file)
        (decided,) = decisions.decide(app, if_unchanged(decision, reason) if seen else decision, [file])
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


def _replays_in_doubt(app: App) -> Iterator[Issue]:
    """Chunks in doubt of replays. Their files are loaded, so these are not among the held files."""
    for each in app.ledger.deliveries.in_doubt():
        if each.claim.state in COMMITTED and each.states.get(ChunkState.IN_DOUBT):
            chunks = each.states[ChunkState.IN_DOUBT]
            yield Issue(
                kind=IssueKind.DELIVERY,
                name=each.claim.source.key,
                what=f"The answer to {chunks:,} chunk{'s' * (chunks > 1)} of mended rows for {each.destination} is unknown",
                hint=f"Find out whether {each.destination} has the rows, and decide on the page of the file.",
                file=each.claim.id,
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


def _doubled(app: App) -> Iterator[Issue]:
    for workflow, double in applied_doubles(app):
        yield Issue(
            kind=IssueKind.WORKFLOW,
            name=workflow.key,
            what=double.what,
            hint=f"The workflow keeps running as it is, but it cannot be saved again like this. {double.hint}",
        )
