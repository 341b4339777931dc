"""Reads files again without the rows that a destination refused, so that these rows become rejects."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.reading.read_file import Outcome, read
from bucketlift.errors import OurFault
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from bucketlift.model.rows import Reject
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import RowsRefused

Named = tuple[LoadId, Claim]


def without_refused_rows(
    context: RunContext, task: LoadTask, unit: Sequence[Named], error: RowsRefused
) -> list[Named]:
    """Read the files with refused rows again. Returns the unit without the files that are held now.

    The refused rows become rejects in the ledger. A file that now has too many rejects is held. A file is
    also held if another task has loaded it with these rows: they are in a table already, so they cannot
    become rejects.
    """
    left = []
    receipts = context.ledger.claims.receipts([claim.id for _, claim in unit])
    for name, claim in unit:
        refused = {each.line: each for each in error.rows.get(name, ())}
        if not refused:
            left.append((name, claim))
            continue
        if claim.id in receipts:
            _record(context, claim, Outcome(transition=_hold_loaded(claim, error)))
            continue
        known = context.refused.setdefault(claim.id, {})
        if refused.keys() <= known.keys():
            raise OurFault(
                "A destination refused rows that were not sent to it: they had become rejects", to=task.id
            )
        known.update(refused)
        store = context.services.connections.store(
            context.workflow.key, extract := context.extract(claim.task)
        )
        outcome = read(context, extract, store, claim)
        if _record(context, claim, outcome) and outcome.state is FileState.STAGED:
            left.append((name, outcome.transition.applied(claim)))
    context.log(
        f"Rows that match two contacts are rejects now, in {len(error.rows):,} files",
        task=task.id,
        level="warning",
    )
    return left


def _record(context: RunContext, claim: Claim, outcome: Outcome) -> bool:
    rejects: dict[ClaimId, Sequence[Reject]] = {}
    if outcome.transition.content is not None:
        rejects[claim.id] = tuple(outcome.rejects)
    moved = context.ledger.claims.record(
        context.lease, [outcome.transition], now=context.now(), rejects=rejects
    )
    if claim.id in moved:
        context.reread[claim.id] = outcome.transition.applied(claim)
    return claim.id in moved


def _hold_loaded(claim: Claim, error: RowsRefused) -> Transition:
    return Transition(
        claim=claim.id,
        was=claim.state,
        to=FileState.HELD,
        reason=error.reason,
        what=f"{error.what}. Another task has loaded these rows already",
        hint="Correct the contacts, so that only one matches, and retry the file.",
    )
