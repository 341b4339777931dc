"""The Protocols that the core needs and the adapters keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from bucketlift.model.load import LoadId, LoadUnit, Receipt
from bucketlift.model.rows import RowStream
from bucketlift.model.source import (
    Digest,
    Honoured,
    ListedObject,
    Place,
    Precondition,
    Selection,
    SourceObject,
    StoreId,
)


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class ObjectStore(Protocol):
    """One bucket store through one account. Safe to use from several threads."""

    @property
    def store(self) -> StoreId: ...

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

    def copy(self, source: SourceObject, to: Place) -> None:
        """Copy this very version to a place where nothing is yet (create only).

        Keeps metadata, tags and storage class; above the multipart threshold the copy goes part by part,
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

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        """Find out with a random key below ``<at.key>.bucketlift/`` whether the store honours a precondition.

        Never touches an object that is not its own; its own probe objects are removed where the role may.
        """
        ...


class Load(Protocol):
    """An open transaction that fills one load unit."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        """Add a file's rows. In replace mode every file is written under the unit's one load.

        Columns of the stream are the contract's fields and ``_source_line``; mapping to the target's columns
        is the loader's. Files of an upsert are written in order; a later row wins.
        """
        ...

    def commit(self) -> tuple[Receipt, ...]:
        """Make rows and receipts durable together; one receipt per load of the unit, in its order."""
        ...


class Loader(Protocol):
    """Begins loads in one destination."""

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        """Those of the loads that were committed here; an absent database has none.

        Raises:
            DestinationBusy: somebody else holds the destination (named where it can be known).
            DestinationRefused: it cannot be read.
        """
        ...

    def begin(self, unit: LoadUnit) -> AbstractContextManager[Load]:
        """Open a transaction; makes the table and the place of receipts where they are absent.

        Leaving the block without ``commit()`` undoes everything, the making of tables included.

        Raises:
            DestinationBusy: see ``receipts``.
            DestinationRefused: read-only, no right, or the table's columns do not fit; the error says what
                to do and carries the ALTER statement where one would help.
        """
        ...
