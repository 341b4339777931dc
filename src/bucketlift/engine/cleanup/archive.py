"""Makes a verified copy of one loaded object. Never overwrites an object."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bucketlift.errors import PlaceTaken
from bucketlift.model.claim import PendingAction
from bucketlift.model.hold import Hold
from bucketlift.model.source import Digest, OnCollision, Place
from bucketlift.model.workflow import Move, Rename
from bucketlift.ports import ObjectStore
from bucketlift.rules.naming import archive_place, collision_place


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """The place of a verified copy. The copy has the loaded bytes, as its SHA-256 shows."""

    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The reason why an action needs a person."""

    reason: str
    what: str
    hint: str


def archive(store: ObjectStore, action: PendingAction, check_lease: Callable[[], None]) -> Archived | Refusal:
    """Copy the object to the place that the action names.

    If this place has other bytes, copy the object to the place for collisions.

    If the place already has the same bytes, the copy counts as done: an earlier attempt made it, and the
    answer was lost. A copy of an earlier run is verified again. ``check_lease`` is called right before each
    copy.
    """
    assert isinstance(action.action, Move | Rename)  # noqa: S101 - a delete copies nothing
    place = archive_place(action.source, action.action)
    if isinstance(place, Hold):
        return _too_long(place)
    if action.copied_to is not None:
        before = Place(bucket=place.bucket, key=action.copied_to)
        if store.digest(before) == _expected_digest(action):
            return Archived(place=before)
    made = _copied(store, action, place, check_lease)
    if made is not None:
        return made
    if action.action.on_collision is OnCollision.HOLD:
        return Refusal(
            reason="collision",
            what=f"Another object already exists at {place}",
            hint="Move that object away and retry the file's action, or ignore the file.",
        )
    other = collision_place(action.source, place)
    if isinstance(other, Hold):
        return _too_long(other)
    return _copied(store, action, other, check_lease) or Refusal(
        reason="collision",
        what=f"Other objects already exist at {place} and at {other}",
        hint="Move these objects away and retry the file's action, or ignore the file.",
    )


def _copied(
    store: ObjectStore, action: PendingAction, place: Place, check_lease: Callable[[], None]
) -> Archived | None:
    """Copy the object to this key. Returns None if an object with other bytes exists there."""
    check_lease()
    with suppress(PlaceTaken):
        chosen = _class(action)
        if chosen is None:
            store.copy(action.source, place)
        else:
            store.copy(action.source, place, storage_class=chosen)
    return Archived(place=place) if store.digest(place) == _expected_digest(action) else None


def _class(action: PendingAction) -> str | None:
    return action.action.storage_class if isinstance(action.action, Move | Rename) else None


def _expected_digest(action: PendingAction) -> Digest:
    return Digest(size=action.source.size, sha256=action.sha256)


def _too_long(hold: Hold) -> Refusal:
    return Refusal(reason=hold.reason.value, what=hold.what, hint=hold.hint)
