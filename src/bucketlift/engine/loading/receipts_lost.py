"""Pauses the outbox if the ledger has lost loads, for example after it was restored from a backup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.errors import BucketliftError, NotFound
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.model.delivery import Promise
from bucketlift.model.load import Receipt
from bucketlift.model.pause import Pause
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Connections


def paused(context: RunContext) -> Pause | None:
    """The reason why no action may be executed now; None if the ledger can explain every receipt.

    Raises:
        BucketliftError: a destination cannot be read, and the outbox is not paused yet.
    """
    pauses = context.ledger.pauses
    pause = pauses.paused()
    if pause is not None:
        loads = [load for flow in context.ledger.catalog.all() for load in flow.loads]
        every = sorted({load.destination for load in loads})
        return None if lift(context.services.connections, pauses, every, loads) else pause
    pause_for_lost_loads(context, sorted({load.destination for load in context.workflow.loads}))
    return pauses.paused()


def pause_for_lost_loads(context: RunContext, destinations: Sequence[str]) -> None:
    """Pause the outbox if a destination has receipts that the ledger cannot explain. Each destination is
    checked once per run.

    Call this before a run's first load into a destination. After this load, the last receipt in the ledger is
    newer than the lost receipts, so they would not be found.

    Raises:
        BucketliftError: a destination cannot be read.
    """
    pauses = context.ledger.pauses
    if pauses.paused() is not None:
        return
    for destination in [each for each in destinations if each not in context.requested]:
        since = pauses.look_from(destination, but=context.run)
        lost = unexplained(context.services.connections, pauses, destination, since)
        if lost:
            what = (
                f"{destination} has {len(lost)} receipts of this installation that the ledger does not know, "
                f"since {lost[0].committed_at:%Y-%m-%d %H:%M} UTC: was an older ledger restored?"
            )
            pauses.pause(Pause(what=what, paused_at=context.now(), look_from=since))
            context.log(f"The outbox is paused: {what}", level="warning")
            return
        context.requested.add(destination)


def unexplained(
    connections: Connections, pauses: Pauses, destination: str, since: datetime
) -> tuple[Receipt, ...]:
    """The receipts of a destination that the ledger cannot explain, oldest first.

    Only receipts that were committed at or after ``since`` are considered. A destination of deliveries has no
    receipts.
    """
    try:
        if connections.delivery(destination) is not None:
            return ()
        loader = connections.loader(destination)
    except NotFound:
        return ()
    return pauses.unexplained(destination, retry_transient(lambda: loader.receipts_since(since)))


def lift(
    connections: Connections, pauses: Pauses, destinations: Iterable[str], loads: Iterable[LoadTask]
) -> bool:
    """End a pause if no destination has a receipt that the ledger cannot explain. Returns whether it ended.

    If a destination cannot be read, or does not have the last load that the ledger knows there, a person must
    end the pause. That destination may be a different one now, or may have been restored from a backup. A
    person must also end it if one of these loads delivers rows at least once: nothing there shows lost loads.
    """
    pause = pauses.paused()
    if pause is None:
        return True
    try:
        if any(_leaves_it(connections, pauses, each, pause.look_from) for each in destinations):
            return False
        if any(_may_repeat(connections, each) for each in loads):
            return False
    except BucketliftError:
        return False
    pauses.resume()
    return True


def _may_repeat(connections: Connections, load: LoadTask) -> bool:
    delivery = connections.delivery(load.destination)
    return delivery is not None and delivery.promise(load.target) is Promise.AT_LEAST_ONCE


def _leaves_it(connections: Connections, pauses: Pauses, destination: str, since: datetime) -> bool:
    if connections.delivery(destination) is not None:
        return False
    last = pauses.last_load(destination)
    if last is not None and last not in connections.loader(destination).receipts([last]):
        return True
    return bool(unexplained(connections, pauses, destination, since))
