"""What is still to be done to loaded objects later: seen before it happens, undone, or done at once."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.errors import RequestWrong
from bucketlift.ledger.claims.waiting import Entry
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import PENDING_ACTION
from bucketlift.service.core.app import App
from bucketlift.service.files import files
from bucketlift.service.files.attention import Told, decide_each

PAGE = 50


def delayed(app: App, *, workflow: str | None = None, page: int = 1) -> list[Entry]:
    """A page of the actions that wait for their time, the next first, and one more where there is another page."""
    return app.ledger.waiting.delayed(
        workflow=workflow, now=app.now(), limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def keep(claim: Claim) -> files.Wish:
    """Leave the object of a loaded file where it is, for good.

    Raises:
        RequestWrong: nothing is to be done to it, or that was begun already.
    """
    if claim.state not in PENDING_ACTION:
        raise RequestWrong(
            f"The file is {claim.state.value}: nothing is still to be done to its object",
            to=f"{claim.id} {claim.source}",
            hint="An object that is deleted is gone; one that was moved is in its archive.",
        )
    return files.ignore(claim)


def undo(app: App, chosen: Sequence[str]) -> tuple[Told, ...]:
    """Let objects stay where they are, each by itself: a file that is through with it is `done` then.

    It wins until the ledger says that the delete was sent.
    """
    return decide_each(app, keep, chosen)


def do_now(app: App, file: str) -> Entry:
    """Let an action be due at once: the workflow's next run takes it, and a worker begins one for it.

    Raises:
        NotFound: there is no such file.
        RequestWrong: it does not wait for its time.
    """
    claim = app.ledger.claims.get(file)
    if not app.ledger.waiting.hasten(claim.id, now=app.now()):
        raise RequestWrong(
            "Nothing is to be done to its object later",
            to=f"{claim.id} {claim.source}",
            hint="It was done, undone or put on hold meanwhile: the file's page tells.",
        )
    entry = app.ledger.waiting.entry(claim.id)
    assert entry is not None  # noqa: S101 - it was just changed
    return entry
