"""Reads the rejects of a held file again from its pinned source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bucketlift.engine.context.cancel import NeverCancelled
from bucketlift.engine.context.run_context import RunContext, Services
from bucketlift.engine.reading.read_file import read
from bucketlift.errors import NeedsPerson
from bucketlift.model.claim import Claim
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.rows import Reject
from bucketlift.model.run import Lease, RunId
from bucketlift.model.workflow import Definition
from bucketlift.tabular.arrow.staging import open_rejects


def rejects_again(services: Services, definition: Definition, claim: Claim) -> Iterator[Reject]:
    """Yield all rejects of a file, as in the run that read it last. The ledger is not changed.

    Raises:
        NeedsPerson: the object does not exist any more, or can no longer be read in the same way.
    """
    lease = Lease(workflow=definition.workflow.key, token=0)
    context = RunContext(
        services=services, run=RunId("rejects"), lease=lease, definition=definition, pulse=NeverCancelled()
    )
    task = context.extract(claim.task)
    store = services.connections.store(definition.workflow.key, task)
    within_limit = replace(claim, accepted=claim.accepted | {HeldReason.TOO_MANY_REJECTS})
    outcome = read(context, task, store, within_limit)
    if outcome.state is not FileState.STAGED:
        raise NeedsPerson(
            f"The rejects cannot be read from the object again: {outcome.transition.what}",
            to=f"{claim.id} {claim.source}",
            hint=outcome.transition.hint or "",
        )
    return open_rejects(services.spool.rejects(claim.id))
