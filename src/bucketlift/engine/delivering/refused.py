"""Makes rejects from the rows that a destination refused. The exact bytes of these rows are read from the
source again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.context.spool import Spool
from bucketlift.engine.reading.read_file import read
from bucketlift.errors import NeedsPerson
from bucketlift.model.claim import Claim
from bucketlift.model.delivery import RefusedByDestination
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.rows import RefusedRow, Reject, RejectReason
from bucketlift.tabular.arrow.staging import open_rejects


def rejects_of(
    context: RunContext, load_task: str, claim: Claim, refused: Sequence[RefusedByDestination]
) -> list[Reject]:
    """The refused rows as rejects, in the order of the file.

    Raises:
        NeedsPerson: the object cannot be read again. The rows that the destination accepted are not sent
        again.
    """
    if not refused:
        return []
    reason, by_line = RejectReason.REFUSED_BY_DESTINATION, {each.line: each for each in refused}
    spool = Spool(context.services.spool.scratch())
    try:
        apart = replace(
            context,
            services=replace(context.services, spool=spool),
            refused={claim.id: {line: RefusedRow(line=line, reason=reason, field="") for line in by_line}},
            reread={},
        )
        _read(apart, claim)
        return [
            replace(
                reject,
                load_task=load_task,
                field=by_line[reject.line].field,
                message=by_line[reject.line].message,
            )
            for reject in open_rejects(spool.rejects(claim.id))
            if reject.reason == reason
        ]
    finally:
        spool.clear()


def _read(apart: RunContext, claim: Claim) -> None:
    extract = apart.extract(claim.task)
    store = apart.services.connections.store(apart.workflow.key, extract)
    without_limit = replace(claim, accepted=claim.accepted | {HeldReason.TOO_MANY_REJECTS})
    outcome = read(apart, extract, store, without_limit)
    if outcome.state is not FileState.STAGED:
        raise NeedsPerson(
            f"The destination refused rows, and they cannot be read from the object again: {outcome.transition.what}",
            to=f"{claim.id} {claim.source}",
            hint=outcome.transition.hint or "",
        )
