"""Finds the files in an archive tier that are readable now, and those whose state the store does not report."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bucketlift.engine.context.run_context import RunContext, map_concurrent
from bucketlift.errors import BucketliftError, ObjectChanged, ObjectGone
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.ports import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    readable: frozenset[ClaimId] = frozenset()
    refused: Mapping[ClaimId, BucketliftError] = field(default_factory=dict)
    """The error for each file for which the store does not report whether it was restored."""


def find_restored(context: RunContext, store: ObjectStore, waiting: Collection[Claim]) -> Restored:
    """Request the state of each archived file from the store.

    Not every store and tier shows restores in a listing.

    Raises:
        Cancelled, LeaseLost: the run must stop.
    """
    return look_up(context, store, [each for each in waiting if each.state is FileState.ARCHIVED_TIER])


def look_up(context: RunContext, store: ObjectStore, claims: Collection[Claim]) -> Restored:
    """Request the state of files from the store, as ``find_restored`` does, but for files in any state."""

    def ask(claim: Claim) -> bool | BucketliftError:
        context.check_cancelled()
        return _is_readable(store, claim)

    answers = {claim.id: answer for claim, answer in map_concurrent(ask, list(claims))}
    return Restored(
        readable=frozenset(claim for claim, answer in answers.items() if answer is True),
        refused={claim: answer for claim, answer in answers.items() if isinstance(answer, BucketliftError)},
    )


def _is_readable(store: ObjectStore, claim: Claim) -> bool | BucketliftError:
    try:
        return store.readable(claim.source)
    except (ObjectGone, ObjectChanged):
        return False  # the listing will show whether it was deleted or replaced
    except BucketliftError as error:
        return error
