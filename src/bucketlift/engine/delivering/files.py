"""Delivers the staged files of a batch by one load task."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.chunks import InDoubt, Sender, Unconfirmed
from bucketlift.engine.delivering.deliver import deliver, delivered_file
from bucketlift.engine.delivering.refused import rejects_of
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.engine.reading.poison_files import begin
from bucketlift.errors import DestinationRefused, NeedsPerson
from bucketlift.model.claim import Claim
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery
from bucketlift.tabular.transform.row_transforms import RowTransforms

MOST_IN_A_ROW = 2
"""If this many files in a row are not confirmed, the destination is taken as unavailable."""


def deliver_files(context: RunContext, task: LoadTask, delivery: Delivery, claims: Sequence[Claim]) -> None:
    """Deliver files one after another. A file that needs a person is held, and the next files are delivered.

    If a file is not confirmed, the next one is delivered. If that one is confirmed, the destination works, so the
    first one is tried again at the end, and is held if it is still not confirmed. If two files in a row are not
    confirmed, the destination is unavailable: no file is tried again or held. A file on which the destination still
    works is left to the next run.

    Raises:
        BucketliftError: the destination cannot be used now; the files that are not delivered yet are retried.
    """
    unconfirmed, is_available = list[tuple[Claim, Unconfirmed]](), True
    to_repeat, working = list[Claim](), list[Unconfirmed]()
    for claim in claims:
        try:
            if _delivered(context, task, delivery, claim):
                to_repeat += [each for each, error in unconfirmed if not error.working]
                working += [error for _, error in unconfirmed if error.working]
                unconfirmed.clear()
        except Unconfirmed as error:
            unconfirmed.append((claim, error))
            if len(unconfirmed) == MOST_IN_A_ROW:
                is_available = False
                break
    for claim in to_repeat if is_available else ():
        try:
            _delivered(context, task, delivery, claim)
        except Unconfirmed as error:
            if error.working:
                working.append(error)
                continue
            sender = Sender(context=context, task=task, delivery=delivery)
            what = f"{error.what}. Other files were confirmed meanwhile"
            _hold(context, claim, HeldReason.IN_DOUBT.value, sender.in_doubt(error.chunk, what))
    if left := [*working, *(error for _, error in unconfirmed)]:
        raise left[-1]


def _delivered(context: RunContext, task: LoadTask, delivery: Delivery, claim: Claim) -> bool:
    """Deliver a file. Returns False if the file was not sent, or is held.

    Raises:
        Unconfirmed: the destination did not confirm a chunk.
        BucketliftError: the destination cannot be used now.
    """
    context.check_cancelled()
    begun = begin(context, [claim], load=True).get(claim.id)
    if begun is None or not still_staged(context, begun):
        return False
    try:
        with context.services.take_slot(task.destination, context.check_cancelled):
            _deliver(context, task, delivery, begun)
    except Unconfirmed:
        # Other files are delivered next. If one of them kills the worker, this file is not to blame.
        context.ledger.claims.trust(context.lease, [begun.id])
        raise
    except InDoubt as error:
        _hold(context, begun, HeldReason.IN_DOUBT.value, error)
        return False
    except DestinationRefused as error:
        _hold(context, begun, error.reason, error)
        return False
    return True


def _deliver(context: RunContext, task: LoadTask, delivery: Delivery, claim: Claim) -> None:
    transforms = RowTransforms.of(context.checks(context.extract(claim.task)))
    file = delivered_file(context, task, claim)
    with (
        context.services.spool.rows(claim.id) as rows,
        context.track.file(claim, "loading", total=claim.rows),
    ):
        done = deliver(context, task, delivery, file, transforms.stream(task.source, rows))
    rejects = rejects_of(context, task.id, claim, done.refused)
    context.ledger.deliveries.finish(context.lease, context.run, done.receipt, rejects)
    context.log(
        f"Delivered to {task.destination}: {claim.rows - done.receipt.refused:,} rows of 1 file"
        + (f"; refused: {done.receipt.refused:,} rows" if done.receipt.refused else ""),
        task=task.id,
        level="warning" if done.receipt.refused else "info",
    )


def _hold(context: RunContext, claim: Claim, reason: str, error: NeedsPerson) -> None:
    held = Transition(
        claim=claim.id, was=claim.state, to=FileState.HELD, reason=reason, what=error.what, hint=error.hint
    )
    context.ledger.claims.record(context.lease, [held], now=context.now())
    context.log_once(claim.task, error)
