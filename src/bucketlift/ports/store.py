"""The core's interface to a bucket store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from bucketlift.errors import BucketliftError
from bucketlift.model.source import (
    Digest,
    Honoured,
    ListedObject,
    Place,
    Precondition,
    Restore,
    Selection,
    SourceObject,
    StoreId,
)

DELETES_AT_ONCE = 1_000
"""The maximum number of objects in one DeleteObjects call (Amazon S3 API reference)."""


class ObjectStore(Protocol):
    """One bucket store, reached through one account. Several threads may use it at the same time."""

    @property
    def store(self) -> StoreId: ...

    @property
    def multipart_threshold(self) -> int:
        """The size in bytes above which an object is copied in parts."""
        ...

    def now(self) -> datetime | None:
        """The store's time, from the Date header of its last answer; None before the first answer with this
        header.

        Compare the times of objects with this time: the store sets LastModified by the same clock.
        """
        ...

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        """Yield every object under the selection's prefix, in key order, page by page.

        The pattern is not applied here, because the plan records for each key why it is not taken.

        Raises:
            NotFound: the bucket does not exist.
            AccessRefused: no right to list, or the role cannot be assumed.
            StoreUnavailable: the listing failed, or a page was not a listing.
        """
        ...

    def open(self, source: SourceObject) -> AbstractContextManager[BinaryIO]:
        """Read exactly this version: ``source.size`` bytes, or an error.

        Raises:
            ObjectChanged: the object has been replaced (412).
            ObjectGone: the object no longer exists (404).
            ObjectArchived: the object must be restored first.
            AccessRefused: no right to read the object.
            StoreUnavailable: the body was cut, reset or stalled.
        """
        ...

    def beginning(self, source: SourceObject, most: int) -> bytes:
        """The first bytes of exactly this version, at most ``most``. No more bytes are requested.

        Raises: as in ``open``.
        """
        ...

    def readable(self, source: SourceObject) -> bool:
        """Whether an object that was in an archive tier can be read now.

        Raises: as in ``open``.
        """
        ...

    def restore(self, source: SourceObject, restore: Restore) -> None:
        """Request the restore of an object from its archive tier. A repeated request is no error.

        Raises:
            AccessRefused, NeedsPerson, StoreUnavailable: the request failed.
        """
        ...

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:
        """Copy this version to a key that does not exist yet (create only).

        Keeps metadata and tags. The storage class is the given one, otherwise the source's, or STANDARD if
        the source is in an archive tier. Above the multipart threshold the object is copied in parts: each
        part is pinned, and the copy is completed only if the key still does not exist. The copy is not
        verified here: see ``digest``.

        Raises:
            PlaceTaken: an object already exists at the target; it was not changed.
            ObjectChanged, ObjectGone: the source is no longer this version.
            NotFound: the target's bucket does not exist.
            AccessRefused, StoreUnavailable: as in ``open``.
        """
        ...

    def digest(self, place: Place) -> Digest | None:
        """The size and SHA-256 of the object at a place, computed from the object's bytes; None if there is
        no object.
        """
        ...

    def delete(self, source: SourceObject) -> None:
        """Delete this version only.

        Raises:
            ObjectChanged: the object has been replaced; the new one was not deleted.
            ObjectGone: the object does not exist.
            AccessRefused: no right to delete.
        """
        ...

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        """Delete only these versions, in one call. Returns for each, in order, the error, or None if it was
        deleted.

        All objects must be in one bucket, no key may occur twice, and there may be at most
        ``DELETES_AT_ONCE``. ObjectGone and None are reliable. Any other error means that the deletion was not
        confirmed; a call of ``delete`` then gives the exact reason.

        Raises:
            AccessRefused, NeedsPerson, StoreUnavailable: the whole call failed; some objects may be deleted
            nevertheless.
        """
        ...

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        """Test with a random key below ``<at.key>.bucketlift/`` whether the store obeys a precondition.

        Objects of others are never touched. The probe's own objects are deleted if the role may delete them.
        """
        ...
