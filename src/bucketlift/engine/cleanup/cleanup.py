"""Executes the actions in the outbox: copies objects, verifies the copies, checks the receipts again, and
deletes.

Each call is pinned to the loaded version and recorded in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from bucketlift.engine.cleanup.archive import Archived, Refusal, archive
from bucketlift.engine.cleanup.batch_delete import delete_batch, may_delete_batch
from bucketlift.engine.cleanup.delete_preconditions import (
    refuse_missing_receipt,
    refuse_other_store,
    refuse_removed_task,
    refuse_weak_store,
    waits_for,
)
from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext, map_concurrent
from bucketlift.engine.loading.receipts_lost import paused
from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    LeaseLost,
    NeedsPerson,
    ObjectChanged,
    ObjectGone,
    ObjectLocked,
    Transient,
)
from bucketlift.model.claim import Claim, ClaimId, PendingAction
from bucketlift.model.source import Place
from bucketlift.model.workflow import Delete, ExtractTask
from bucketlift.ports import ObjectStore
from bucketlift.ports.store import DELETES_AT_ONCE

R = TypeVar("R")

CHUNK = 200
"""Number of copies, or of single deletes, whose outcomes are recorded in the ledger together."""
REPLACED = "A newer object arrived under the key before the action; it was not touched"
STILL_LISTED = (
    "The store reported other bytes under the key, but its listing shows the object that was loaded"
)
_STILL_LISTED_HINT = (
    "Retry the file to try the action again, or ignore the file to leave the object. If it happens again, run `bucketlift accounts doctor` "
    "with this workflow: it compares the store's listing with the objects."
)
GONE = "The object was already gone"


def run_outbox(context: RunContext) -> None:
    """Execute each due action once. An action with a transient error stays in the outbox, and the next run
    repeats it.

    While the outbox is paused, no action is executed.
    """
    pause, looked = None, False
    for chunk in _due(context):
        try:
            pause, looked = pause if looked else paused(context), True
        except (Transient, NeedsPerson) as error:
            context.fault(chunk[0].task, error)
            return
        if pause is not None:
            notes = [(action.claim, f"The outbox is paused: {pause.what}") for action in chunk]
            context.ledger.outbox.note(context.lease, notes, now=context.now())
            continue
        for task_id, actions in groupby(sorted(chunk, key=_task), _task):
            task = next((each for each in context.workflow.extracts if each.id == task_id), None)
            if task is None:
                _hold_refused(context, list(actions), refuse_removed_task)
                continue
            try:
                _act_on(context, task, list(actions))
            except LeaseLost:
                raise
            except (Transient, NeedsPerson) as error:
                context.fault(task.id, error)


def hold_still_listed(context: RunContext, task: str, claims: Sequence[Claim]) -> None:
    """Hold actions that ended because the object was replaced, although the listing still shows the loaded
    object.
    """
    outbox, now = context.ledger.outbox, context.now()
    outbox.reopen(context.lease, [claim.id for claim in claims], now=now)
    held = [(claim.id, "not-as-listed", STILL_LISTED, _STILL_LISTED_HINT) for claim in claims]
    outbox.hold(context.lease, context.run, held, now=now)
    if claims:
        context.log(f"Actions held (not-as-listed): {len(claims)}", task=task, level="warning")


def _task(action: PendingAction) -> str:
    return action.task


def _due(context: RunContext) -> Iterator[list[PendingAction]]:
    last: ClaimId | None = None
    while chunk := context.ledger.outbox.due(
        context.workflow.key, now=context.now(), limit=DELETES_AT_ONCE, after=last
    ):
        yield chunk
        last = chunk[-1].claim


def _act_on(context: RunContext, task: ExtractTask, actions: list[PendingAction]) -> None:
    store = context.services.connections.store(context.workflow.key, task)
    actions = _hold_refused(context, actions, lambda free: refuse_other_store(store, free))
    waiting = waits_for(context, actions, store.store)
    notes = [(claim, f"Waits until {other} has loaded it too") for claim, other in waiting.items()]
    context.ledger.outbox.note(context.lease, notes, now=context.now())
    for other, count in Counter(waiting.values()).items():
        context.log(f"Actions that wait until {other} has loaded the files too: {count}", task=task.id)
    actions = [action for action in actions if action.claim not in waiting]
    actions = _hold_refused(context, actions, lambda free: refuse_weak_store(context, task, store, free))
    actions = _hold_refused(context, actions, lambda free: refuse_missing_receipt(context, free))
    actions = [ready for some in _some(actions, CHUNK) for ready in _copy(context, task, store, some)]
    many = may_delete_batch(context, task, store, actions)
    for some in _some(actions, DELETES_AT_ONCE if many else CHUNK):
        _delete(context, task, store, some, together=many)
    context.report("after import", task.id, len(actions), len(actions))


def _some(actions: list[PendingAction], most: int) -> Iterator[list[PendingAction]]:
    return (actions[at : at + most] for at in range(0, len(actions), most))


def _hold_refused(
    context: RunContext,
    actions: list[PendingAction],
    refuse: Callable[[Sequence[PendingAction]], dict[ClaimId, Refusal]],
) -> list[PendingAction]:
    """Hold the actions for which ``refuse`` returns a reason. Returns the other actions."""
    refused = refuse(actions)
    held = [(claim, each.reason, each.what, each.hint) for claim, each in refused.items()]
    for (task, reason), count in Counter(
        (_task(each), refused[each.claim].reason) for each in actions if each.claim in refused
    ).items():
        context.log(f"Actions held ({reason}): {count}", task=task, level="warning")
    context.ledger.outbox.hold(context.lease, context.run, held, now=context.now())
    return [action for action in actions if action.claim not in refused]


def _copy(
    context: RunContext, task: ExtractTask, store: ObjectStore, actions: list[PendingAction]
) -> list[PendingAction]:
    """Make and verify the copies that moves and renames need. Returns the actions whose original may be
    deleted now.
    """
    ready = [each for each in actions if isinstance(each.action, Delete)]
    to_copy = [each for each in actions if not isinstance(each.action, Delete)]
    made = {}
    copied: list[tuple[ClaimId, Place]] = []
    refused: dict[ClaimId, Refusal] = {}
    finished: list[tuple[ClaimId, bool, str | None]] = []
    tried = map_concurrent(
        lambda each: _result_or_error(lambda: archive(store, each, context.check_lease)), to_copy
    )
    for action, result in tried:
        match result:
            case Archived(place=place):
                copied.append((action.claim, place))
                made[action.claim] = action
            case Refusal():
                refused[action.claim] = result
            case ObjectChanged():
                finished.append((action.claim, False, REPLACED))
            case ObjectGone():
                finished.append((action.claim, True, f"{GONE}, so no copy could be made"))
            case BucketliftError():
                refused |= _hold_or_postpone(context, task, action, result)
    outbox = context.ledger.outbox
    pending = outbox.copied(context.lease, copied, now=context.now())
    ready += [action for claim, action in made.items() if claim in pending]
    outbox.finish(context.lease, finished, now=context.now())
    _hold_refused(context, to_copy, lambda _: refused)
    return ready


def _delete(
    context: RunContext,
    task: ExtractTask,
    store: ObjectStore,
    actions: list[PendingAction],
    *,
    together: bool,
) -> None:
    """Delete exactly the loaded version of each object. The ledger records each delete before the call is
    sent.
    """
    outbox = context.ledger.outbox
    sent = outbox.send(context.lease, [each.claim for each in actions], now=context.now())
    finished: list[tuple[ClaimId, bool, str | None]] = []
    refused: dict[ClaimId, Refusal] = {}
    chosen = [each for each in actions if each.claim in sent]
    settled = delete_batch(context, task, store, chosen) if together and chosen else {}
    alone = [each for each in chosen if each.claim not in settled]
    results: list[tuple[PendingAction, BucketliftError | None]] = [
        (each, settled[each.claim]) for each in chosen if each.claim in settled
    ]
    results += map_concurrent(lambda each: _result_or_error(lambda: _send(context, store, each)), alone)
    for action, result in results:
        match result:
            case None:
                finished.append((action.claim, True, None))
            case ObjectGone():
                # A delete whose answer was lost looks the same as a delete by another program.
                finished.append((action.claim, True, None if action.sent else GONE))
            case ObjectChanged():
                finished.append((action.claim, False, REPLACED))
            case BucketliftError():
                refused |= _hold_or_postpone(context, task, action, result)
    outbox.finish(context.lease, finished, now=context.now())
    if finished:
        context.log(f"Actions done: {len(finished)}", task=task.id)
    _hold_refused(context, chosen, lambda _: refused)


def _send(context: RunContext, store: ObjectStore, action: PendingAction) -> None:
    """Delete one object, directly after a check of the lease, because a store cannot check the lease's token.

    Without the check, a process that was paused for long could delete a new arrival of the same bytes.
    """
    context.check_lease()
    store.delete(action.source)


def _result_or_error(do: Callable[[], R]) -> R | BucketliftError:
    """Call the function ``do``.

    Returns its result, or its error as a value, so that an error for one object does not stop the work on the
    others. LeaseLost is raised.
    """
    try:
        return retry_transient(do)
    except LeaseLost:
        raise
    except BucketliftError as error:
        return error


def _hold_or_postpone(
    context: RunContext, task: ExtractTask, action: PendingAction, error: BucketliftError
) -> dict[ClaimId, Refusal]:
    """Hold the action if a person must decide. Otherwise leave the action in the outbox for the next run."""
    # A copy has a source and a target: the message names the one that refused.
    what = error.what if error.to in ("", str(action.source)) else f"{error.what}: {error.to}"
    if isinstance(error, AccessRefused):
        return {action.claim: Refusal(reason="no-right", what=what, hint=error.hint)}
    if isinstance(error, ObjectLocked):
        return {action.claim: Refusal(reason="object-lock", what=what, hint=error.hint)}
    if isinstance(error, NeedsPerson):
        return {action.claim: Refusal(reason="action-refused", what=what, hint=error.hint)}
    context.fault(task.id, error)
    context.ledger.outbox.note(
        context.lease, [(action.claim, f"{what}; tried again by the next run")], now=context.now()
    )
    return {}
