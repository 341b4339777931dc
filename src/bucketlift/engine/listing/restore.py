"""Checks whether objects in archive tiers were restored, and requests a restore if the task's settings say
so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bucketlift.engine.cleanup.delete_preconditions import PARTITIONS
from bucketlift.engine.context.run_context import RunContext, map_concurrent
from bucketlift.engine.listing.listing_preview import ListedKey
from bucketlift.engine.listing.restored import Restored, look_up
from bucketlift.errors import BucketliftError, NeedsPerson
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import Restore
from bucketlift.model.transition import Explanation
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import ObjectStore
from bucketlift.rules.take import Decision

REQUESTED = "A restore was requested"
UNSEEN = "; Bucketlift cannot see whether the object was restored: "
"""The text between the earlier explanation of a file and the reason why the store does not report a restore."""
RESTORE_IT = "Restore the object in S3, then retry the file."
_WAITS = "The first run after the restore loads the file."
AT_ONCE = 64
"""Number of restores that are requested between two checks whether the run was cancelled."""
ON_THE_WAY = timedelta(days=3)
"""The maximum time of a restore, with a margin (Amazon S3 user guide: 48 hours, for Bulk from Deep Archive)."""


def mark_restored(context: RunContext, store: ObjectStore, page: Sequence[ListedKey]) -> list[ListedKey]:
    """Mark restored objects that a person retried, in stores whose listing does not show restores."""
    if store.store in PARTITIONS:
        return list(page)
    tried = [each.claim for each in page if each.claim is not None and _is_tried_again(each)]
    found = look_up(context, store, tried)
    return [_seen(each, found) for each in page]


def _seen(looked: ListedKey, found: Restored) -> ListedKey:
    if looked.claim is None:
        return looked
    if looked.claim.id in found.readable:
        return replace(looked, listed=replace(looked.listed, archived=False))
    return replace(looked, unseen=found.refused.get(looked.claim.id, looked.unseen))


def _is_tried_again(looked: ListedKey) -> bool:
    claim = looked.claim
    return looked.listed.archived and claim is not None and claim.state is FileState.RETRYING


def explain_unseen(context: RunContext, task: ExtractTask, page: Sequence[ListedKey]) -> None:
    """Let the task fail, and show the reason at each file, if the store does not report whether the file was
    restored.

    When the store reports this again, the reason is removed.
    """
    explanations: list[Explanation] = []
    for each in page:
        if each.unseen is not None:
            context.fault(task.id, each.unseen)
        claim = each.claim
        if claim is not None and claim.state is FileState.ARCHIVED_TIER:
            explanation = _explanation(claim, each.unseen)
            if explanation is not None and explanation.what != claim.what:
                explanations.append(explanation)
    context.ledger.claims.explain(context.lease, explanations, now=context.now())


def _explanation(claim: Claim, unseen: BucketliftError | None) -> Explanation | None:
    """The new explanation of the file; None if the present explanation is right."""
    before, marked, _ = (claim.what or "").partition(UNSEEN)
    if isinstance(unseen, NeedsPerson):
        return Explanation(claim=claim, what=f"{before}{UNSEEN}{unseen.what}", hint=unseen.hint)
    if marked and unseen is None:
        hint = _WAITS if before.startswith(REQUESTED) else RESTORE_IT
        return Explanation(claim=claim, what=before, hint=hint)
    return None


def request_restores(
    context: RunContext, task: ExtractTask, store: ObjectStore, page: Sequence[ListedKey]
) -> None:
    """Request a restore once for each archived object.

    Request it again only if the restored copy has certainly expired before a run could read it. Objects for
    which the store does not report restores are left out, because a run could not read them either.
    """
    restore = task.selection.restore
    if restore is None:
        return
    claims = [
        claim
        for each in page
        if each.unseen is None
        and (claim := _archived(context, task, each))
        and _is_due(claim, restore, context.now())
    ]
    count = 0
    for start in range(0, len(claims), AT_ONCE):
        context.check_cancelled()
        count += _request_all(context, task, store, claims[start : start + AT_ONCE], restore)
    if count:
        context.log(f"Restores requested: {count:,}", task=task.id)


def _request_all(
    context: RunContext, task: ExtractTask, store: ObjectStore, claims: Sequence[Claim], restore: Restore
) -> int:
    """Request restores, and record each request immediately, so that a cancelled run does not repeat it.

    Returns the number of requests that the store accepted.
    """
    answers = map_concurrent(lambda claim: _request(store, claim, restore), claims)
    explanations: list[Explanation] = []
    for claim, refused in answers:
        if refused is None:
            what = f"{REQUESTED} ({restore.tier.value}, readable for {restore.days} days)"
            explanations.append(Explanation(claim=claim, what=what, hint=_WAITS))
        else:
            context.log_once(task.id, refused)
            explanations.append(Explanation(claim=claim, what=refused.what, hint=refused.hint))
    context.ledger.claims.explain(context.lease, explanations, now=context.now())
    return sum(refused is None for _, refused in answers)


def _archived(context: RunContext, task: ExtractTask, looked: ListedKey) -> Claim | None:
    claim = looked.claim
    if (
        claim is not None
        and claim.state is FileState.ARCHIVED_TIER
        and looked.taken.decision is Decision.HELD
    ):
        return claim
    if looked.taken.decision is not Decision.TAKE or not looked.listed.archived:
        return None
    return Claim(
        id=context.claim_id(task.id, looked.source),
        source=looked.source,
        workflow=context.workflow.key,
        task=task.id,
        state=FileState.ARCHIVED_TIER,
    )


def _is_due(claim: Claim, restore: Restore, now: datetime) -> bool:
    if not (claim.what or "").startswith(REQUESTED) or claim.updated_at is None:
        return True
    return now - claim.updated_at > timedelta(days=restore.days) + ON_THE_WAY


def _request(store: ObjectStore, claim: Claim, restore: Restore) -> BucketliftError | None:
    try:
        store.restore(claim.source, restore)
    except BucketliftError as error:
        return error
    return None
