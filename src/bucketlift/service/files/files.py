"""Files that wait, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bucketlift.errors import IllegalMove, RequestWrong
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.model.claim import Claim
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import COMMITTED, PENDING_ACTION, FileState
from bucketlift.model.transition import Transition
from bucketlift.rules.document import file_outcome, time_text
from bucketlift.rules.lifecycle import move
from bucketlift.service.core.app import App

ACCEPTABLE = frozenset(
    {
        HeldReason.EXTRA_COLUMN,
        HeldReason.REORDERED_COLUMNS,
        HeldReason.RESPELLED_COLUMNS,
        HeldReason.BLANK_COLUMN,
        HeldReason.PREAMBLE,
        HeldReason.UNEXPECTED_LINES,
        HeldReason.ROWS_BELOW_HEADER,
        HeldReason.DOUBTFUL_ENCODING,
        HeldReason.DOUBTFUL_ESCAPES,
        HeldReason.DOUBTFUL_QUOTES,
        HeldReason.DOUBTFUL_FOOTER,
        HeldReason.TOO_MANY_REJECTS,
        HeldReason.REPEATED_BYTES,
        HeldReason.TOO_BIG,
        HeldReason.KEY_EXPIRED,
        HeldReason.LOADER_REMOVED,
        HeldReason.UNKNOWN_RECEIPT,
    }
)
"""Held for these, a file can be loaded all the same; for any other, it cannot be read as it is."""

NEXT = "The next run of {workflow} takes it: bucketlift run {workflow}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A decision about one file, found possible and not carried out yet."""

    claim: Claim
    transition: Transition
    following: str
    action: ActionState | None = None
    """Where it is the action that is decided about: what becomes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A file after a person's decision, and what comes next."""

    claim: Claim
    next: str


def find(
    app: App,
    *,
    workflow: str | None = None,
    states: tuple[FileState, ...] = (),
    reasons: tuple[str, ...] = (),
    run: str | None = None,
    waiting: bool = False,
    limit: int = 1000,
    offset: int = 0,
) -> list[Claim]:
    """Files by key. ``run``: those of its manifest; ``waiting``: those whose action waits for its delay to end.

    Raises:
        NotFound: there is no such run.
    """
    return app.ledger.claims.find(
        workflow=workflow,
        states=states,
        reasons=reasons,
        manifest=None if run is None else app.ledger.runs.get(run).id,
        due_after=app.now() if waiting else None,
        limit=limit,
        offset=offset,
    )


def outcomes(app: App, claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Files as a run's answer tells them, with what is to be done to their objects later."""
    delayed = app.ledger.outbox.delayed([claim.id for claim in claims])
    return [file_outcome(claim, delayed.get(claim.id)) for claim in claims]


def shown(app: App, claim: Claim) -> dict[str, Any]:
    """A file with its receipts and replays: everything but the content of cells."""
    receipts = app.ledger.claims.receipts([claim.id]).get(claim.id, {})
    (outcome,) = outcomes(app, [claim])
    return outcome | {
        "workflow": claim.workflow,
        "task": claim.task,
        "store": claim.source.store,
        "size": claim.source.size,
        "sha256": claim.sha256,
        "modified": time_text(claim.modified),
        "notes": list(claim.notes),
        "accepted": sorted(claim.accepted),
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
        "replays": [
            {
                "replay": each.part,
                "state": each.state.value,
                "rows": each.rows,
                "asked_at": time_text(each.asked_at),
            }
            for each in app.ledger.replays.of_file(claim.id)
        ],
    }


def retry(claim: Claim) -> Wish:
    """Try a file again: its load, or its action where that is held. An action keeps the time it is due at."""
    if claim.state is FileState.ACTION_HELD:
        return Wish(
            claim=claim,
            transition=Transition(claim=claim.id, to=FileState.COMMITTED),
            action=ActionState.WAITING,
            following=NEXT,
        )
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.RETRYING,
            reason="retry",
            what="A person asked for another try",
        ),
        claim,
        NEXT,
    )


def accept(claim: Claim) -> Wish:
    """Load a held file all the same: its good rows; its rejects are kept.

    Raises:
        RequestWrong: it is not held, or for a reason that does not let it be read.
    """
    if claim.state is not FileState.HELD:
        raise _wrong_state(claim, "accept")
    if claim.reason not in ACCEPTABLE:
        raise RequestWrong(
            f"A file held for {claim.reason} cannot be accepted as it is",
            to=str(claim.source),
            hint=claim.hint or "Mend the file, or change the contract; then retry it.",
        )
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.RETRYING,
            reason="accepted",
            what=f"A person accepted it in spite of: {claim.reason}",
            accepted=claim.accepted | {claim.reason},
        ),
        claim,
        NEXT,
    )


def ignore(claim: Claim) -> Wish:
    """Leave a file where it is, for good; of a loaded one, leave the object where it is."""
    following = "It stays in the bucket and is not loaded; retry undoes this."
    if claim.state in PENDING_ACTION:
        return Wish(
            claim=claim,
            transition=Transition(
                claim=claim.id,
                to=FileState.DONE,
                reason="ignored",
                what="A person left the object where it is",
            ),
            action=ActionState.DROPPED,
            following="It is loaded, and its object stays where it is.",
        )
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.SKIPPED,
            reason="ignored",
            what="A person chose to ignore it",
        ),
        claim,
        following,
    )


def hold(claim: Claim) -> Wish:
    """Put a file on hold before its load, or its action before the delete is sent."""
    following = "It waits until somebody retries it."
    held = Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=HeldReason.ASKED.value,
        what="A person put it on hold",
        hint="Retry it.",
    )
    if claim.state in (FileState.COMMITTED, FileState.ACTING):
        action_held = replace(held, was=None, to=FileState.ACTION_HELD)
        return Wish(claim=claim, transition=action_held, action=ActionState.HELD, following=following)
    if claim.state in COMMITTED:
        raise _wrong_state(claim, FileState.HELD.value)
    return _moved(held, claim, following)


def decide(app: App, wish: Callable[[Claim], Wish], files: Sequence[str]) -> list[Decided]:
    """The same decision about several files. Where one of them forbids it, none is changed.

    Raises:
        NotFound: there is no such file.
        RequestWrong: a file stands so that this cannot be decided about it.
    """
    wishes = [wish(app.ledger.claims.get(file)) for file in files]
    for each in wishes:
        _carry_out(app, each)
    return [_decided(app, each) for each in wishes]


def _decided(app: App, wish: Wish) -> Decided:
    claim = app.ledger.claims.get(wish.claim.id)
    (outcome,) = outcomes(app, [claim])
    due = outcome["due_at"] if wish.action is ActionState.WAITING else None
    following = wish.following.format(workflow=claim.workflow)
    return Decided(claim=claim, next=following if due is None else f"{outcome['what']}.")


def _carry_out(app: App, wish: Wish) -> None:
    claim, now = wish.claim, app.now()
    if wish.action is None:
        changed = app.ledger.claims.change(wish.transition, now=now)
    else:
        if wish.action is ActionState.WAITING:
            app.ledger.probes.forget(claim.source.store)
        changed = app.ledger.outbox.decide(wish.transition, wish.action, now=now)
    if not changed:
        raise RequestWrong(
            "The file has moved on meanwhile",
            to=f"{claim.id} {claim.source}",
            hint="`bucketlift files show` tells how it stands now.",
        )


def _moved(transition: Transition, claim: Claim, following: str) -> Wish:
    if claim.reason == HeldReason.UNLOADING:
        raise RequestWrong(
            "Its rows are being taken out, or that broke off: some may be out, and some not",
            to=f"{claim.id} {claim.source}",
            hint=f"Repeat: bucketlift files unload {claim.id}",
        )
    try:
        move(claim.state, transition.to)
    except IllegalMove:
        raise _wrong_state(claim, transition.to.value) from None
    return Wish(claim=claim, transition=transition, following=following)


def _wrong_state(claim: Claim, wish: str) -> RequestWrong:
    return RequestWrong(
        f"The file is {claim.state.value}, and cannot go from there to {wish}",
        to=f"{claim.id} {claim.source}",
        hint="`bucketlift files show` tells how it stands.",
    )
