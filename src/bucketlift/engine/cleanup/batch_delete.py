"""Deletes many objects in one call, if the store is known to check the ETag of each object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bucketlift.engine.cleanup.delete_preconditions import relied_on
from bucketlift.engine.context.retry import retry_transient
from bucketlift.engine.context.run_context import RunContext
from bucketlift.errors import BucketliftError, LeaseLost, ObjectGone
from bucketlift.model.claim import ClaimId, PendingAction
from bucketlift.model.source import Precondition
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import ObjectStore

FEW = 10
"""The maximum number of objects that are deleted by single concurrent calls. For so few, these calls are as
quick as a batch, and need no probe of the store.
"""


def may_delete_batch(
    context: RunContext, task: ExtractTask, store: ObjectStore, actions: Sequence[PendingAction]
) -> bool:
    """Whether a batch delete is quicker, and the store checks the ETag of each object.

    If the probe of the store fails, the result is False.
    """
    if len(actions) <= FEW:
        return False
    try:
        return relied_on(context, task, store, Precondition.DELETE_EACH)
    except LeaseLost:
        raise
    except BucketliftError:
        return False


def delete_batch(
    context: RunContext, task: ExtractTask, store: ObjectStore, actions: Sequence[PendingAction]
) -> dict[ClaimId, ObjectGone | None]:
    """Delete the objects in one call.

    The result has None for a deleted object, and ObjectGone for an object that no longer exists.

    Objects with another error are not in the result. Delete each of them with a separate call, which reports
    the exact error.
    """
    # The bucket that was probed. The task may have had another bucket when it loaded a file.
    here = [action for action in actions if action.source.bucket == task.selection.bucket]
    times = Counter(action.source.key for action in here)
    once = [action for action in here if times[action.source.key] == 1]

    def send() -> list[BucketliftError | None]:
        # A store cannot check the lease token. Single deletes have the same check before them.
        context.check_lease()
        return store.delete_each([action.source for action in once])

    try:
        outcomes = retry_transient(send)
    except LeaseLost:
        raise
    except BucketliftError:
        return {}
    return {
        action.claim: outcome
        for action, outcome in zip(once, outcomes, strict=True)
        if outcome is None or isinstance(outcome, ObjectGone)
    }
