"""Objects in archive tiers: a run looks whether they were restored, and asks for it where the task says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bucketlift.engine.caution import PARTITIONS
from bucketlift.engine.look import Looked
from bucketlift.engine.thawed import is_readable
from bucketlift.engine.work import Work, side_by_side
from bucketlift.errors import BucketliftError
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import Restore
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import ObjectStore
from bucketlift.rules.take import Decision

ASKED = "A restore was asked for"
ON_THE_WAY = timedelta(days=3)
"""A restore takes no longer (Amazon S3 user guide: 48 hours, for Bulk from Deep Archive)."""


def seen_through(store: ObjectStore, page: Sequence[Looked]) -> list[Looked]:
    """Files that a person has tried again, where a listing does not tell which objects of an archive tier are restored."""
    if store.store in PARTITIONS:
        return list(page)
    return [
        replace(each, listed=replace(each.listed, archived=False))
        if _is_tried_again(each) and is_readable(store, each.source)
        else each
        for each in page
    ]


def _is_tried_again(looked: Looked) -> bool:
    claim = looked.claim
    return looked.listed.archived and claim is not None and claim.state is FileState.RETRYING


def ask_for_restores(work: Work, task: ExtractTask, store: ObjectStore, page: Sequence[Looked]) -> None:
    """Once for each archived object; again only when the restored copy must have expired unread."""
    restore = task.selection.restore
    if restore is None:
        return
    claims = [
        claim
        for each in page
        if (claim := _archived(work, task, each)) and _is_due(claim, restore, work.now())
    ]
    asked = side_by_side(lambda claim: _asked(store, claim, restore), claims)
    changes: list[tuple[Claim, dict[str, Any]]] = []
    for claim, refused in asked:
        if refused is None:
            what = f"{ASKED} ({restore.tier.value}, readable for {restore.days} days)"
            hint = "The run that finds it restored loads it."
            changes.append((claim, {"what": what, "hint": hint}))
        else:
            work.say_once(task.id, refused)
            changes.append((claim, {"what": refused.what, "hint": refused.hint}))
    work.tools.files.record(work.lease, changes, now=work.now())
    if count := sum(refused is None for _, refused in asked):
        work.say(f"Restores asked for: {count:,}", task=task.id)


def _archived(work: Work, task: ExtractTask, looked: Looked) -> Claim | None:
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
        id=work.claim_id(task.id, looked.source),
        source=looked.source,
        workflow=work.workflow.key,
        task=task.id,
        state=FileState.ARCHIVED_TIER,
    )


def _is_due(claim: Claim, restore: Restore, now: datetime) -> bool:
    if not (claim.what or "").startswith(ASKED) or claim.updated_at is None:
        return True
    return now - claim.updated_at > timedelta(days=restore.days) + ON_THE_WAY


def _asked(store: ObjectStore, claim: Claim, restore: Restore) -> BucketliftError | None:
    try:
        store.restore(claim.source, restore)
    except BucketliftError as error:
        return error
    return None
