"""Which files that wait in an archive tier can be read by now, and which cannot be looked up."""

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
    """Files of which the store does not say whether they were restored, and why it does not."""


def find_restored(context: RunContext, store: ObjectStore, waiting: Collection[Claim]) -> Restored:
    """Ask the store for each archived file: not every store and tier shows in a listing what was restored.

    Raises:
        Cancelled, LeaseLost: the run is not to go on.
    """
    return look_up(context, store, [each for each in waiting if each.state is FileState.ARCHIVED_TIER])


def look_up(context: RunContext, store: ObjectStore, claims: Collection[Claim]) -> Restored:
    """The same for files in any state."""

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
        return False  # the listing tells what became of it
    except BucketliftError as error:
        return error
