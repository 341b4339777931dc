"""Which files that wait in an archive tier can be read by now."""

from __future__ import annotations

from collections.abc import Collection

from bucketlift.engine.work import side_by_side
from bucketlift.errors import BucketliftError
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import SourceObject
from bucketlift.ports import ObjectStore


def thawed(store: ObjectStore, waiting: Collection[Claim]) -> frozenset[ClaimId]:
    """Each of them is looked at by itself: no listing tells it of every store and of every tier."""
    archived = [claim for claim in waiting if claim.state is FileState.ARCHIVED_TIER]
    asked = side_by_side(lambda claim: is_readable(store, claim.source), archived)
    return frozenset(claim.id for claim, readable in asked if readable)


def is_readable(store: ObjectStore, source: SourceObject) -> bool:
    try:
        return store.readable(source)
    except BucketliftError:
        return False
