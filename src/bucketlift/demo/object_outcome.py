"""What became of an object, as the bucket itself shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import AfterImport, Delete, Keep, Rename

Buckets = Mapping[str, Mapping[str, bytes]]
"""Every object's bytes, by bucket and key."""


class Became(StrEnum):
    DELETED = "deleted"
    MOVED = "moved"
    RENAMED = "renamed"
    KEPT = "kept"
    HELD = "held"
    """Still there: it waits for a person."""
    LEFT = "left"
    """Still there, for another reason."""
    REPLACED = "replaced"
    """Other bytes are under its key."""
    GONE = "gone"
    """Neither there nor loaded."""
    COPY_MISSING = "copy-missing"
    """The ledger names a copy that is not there, or is not of the same bytes."""


_HELD = frozenset({FileState.HELD, FileState.ACTION_HELD, FileState.ARCHIVED_TIER})


def became(claim: Claim, action: AfterImport, buckets: Buckets) -> Became:
    """Compare what the ledger says with what is in the buckets now."""
    body = buckets.get(claim.source.bucket, {}).get(claim.source.key)
    if claim.moved_to is not None and not _same(claim, _at(claim.moved_to, buckets)):
        return Became.COPY_MISSING
    if body is None:
        return _without(claim, action)
    if not _same(claim, body):
        return Became.REPLACED
    if claim.state in _HELD:
        return Became.HELD
    return Became.KEPT if claim.state is FileState.DONE and isinstance(action, Keep) else Became.LEFT


def _without(claim: Claim, action: AfterImport) -> Became:
    if claim.state is not FileState.DONE:
        return Became.GONE
    if claim.moved_to is None:
        return Became.DELETED if isinstance(action, Delete) else Became.GONE
    return Became.RENAMED if isinstance(action, Rename) else Became.MOVED


def _at(place: str, buckets: Buckets) -> bytes | None:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return buckets.get(bucket, {}).get(key)


def _same(claim: Claim, body: bytes | None) -> bool:
    if body is None:
        return False
    return len(body) == claim.source.size and claim.sha256 in (None, hashlib.sha256(body).hexdigest())
