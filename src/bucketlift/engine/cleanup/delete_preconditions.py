"""Reasons to hold or delay an action: another workflow, a weak store, a missing receipt."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bucketlift.engine.cleanup.archive import Refusal
from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.errors import NotFound
from bucketlift.model.claim import ClaimId, PendingAction
from bucketlift.model.load import LoadId
from bucketlift.model.source import Honoured, Place, Precondition, StoreId
from bucketlift.model.workflow import Delete, ExtractTask, Move, Rename
from bucketlift.ports import ObjectStore
from bucketlift.rules.naming import is_marker, matches

PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov"})
_COPYING = (Precondition.COPY_SOURCE, Precondition.COPY_CREATE)
_IN_PARTS = (Precondition.PART_COPY_SOURCE, Precondition.COMPLETE_CREATE)


def refuse_removed_task(actions: Sequence[PendingAction]) -> dict[ClaimId, Refusal]:
    """Refuse actions of an extract task that the workflow no longer has, because the task's account is
    unknown.
    """
    return {
        action.claim: Refusal(
            reason="task-removed",
            what=f"The workflow no longer has the extract task {action.task} that loaded this file",
            hint="Add the task again under its ID and retry the file's action, or ignore the file.",
        )
        for action in actions
    }


def refuse_other_store(store: ObjectStore, actions: Sequence[PendingAction]) -> dict[ClaimId, Refusal]:
    """Refuse actions if the account now reaches another store, because there the same key may be another
    object.
    """
    return {
        action.claim: Refusal(
            reason="other-store",
            what=f"The account now reaches {store.store}; the file was loaded from {action.source.store}",
            hint="Let the account reach that store again and retry the file's action, or ignore the file.",
        )
        for action in actions
        if action.source.store != store.store
    }


def waits_for(context: RunContext, actions: Sequence[PendingAction], store: StoreId) -> dict[ClaimId, str]:
    """For each action that must wait: the task or workflow for which it waits.

    That task or workflow selects the same object and has not finished with it. The tasks of this workflow and
    of all enabled workflows are considered.
    """
    flows = [
        each for each in context.ledger.catalog.all() if each.enabled or each.key == context.workflow.key
    ]
    tasks = [(flow.key, task) for flow in flows for task in flow.extracts]
    finished = context.ledger.claims.finished_elsewhere([action.claim for action in actions])
    waiting = {}
    for action in actions:
        for key, task in tasks:
            if (key, task.id) == (action.workflow, action.task) or not _selects(task, action):
                continue
            if context.services.connections.store_id(task.account) != store:
                continue
            if (key, task.id) not in finished.get(action.claim, frozenset()):
                mine = key == action.workflow
                waiting[action.claim] = f"task {task.id}" if mine else f"workflow {key}"
    return waiting


def _selects(task: ExtractTask, action: PendingAction) -> bool:
    chosen, source = task.selection, action.source
    return (
        chosen.bucket == source.bucket
        and source.key.startswith(chosen.prefix)
        and matches(chosen.pattern, source.key)
        and not is_marker(source.key, source.size)
    )


def refuse_weak_store(
    context: RunContext, task: ExtractTask, store: ObjectStore, actions: Sequence[PendingAction]
) -> dict[ClaimId, Refusal]:
    """Refuse actions that need a precondition which this store ignores. Each precondition is tested once."""
    if context.services.connections.accepts_weak_store(task.account):
        return {}
    probed: dict[tuple[Precondition, str], Refusal | None] = {}
    refused = {}
    for action in actions:
        for precondition in _relied_on(action, store):
            at = _probe_place(task, action, precondition)
            if (precondition, at.bucket) not in probed:
                found = _honoured(context, store, precondition, at)
                probed[precondition, at.bucket] = _refusal(store, precondition, at, found)
            refusal = probed[precondition, at.bucket]
            if refusal is not None:
                refused[action.claim] = refusal
                break
    return refused


def relied_on(context: RunContext, task: ExtractTask, store: ObjectStore, precondition: Precondition) -> bool:
    """Whether calls on the task's own bucket can rely on a precondition. The precondition is tested once."""
    at = Place(bucket=task.selection.bucket, key=task.selection.prefix)
    return _refusal(store, precondition, at, _honoured(context, store, precondition, at)) is None


def _relied_on(action: PendingAction, store: ObjectStore) -> tuple[Precondition, ...]:
    if isinstance(action.action, Delete):
        return (Precondition.DELETE,)
    in_parts = action.source.size > store.multipart_threshold
    return (*(_IN_PARTS if in_parts else _COPYING), Precondition.DELETE)


def _probe_place(task: ExtractTask, action: PendingAction, precondition: Precondition) -> Place:
    """The place for a probe: below the prefix of the task's selection, or below the prefix of its archive."""
    source = Place(bucket=task.selection.bucket, key=task.selection.prefix)
    if precondition is Precondition.DELETE or not isinstance(action.action, Move | Rename):
        return source
    if isinstance(action.action, Move):
        return Place(bucket=action.action.bucket, key=action.action.prefix)
    return source


def _honoured(context: RunContext, store: ObjectStore, precondition: Precondition, at: Place) -> Honoured:
    known = context.ledger.probes.find(store.store, at.bucket).get(precondition)
    if known is Honoured.YES or known is Honoured.NO:
        return known
    found = store.probe(precondition, at)
    context.ledger.probes.record(store.store, at.bucket, precondition, found, now=context.now())
    return found


def _refusal(store: ObjectStore, precondition: Precondition, at: Place, found: Honoured) -> Refusal | None:
    """The reason to refuse an action after a probe; None if the action may be executed.

    A probe that the store denies proves nothing about preconditions: S3 also denies it to a role that may
    list only a prefix, because the role may not learn that the key is missing. AWS obeys preconditions, so
    there the real, pinned call is made, and its answer shows whether the permission exists.
    """
    call = precondition.value
    if found is Honoured.YES or (found is Honoured.DENIED and store.store in PARTITIONS):
        return None
    if found is Honoured.NO and not at.bucket:
        return Refusal(
            reason="weak-store",
            what=f"{store.store} cannot check, in the delete itself, that a file is unchanged: bytes that a program writes "
            "at that moment could be lost",
            hint="If no program changes files that are complete, set accept_weak_store: true on the account; then retry. "
            "Or keep the files.",
        )
    if found is Honoured.NO:
        return Refusal(
            reason="weak-store",
            what=f"The store of bucket {at.bucket} ignores the precondition of {call}: the call could destroy newer bytes",
            hint="Use a store that honours the precondition, or set accept_weak_store: true on the account; then retry.",
        )
    if not at.bucket:
        folder = at.key.rpartition("/")[0] or "the account's folder"
        return Refusal(
            reason="no-right",
            what=f"{store.store} refused to create a file in {folder}, which is needed to test whether a new file "
            "overwrites an existing one",
            hint="Grant the right to write to this folder; then retry the file.",
        )
    return Refusal(
        reason="no-right",
        what=f"The role was refused when {call} was tried on a random key in {at.bucket}",
        hint="Grant the right (`bucketlift accounts policy` prints it). Then retry the file. If the role "
        "may not list the bucket, S3 also refuses calls on keys that do not exist.",
    )


def refuse_missing_receipt(context: RunContext, actions: Sequence[PendingAction]) -> dict[ClaimId, Refusal]:
    """Refuse actions whose receipts are missing in a destination. Call this before each delete."""
    receipts = context.ledger.claims.receipts([action.claim for action in actions])
    loads: dict[str, set[LoadId]] = {}
    for per_task in receipts.values():
        for receipt in per_task.values():
            loads.setdefault(receipt.destination, set()).add(receipt.load)
    standing = {name: set(_receipts(context, name, ids)) for name, ids in loads.items()}
    refused = {}
    for action in actions:
        mine = list(receipts.get(action.claim, {}).values())
        lost = {each.destination for each in mine if each.load not in standing[each.destination]}
        if lost or not mine:
            where = ", ".join(sorted(lost)) or "any destination"
            refused[action.claim] = Refusal(
                reason="receipt-missing",
                what=f"The receipt of the file is no longer in {where}: the rows may be gone, so the object stays",
                hint="Find out what happened to the destination; then retry the file's action, or ignore the file.",
            )
    return refused


def _receipts(context: RunContext, destination: str, loads: set[LoadId]) -> Collection[LoadId]:
    """The receipts of these loads in a destination. Empty if the destination is no longer defined.

    For a delivery, the receipts are read from the ledger, because the destination has none.
    """
    try:
        if context.services.connections.delivery(destination) is not None:
            return loads
        loader = context.services.connections.loader(destination)
    except NotFound:
        return ()
    return retry_transient(lambda: loader.receipts(loads))
