"""Pauses the outbox where the ledger has lost loads, as after a restore of an older one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bucketlift.engine.retry import patiently
from bucketlift.engine.work import Work
from bucketlift.errors import BucketliftError, NotFound
from bucketlift.model.load import Receipt
from bucketlift.model.pause import Pause
from bucketlift.model.workflow import Workflow
from bucketlift.ports import Connections, Pauses


def paused(work: Work) -> Pause | None:
    """Why no object may be acted on now; None where every receipt can be explained.

    A destination that cannot be reached lifts no pause, and makes none: its own actions fail by themselves.
    """
    pauses = work.tools.pauses
    pause = pauses.paused()
    if pause is not None:
        return pause if _stands(work, pause) else None
    for destination in _destinations([work.workflow]):
        try:
            look_for_lost_loads(work, [destination])
        except BucketliftError:
            continue
    return pauses.paused()


def look_for_lost_loads(work: Work, destinations: Sequence[str]) -> None:
    """Pause the outbox where a destination has receipts that the ledger cannot explain.

    To be called before a run's first load into a destination: from then on the last receipt that the ledger knows
    is newer than those it lost.

    Raises:
        BucketliftError: a destination cannot be asked.
    """
    pauses = work.tools.pauses
    if pauses.paused() is not None:
        return
    for destination in destinations:
        since = pauses.look_from(destination, but=work.run)
        lost = unexplained(work.tools.connections, pauses, destination, since)
        if lost:
            what = (
                f"{destination} has {len(lost)} receipts of this installation that the ledger knows nothing of, "
                f"since {lost[0].committed_at:%Y-%m-%d %H:%M} UTC: was an older ledger put back?"
            )
            pauses.pause(Pause(what=what, paused_at=work.now(), look_from=since))
            return


def unexplained(
    connections: Connections, pauses: Pauses, destination: str, since: datetime
) -> tuple[Receipt, ...]:
    """Receipts that stand in a destination since a time, and that the ledger cannot explain, oldest first."""
    try:
        loader = connections.loader(destination)
    except NotFound:
        return ()
    return pauses.unexplained(destination, patiently(lambda: loader.receipts_since(since)))


def _stands(work: Work, pause: Pause) -> bool:
    """Whether there is still something to confirm; where there is not, the outbox goes on."""
    tools = work.tools
    try:
        lost = any(
            unexplained(tools.connections, tools.pauses, destination, pause.look_from)
            for destination in _destinations(tools.definitions.all())
        )
    except BucketliftError:
        return True
    if not lost:
        tools.pauses.resume()
    return lost


def _destinations(workflows: Iterable[Workflow]) -> list[str]:
    return sorted({load.destination for workflow in workflows for load in workflow.loads})
