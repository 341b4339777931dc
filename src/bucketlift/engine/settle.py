"""Sets the state of each file of a batch after its loads: committed, skipped, or to be retried."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.claim import SKIPPED_BY_CONDITION, Claim, ClaimId, ClaimReceipt, Member
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import Fault
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import LoadTask


def settle(context: RunContext, task: str, batch: int, members: Sequence[Member]) -> None:
    """Set each file to committed if all its chosen loads are committed, and put its action into the outbox.

    Later changes of the workflow do not change this action.
    """
    _settle(context, task, batch, members, loaded_only=False)


def settle_loaded(context: RunContext) -> None:
    """Do the same as ``settle`` in a cancelled run, but only for files that are loaded. Other files are not
    changed.
    """
    manifest = context.ledger.runs.get(context.run).manifest or {}
    for task, batches in manifest.items():
        for batch in range(batches):
            members = context.ledger.manifests.batch(context.run, task, batch)
            _settle(context, task, batch, members, loaded_only=True)


def _settle(
    context: RunContext, task: str, batch: int, members: Sequence[Member], *, loaded_only: bool
) -> None:
    files, extract = context.ledger.claims, context.extract(task)
    known = [context.reread.get(each.claim.id, each.claim) for each in members if not each.again]
    claims = [claim for claim in known if claim.state is FileState.STAGED]
    receipts = files.receipts([claim.id for claim in claims])
    sent = context.ledger.deliveries.load_tasks([claim.id for claim in claims])
    faults = context.ledger.runs.get(context.run).faults
    ended = {
        claim.id: _ended(context, claim, receipts.get(claim.id, {}), sent.get(claim.id, frozenset()), faults)
        for claim in claims
    }
    committed = [(claim, extract.after_import) for claim, transition in ended.items() if transition is None]
    others = [transition for transition in ended.values() if transition is not None]
    left = frozenset[ClaimId]() if loaded_only else files.record(context.lease, others, now=context.now())
    loaded = context.ledger.outbox.commit(context.lease, committed, now=context.now())
    if loaded:
        context.log(f"Batch {batch}: {len(loaded):,} loaded by all their loads", task=task)
    if left:
        context.log(f"Batch {batch}: {len(left):,} not loaded, and left to a later run", task=task)
    for member in members:
        context.services.spool.drop(member.claim.id)


def _ended(
    context: RunContext,
    claim: Claim,
    receipts: Mapping[str, ClaimReceipt],
    sent: Collection[str],
    faults: Mapping[str, Fault],
) -> Transition | None:
    """The transition of a file with a chosen load that is not committed; None if all chosen loads are
    committed.

    ``sent``: the load tasks that sent a part of the file, or may have sent one.
    """
    chosen_loads = context.loads_of(claim)
    if removed := _removed(claim, context, receipts):
        return _ending(
            claim,
            FileState.HELD,
            HeldReason.LOADER_REMOVED.value,
            f"The file should also be loaded by {', '.join(removed)}, but the workflow no longer has that task",
            "Add the task again under its ID and retry the file, or accept it without that load.",
        )
    if unfinished := _unfinished(claim, chosen_loads, receipts, sent):
        return _ending(
            claim,
            FileState.HELD,
            HeldReason.LOADER_REMOVED.value,
            f"A part of the file was sent by {', '.join(unfinished)}, which does not load the file now",
            "Check whether its rows are in the destination a second time; then accept the file.",
        )
    if not chosen_loads and not receipts:
        return _ending(
            claim,
            FileState.SKIPPED,
            SKIPPED_BY_CONDITION,
            "The conditions of this run chose no load for the file",
            "The next run takes the file again.",
        )
    missing = [load.id for load in chosen_loads if load.id not in receipts]
    if not missing:
        return _too_many_refused(context, claim, receipts)
    fault = next((faults[load] for load in missing if load in faults), None)
    what = fault.what if fault else f"These load tasks did not load the file: {', '.join(missing)}"
    return _ending(claim, FileState.RETRYING, "not-loaded", what, fault.hint if fault else "")


def _too_many_refused(
    context: RunContext, claim: Claim, receipts: Mapping[str, ClaimReceipt]
) -> Transition | None:
    """The transition that holds a loaded file before its action, if destinations refused more of its rows
    than the task allows; otherwise None.
    """
    refused = sum(each.refused for each in receipts.values())
    limit = context.extract(claim.task).max_rejected
    rows = claim.rows + claim.rejected
    if not refused or HeldReason.TOO_MANY_REFUSED in claim.accepted:
        return None
    if limit.allows(claim.rejected + refused, rows):
        return None
    places = ", ".join(sorted(each.destination for each in receipts.values() if each.refused))
    return _ending(
        claim,
        FileState.HELD,
        HeldReason.TOO_MANY_REFUSED.value,
        f"{places} refused {refused:,} of {claim.rows:,} rows; the others are there",
        f"See why: `bucketlift rejects list {claim.id}`. Mend them (`bucketlift rejects export`, then `rejects replay`), "
        f"or accept the file without them: `bucketlift files accept {claim.id}`. Nothing is sent twice.",
    )


def _ending(claim: Claim, to: FileState, reason: str, what: str, hint: str) -> Transition:
    return Transition(claim=claim.id, was=claim.state, to=to, reason=reason, what=what, hint=hint)


def _removed(claim: Claim, context: RunContext, receipts: Mapping[str, ClaimReceipt]) -> list[str]:
    """The IDs of the file's chosen load tasks that never loaded it and that the workflow no longer has."""
    if HeldReason.LOADER_REMOVED in claim.accepted:
        return []
    there = {load.id for load in context.workflow.loads}
    return [load for load in claim.choice or () if load not in there and load not in receipts]


def _unfinished(
    claim: Claim,
    chosen_loads: Sequence[LoadTask],
    receipts: Mapping[str, ClaimReceipt],
    sent: Collection[str],
) -> list[str]:
    """The IDs of load tasks that sent a part of the file, have not finished it, and do not load it now."""
    if HeldReason.LOADER_REMOVED in claim.accepted:
        return []
    return sorted(set(sent) - set(receipts) - {load.id for load in chosen_loads})
