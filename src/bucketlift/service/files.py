"""Files that wait, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.ledger.outbox import ActionState
from bucketlift.model.claim import Claim
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.rules.document import file_outcome, time_text
from bucketlift.rules.lifecycle import move
from bucketlift.service.app import App

ACCEPTABLE = frozenset(
    {
        HeldReason.EXTRA_COLUMN,
        HeldReason.REORDERED_COLUMNS,
        HeldReason.RESPELLED_COLUMNS,
        HeldReason.TOO_MANY_REJECTS,
        HeldReason.REPEATED_BYTES,
        HeldReason.TOO_BIG,
    }
)
"""Held for these, a file can be loaded all the same; for any other, it cannot be read as it is."""

NEXT = "The next run of {workflow} takes it: bucketlift run {workflow}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A file after a person's decision, and what comes next."""

    claim: Claim
    next: str


def find(
    app: App, *, workflow: str | None, states: tuple[FileState, ...], limit: int, offset: int
) -> list[Claim]:
    return app.files.find(workflow=workflow, states=states, limit=limit, offset=offset)


def shown(app: App, claim: Claim) -> dict[str, Any]:
    """A file with its receipts: everything but the content of cells."""
    receipts = app.files.receipts([claim.id]).get(claim.id, {})
    return file_outcome(claim) | {
        "workflow": claim.workflow,
        "task": claim.task,
        "store": claim.source.store,
        "size": claim.source.size,
        "sha256": claim.sha256,
        "modified": time_text(claim.modified),
        "notes": list(claim.notes),
        "accepted": claim.accepted,
        "run": claim.run,
        "updated_at": time_text(claim.updated_at),
        "receipts": [
            {
                "task": task,
                "load_id": receipt.load,
                "destination": receipt.destination,
                "table": receipt.table,
                "committed_at": time_text(receipt.committed_at),
            }
            for task, receipt in receipts.items()
        ],
    }


def retry(app: App, file: str) -> Decided:
    """Try a file again: its load, or its action where that is held."""
    claim = app.files.get(file)
    if claim.state is FileState.ACTION_HELD:
        _decide_action(
            app, claim, ActionState.WAITING, FileState.COMMITTED, reason=None, what=None, hint=None
        )
    else:
        _change(
            app, claim, FileState.RETRYING, reason="retry", what="A person asked for another try", hint=None
        )
    return _decided(app, claim, NEXT)


def accept(app: App, file: str) -> Decided:
    """Load a held file all the same: its good rows; its rejects are kept.

    Raises:
        RequestWrong: it is not held, or for a reason that does not let it be read.
    """
    claim = app.files.get(file)
    if claim.state is not FileState.HELD:
        raise _wrong_state(claim, "accept")
    if claim.reason not in ACCEPTABLE:
        raise RequestWrong(
            f"A file held for {claim.reason} cannot be accepted as it is",
            to=str(claim.source),
            hint=claim.hint or "Mend the file, or change the contract; then retry it.",
        )
    _change(
        app,
        claim,
        FileState.RETRYING,
        accepted=claim.reason,
        reason="accepted",
        what=f"A person accepted it in spite of: {claim.reason}",
        hint=None,
    )
    return _decided(app, claim, NEXT)


def ignore(app: App, file: str) -> Decided:
    """Leave a file where it is, for good; of a held action, leave the loaded object where it is."""
    claim = app.files.get(file)
    if claim.state is FileState.ACTION_HELD:
        said = {"reason": "ignored", "what": "A person left the object where it is", "hint": None}
        _decide_action(app, claim, ActionState.DROPPED, FileState.DONE, **said)
    else:
        _change(
            app, claim, FileState.SKIPPED, reason="ignored", what="A person chose to ignore it", hint=None
        )
    return _decided(app, claim, "It stays in the bucket and is not loaded; retry undoes this.")


def hold(app: App, file: str) -> Decided:
    """Put a file on hold before its load, or its action before the delete is sent."""
    claim = app.files.get(file)
    said = {"reason": HeldReason.ASKED.value, "what": "A person put it on hold", "hint": "Retry it."}
    if claim.state in (FileState.COMMITTED, FileState.ACTING):
        _decide_action(app, claim, ActionState.HELD, FileState.ACTION_HELD, **said)
    else:
        _change(app, claim, FileState.HELD, **said)
    return _decided(app, claim, "It waits until somebody retries it.")


def many(app: App, decide: Callable[[App, str], Decided], files: tuple[str, ...]) -> list[Decided]:
    """The same decision about several files; unknown ids are refused before anything is changed."""
    for file in files:
        app.files.get(file)
    return [decide(app, file) for file in files]


def _decided(app: App, claim: Claim, following: str) -> Decided:
    return Decided(claim=app.files.get(claim.id), next=following.format(workflow=claim.workflow))


def _change(app: App, claim: Claim, state: FileState, **values: Any) -> None:
    try:
        move(claim.state, state)
    except Exception as error:
        raise _wrong_state(claim, state.value) from error
    if not app.files.change(claim.id, claim.state, now=app.now(), state=state.value, **values):
        raise _moved_on(claim)


def _decide_action(app: App, claim: Claim, action: ActionState, file: FileState, **values: Any) -> None:
    if not app.outbox.decide(claim.id, state=action, file=file, now=app.now(), **values):
        raise _moved_on(claim)


def _wrong_state(claim: Claim, wish: str) -> RequestWrong:
    return RequestWrong(
        f"The file is {claim.state.value}, and cannot go from there to {wish}",
        to=f"{claim.id} {claim.source}",
        hint="`bucketlift files show` tells how it stands.",
    )


def _moved_on(claim: Claim) -> RequestWrong:
    return RequestWrong(
        "The file has moved on meanwhile",
        to=f"{claim.id} {claim.source}",
        hint="`bucketlift files show` tells how it stands now.",
    )
