"""Decisions about files: retry, accept, ignore, hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bucketlift.errors import IllegalMove, RequestWrong
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.model.claim import Claim
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import COMMITTED, PENDING_ACTION, FileState
from bucketlift.model.transition import Transition
from bucketlift.rules.lifecycle import move
from bucketlift.service.core.app import App
from bucketlift.service.files.files import outcomes

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
        HeldReason.TOO_MANY_REFUSED,
    }
)
"""The hold reasons for which a file can be accepted. A file with another reason cannot be read as it is."""

NEXT = "The next run of {workflow} loads the file: bucketlift run {workflow}"
NEXT_ACTION = "The next run of {workflow} executes the action on the object: bucketlift run {workflow}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A valid decision about one file, which is not executed yet."""

    claim: Claim
    transition: Transition
    following: str
    action: ActionState | None = None
    """The new state of the action; None if the decision is not about the action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A file after a decision, and what happens next."""

    claim: Claim
    next: str


def retry(claim: Claim) -> Decision:
    """Retry the load of a file; if its action is held, retry the action. The due time of the action stays."""
    if claim.state is FileState.ACTION_HELD:
        return Decision(
            claim=claim,
            transition=Transition(claim=claim.id, to=FileState.COMMITTED),
            action=ActionState.WAITING,
            following=NEXT_ACTION,
        )
    is_repeat = claim.reason == HeldReason.REPEATED_BYTES  # otherwise the next run would leave it out again
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.RETRYING,
            reason="retry",
            what="Retry requested by a user",
            accepted=claim.accepted | {HeldReason.REPEATED_BYTES} if is_repeat else None,
        ),
        claim,
        NEXT,
    )


def accept(claim: Claim) -> Decision:
    """Accept a held file: its valid rows are loaded, and its rejects are kept.

    Raises:
        RequestWrong: the file is not held, or its hold reason does not allow this.
    """
    if claim.state is not FileState.HELD:
        raise _wrong_state(claim, "be accepted")
    if claim.reason not in ACCEPTABLE:
        raise RequestWrong(
            f"A file held for {claim.reason} cannot be accepted as it is",
            to=str(claim.source),
            hint=claim.hint or "Correct the file or change the contract, then retry the file.",
        )
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.RETRYING,
            reason="accepted",
            what=f"Accepted by a user despite: {claim.reason}",
            accepted=claim.accepted | {claim.reason},
        ),
        claim,
        NEXT,
    )


def ignore(claim: Claim) -> Decision:
    """Do not load a file. If it is loaded already, drop its action and keep the object."""
    following = "The file stays in the bucket and is not loaded. Retry reverses this."
    if claim.state in PENDING_ACTION:
        return Decision(
            claim=claim,
            transition=Transition(
                claim=claim.id,
                to=FileState.DONE,
                reason="ignored",
                what="The object is kept, as decided by a user",
            ),
            action=ActionState.DROPPED,
            following="The file is loaded, and its object stays where it is.",
        )
    return _moved(
        Transition(
            claim=claim.id,
            was=claim.state,
            to=FileState.SKIPPED,
            reason="ignored",
            what="Ignored by a user",
        ),
        claim,
        following,
    )


def hold(claim: Claim) -> Decision:
    """Hold a file before its load. If the file is loaded, hold its action before the delete request is sent."""
    following = "The file is held until you retry it."
    held = Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=HeldReason.ON_HOLD.value,
        what="Held by a user",
        hint="Retry the file.",
    )
    if claim.state in (FileState.COMMITTED, FileState.ACTING):
        action_held = replace(held, was=None, to=FileState.ACTION_HELD)
        return Decision(claim=claim, transition=action_held, action=ActionState.HELD, following=following)
    if claim.state in COMMITTED:
        raise _wrong_state(claim, "be held")
    return _moved(held, claim, following)


def decide(app: App, decision: Callable[[Claim], Decision], files: Sequence[str]) -> list[Decided]:
    """Apply a decision to several files. If the decision is not possible for one of them, no file is changed.

    Raises:
        NotFound: there is no such file.
        RequestWrong: the state of a file does not allow the decision.
    """
    decisions = [decision(app.ledger.claims.get(file)) for file in files]
    for each in decisions:
        _carry_out(app, each)
    return [_decided(app, each) for each in decisions]


def _decided(app: App, decision: Decision) -> Decided:
    claim = app.ledger.claims.get(decision.claim.id)
    (outcome,) = outcomes(app, [claim])
    due = outcome["due_at"] if decision.action is ActionState.WAITING else None
    following = decision.following.format(workflow=claim.workflow)
    return Decided(claim=claim, next=following if due is None else f"{outcome['what']}.")


def _carry_out(app: App, decision: Decision) -> None:
    claim, now = decision.claim, app.now()
    if decision.action is None:
        changed = app.ledger.claims.change(decision.transition, now=now)
    else:
        if decision.action is ActionState.WAITING:
            app.ledger.probes.forget(claim.source.store)
        changed = app.ledger.outbox.decide(decision.transition, decision.action, now=now)
    if not changed:
        raise RequestWrong(
            "The file has changed in the meantime",
            to=f"{claim.id} {claim.source}",
            hint=f"See the file: bucketlift files show {claim.id}",
        )


def _moved(transition: Transition, claim: Claim, following: str) -> Decision:
    if claim.reason == HeldReason.UNLOADING:
        raise RequestWrong(
            "The rows of the file are being removed, or an unload was interrupted: some rows may be removed and some not",
            to=f"{claim.id} {claim.source}",
            hint=f"Repeat: bucketlift files unload {claim.id}",
        )
    try:
        move(claim.state, transition.to)
    except IllegalMove:
        raise _wrong_state(claim, f"change to `{transition.to.value}`") from None
    return Decision(claim=claim, transition=transition, following=following)


def _wrong_state(claim: Claim, decision: str) -> RequestWrong:
    return RequestWrong(
        f"A file with the state `{claim.state.value}` cannot {decision}",
        to=f"{claim.id} {claim.source}",
        hint=f"See the file: bucketlift files show {claim.id}",
    )
