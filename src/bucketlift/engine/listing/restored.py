"""Finds the archived files that can be read now, and those for which the store does not report a restore."""

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
    """The store's error for each file for which it does not report whether the file was restored."""


def find_restored(context: RunContext, store: ObjectStore, waiting: Collection[Claim]) -> Restored:
    """Ask the store for each archived file whether it was restored.

    Some stores and tiers do not show restores in a listing.

    Raises:
        Cancelled, LeaseLost: the run must stop.
    """
    return look_up(context, store, [each for each in waiting if each.state is FileState.ARCHIVED_TIER])


def look_up(context: RunContext, store: ObjectStore, claims: Collection[Claim]) -> Restored:
    """Ask the store for each file whether it was restored, like ``find_restored``, but for files in any
    state.
    """

    def request(claim: Claim) -> bool | BucketliftError:
        context.check_cancelled()
        return _is_readable(store, claim)

    answers = {claim.id: answer for claim, answer in map_concurrent(request, list(claims))}
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
