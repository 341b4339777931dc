"""Finds out what happened to an object, by looking into the bucket."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import AfterImport, Delete, Keep, Rename

Buckets = Mapping[str, Mapping[str, bytes]]
"""The bytes of every object, by bucket and key."""


class Outcome(StrEnum):
    DELETED = "deleted"
    MOVED = "moved"
    RENAMED = "renamed"
    KEPT = "kept"
    HELD = "held"
    """The object is still in the bucket and needs a decision."""
    LEFT = "left"
    """The object is still in the bucket for another reason."""
    REPLACED = "replaced"
    """The key has other bytes now."""
    GONE = "gone"
    """The object was removed without a load."""
    COPY_MISSING = "copy-missing"
    """The copy that the ledger names is missing or has other bytes."""


_HELD = frozenset({FileState.HELD, FileState.ACTION_HELD, FileState.ARCHIVED_TIER})


def outcome_of(claim: Claim, action: AfterImport, buckets: Buckets) -> Outcome:
    """Find out what happened to an object, by comparing the ledger with the content of the buckets."""
    body = buckets.get(claim.source.bucket, {}).get(claim.source.key)
    if claim.moved_to is not None and not _same(claim, _at(claim.moved_to, buckets)):
        return Outcome.COPY_MISSING
    if body is None:
        return _outcome_of_absent(claim, action)
    if not _same(claim, body):
        return Outcome.REPLACED
    if claim.state in _HELD:
        return Outcome.HELD
    return Outcome.KEPT if claim.state is FileState.DONE and isinstance(action, Keep) else Outcome.LEFT


def _outcome_of_absent(claim: Claim, action: AfterImport) -> Outcome:
    if claim.state is not FileState.DONE:
        return Outcome.GONE
    if claim.moved_to is None:
        return Outcome.DELETED if isinstance(action, Delete) else Outcome.GONE
    return Outcome.RENAMED if isinstance(action, Rename) else Outcome.MOVED


def _at(place: str, buckets: Buckets) -> bytes | None:
    bucket, _, key = place.removeprefix("s3://").partition("/")
    return buckets.get(bucket, {}).get(key)


def _same(claim: Claim, body: bytes | None) -> bool:
    if body is None:
        return False
    return len(body) == claim.source.size and claim.sha256 in (None, hashlib.sha256(body).hexdigest())
