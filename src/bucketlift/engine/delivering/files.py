"""Delivers the staged files of a batch by one load task."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.chunks import InDoubt
from bucketlift.engine.delivering.deliver import deliver, delivered_file
from bucketlift.engine.delivering.refused import rejects_of
from bucketlift.engine.reading.batch_read import still_staged
from bucketlift.engine.reading.poison_files import begin
from bucketlift.errors import DestinationRefused, NeedsPerson
from bucketlift.model.claim import Claim
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery
from bucketlift.tabular.transform.row_transforms import RowTransforms


def deliver_files(context: RunContext, task: LoadTask, delivery: Delivery, claims: Sequence[Claim]) -> None:
    """Deliver files one after another. A file that needs a person is held, and the next files are delivered.

    Raises:
        BucketliftError: the destination cannot be used now; the files that are not delivered yet are retried.
    """
    for claim in claims:
        context.check_cancelled()
        begun = begin(context, [claim], load=True).get(claim.id)
        if begun is None or not still_staged(context, begun):
            continue
        try:
            with context.services.take_slot(task.destination, context.check_cancelled):
                _deliver(context, task, delivery, begun)
        except InDoubt as error:
            _hold(context, begun, HeldReason.IN_DOUBT.value, error)
        except DestinationRefused as error:
            _hold(context, begun, error.reason, error)


def _deliver(context: RunContext, task: LoadTask, delivery: Delivery, claim: Claim) -> None:
    transforms = RowTransforms.of(context.checks(context.extract(claim.task)))
    file = delivered_file(context, task, claim)
    with (
        context.services.spool.rows(claim.id) as rows,
        context.track.file(claim, "loading", total=claim.rows),
    ):
        done = deliver(context, task, delivery, file, transforms.stream(task.source, rows))
    rejects = rejects_of(context, task.id, claim, done.refused)
    chosen = [load.id for load in context.loads_of(claim)] if claim.choice is None else None
    context.ledger.deliveries.finish(context.lease, context.run, done.receipt, chosen, rejects)
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
