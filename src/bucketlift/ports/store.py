"""What the core needs of a bucket store."""

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
"""DeleteObjects takes no more keys (Amazon S3 API reference)."""


class ObjectStore(Protocol):
    """One bucket store through one account. Safe to use from several threads."""

    @property
    def store(self) -> StoreId: ...

    @property
    def multipart_threshold(self) -> int:
        """Bytes above which a copy goes part by part."""
        ...

    def now(self) -> datetime | None:
        """The store's time, by the Date of its last answer; None before the first one that had a Date.

        It is the clock for questions about objects: LastModified is of this clock.
        """
        ...

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        """Every object under the selection's prefix, in key order, page by page.

        The pattern is not applied here: why a key is not taken is for the plan to say.

        Raises:
            NotFound: there is no such bucket.
            AccessRefused: no right to list, or the role cannot be assumed.
            StoreUnavailable: the listing could not be had, or a page was not a listing.
        """
        ...

    def open(self, source: SourceObject) -> AbstractContextManager[BinaryIO]:
        """Read this very version: exactly ``source.size`` bytes, or an error.

        Raises:
            ObjectChanged: other bytes are under the key by now (412).
            ObjectGone: nothing is under the key (404).
            ObjectArchived: it must be restored first.
            AccessRefused: no right to read it.
            StoreUnavailable: the body was cut, reset or stalled.
        """
        ...

    def readable(self, source: SourceObject) -> bool:
        """Whether an object that was in an archive tier can be read by now. Raises as ``open``."""
        ...

    def restore(self, source: SourceObject, restore: Restore) -> None:
        """Ask for an object to be restored from its archive tier; one that was asked for already is no error.

        Raises:
            AccessRefused, NeedsPerson, StoreUnavailable: it was not asked for.
        """
        ...

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:
        """Copy this very version to a place where nothing is yet (create only).

        Keeps metadata and tags. The storage class is the one named, else the source's, else STANDARD where the source
        is in an archive tier. Above the multipart threshold the copy goes part by part,
        each part pinned, and is completed create-only. The copy is not verified here: see ``digest``.

        Raises:
            PlaceTaken: something is at the place already; it was not touched.
            ObjectChanged, ObjectGone: the source is no longer this version.
            AccessRefused, NotFound, StoreUnavailable: as for ``open``; NotFound is the place's bucket.
        """
        ...

    def digest(self, place: Place) -> Digest | None:
        """Size and SHA-256 of what rests at a place, computed from its bytes; None where nothing does."""
        ...

    def delete(self, source: SourceObject) -> None:
        """Delete this version only.

        Raises:
            ObjectChanged: other bytes are under the key; they were not touched.
            ObjectGone: nothing is under the key.
            AccessRefused: no right to delete.
        """
        ...

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        """Delete these versions only, in one call: of each, in order, why it was not deleted, or None.

        All of one bucket, no key twice, at most ``DELETES_AT_ONCE``. ObjectGone and None can be relied on; another
        error says that the object was not seen to go, and ``delete`` says exactly why.

        Raises:
            AccessRefused, NeedsPerson, StoreUnavailable: the whole call failed; some may be gone all the same.
        """
        ...

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        """Find out with a random key below ``<at.key>.bucketlift/`` whether the store honours a precondition.

        Never touches an object that is not its own; its own probe objects are removed where the role may.
        """
        ...
