"""Delayed actions on loaded files: lists them, drops them, or makes them due now."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.errors import RequestWrong
from bucketlift.ledger.claims.waiting import Entry
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import PENDING_ACTION
from bucketlift.service.core.app import App
from bucketlift.service.files import decisions
from bucketlift.service.files.attention import DecisionResult, decide_each

PAGE = 50


def delayed(app: App, *, workflow: str | None = None, page: int = 1) -> list[Entry]:
    """A page of delayed actions, the next one first. If there is another page, one more action is returned,
    so that the caller sees this.
    """
    return app.ledger.waiting.delayed(
        workflow=workflow, now=app.now(), limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def keep(claim: Claim) -> decisions.Decision:
    """Drop the action of a loaded file, and keep the object permanently.

    Raises:
        RequestWrong: no action is pending, or the action has already started.
    """
    if claim.state not in PENDING_ACTION:
        raise RequestWrong(
            f"The file is {claim.state.value}: no action is pending",
            to=f"{claim.id} {claim.source}",
            hint="A deleted object cannot be restored here. A moved object is in its archive bucket.",
        )
    return decisions.ignore(claim)


def undo(app: App, chosen: Sequence[str]) -> tuple[DecisionResult, ...]:
    """Drop the action of each file separately. The state of the file is then `done`. This is possible until
    the ledger records that the delete request was sent.
    """
    return decide_each(app, keep, chosen)


def do_now(app: App, file: str) -> Entry:
    """Make an action due now, and queue a run that executes it.

    Raises:
        NotFound: there is no such file.
        RequestWrong: the file has no delayed action.
    """
    claim = app.ledger.claims.get(file)
    if not app.ledger.waiting.make_due(claim.id, now=app.now()):
        raise RequestWrong(
            "The file has no delayed action",
            to=f"{claim.id} {claim.source}",
            hint="The action was done, undone or held in the meantime: see the file's page.",
        )
    entry = app.ledger.waiting.entry(claim.id)
    assert entry is not None  # noqa: S101 - it was just changed
    return entry
