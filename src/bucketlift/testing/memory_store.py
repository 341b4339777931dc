"""An object store in memory, which implements the whole interface."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from bucketlift.errors import (
    BucketliftError,
    NotFound,
    ObjectArchived,
    ObjectChanged,
    ObjectGone,
    PlaceTaken,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _ArchivedObject:
    body: bytes
    etag: str
    modified: datetime
    archived: bool


class MemoryStore:
    """An object store in memory. ``probe`` reports the preconditions in ``weak`` as ignored, but the store
    obeys them nevertheless.
    """

    def __init__(
        self,
        buckets: Iterable[str],
        *,
        store: StoreId = StoreId("memory"),  # noqa: B008 - a StoreId is a string
        weak: Collection[Precondition] = (),
        multipart_threshold: int = 5 * 1024**3,
    ) -> None:
        self._store = store
        self._threshold = multipart_threshold
        self._weak = frozenset(weak)
        self.restores: list[tuple[str, Restore]] = []
        self._lock = threading.RLock()
        self._buckets: dict[str, dict[str, _ArchivedObject]] = {name: {} for name in buckets}

    @property
    def store(self) -> StoreId:
        return self._store

    @property
    def multipart_threshold(self) -> int:
        return self._threshold

    def now(self) -> datetime | None:
        return _now()

    def put(
        self, bucket: str, key: str, body: bytes, *, modified: datetime | None = None, archived: bool = False
    ) -> str:
        """Store an object as its owner does. Returns its ETag."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        moment = modified or _now()
        with self._lock:
            self._bucket(bucket)[key] = _ArchivedObject(
                body=body, etag=etag, modified=moment, archived=archived
            )
        return etag

    def remove(self, bucket: str, key: str) -> None:
        with self._lock:
            self._bucket(bucket).pop(key, None)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The bytes of every object of a bucket, in the order of the keys."""
        with self._lock:
            return {key: resting.body for key, resting in self._sorted(bucket)}

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        with self._lock:
            found = self._sorted(selection.bucket)
        for key, resting in found:
            if key.startswith(selection.prefix):
                yield ListedObject(
                    key=key,
                    etag=resting.etag,
                    size=len(resting.body),
                    modified=resting.modified,
                    archived=resting.archived,
                )

    @contextmanager
    def open(self, source: SourceObject) -> Iterator[BinaryIO]:
        with io.BytesIO(self._readable(source).body) as reader:
            yield reader

    def beginning(self, source: SourceObject, most: int) -> bytes:
        return self._readable(source).body[:most]

    def readable(self, source: SourceObject) -> bool:
        self._pinned(source)
        listed = self.find(Selection(bucket=source.bucket, prefix=source.key))
        return any(each.key == source.key and not each.archived for each in listed)

    def restore(self, source: SourceObject, restore: Restore) -> None:
        self._pinned(source)
        self.restores.append((source.key, restore))

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:  # noqa: ARG002 - all is of one class here
        with self._lock:
            resting = self._readable(source)
            target = self._bucket(to.bucket)
            if to.key in target:
                raise PlaceTaken("Another object already exists at the target key", to=str(to))
            target[to.key] = replace(resting, modified=_now())

    def digest(self, place: Place) -> Digest | None:
        with self._lock:
            resting = self._bucket(place.bucket).get(place.key)
        if resting is None:
            return None
        return Digest(size=len(resting.body), sha256=hashlib.sha256(resting.body).hexdigest())

    def delete(self, source: SourceObject) -> None:
        with self._lock:
            self._pinned(source)
            del self._buckets[source.bucket][source.key]

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        return [self._deleted(source) for source in sources]

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        self._bucket(at.bucket)
        return Honoured.NO if precondition in self._weak else Honoured.YES

    def _deleted(self, source: SourceObject) -> BucketliftError | None:
        try:
            self.delete(source)
        except BucketliftError as error:
            return error
        return None

    def _readable(self, source: SourceObject) -> _ArchivedObject:
        resting = self._pinned(source)
        if resting.archived:
            raise ObjectArchived("The object is in an archive tier", to=str(source))
        return resting

    def _pinned(self, source: SourceObject) -> _ArchivedObject:
        with self._lock:
            resting = self._bucket(source.bucket).get(source.key)
        if resting is None:
            raise ObjectGone("No object exists under the key", to=str(source))
        if resting.etag != source.etag:
            raise ObjectChanged("The object under the key has changed", to=str(source))
        return resting

    def _bucket(self, name: str) -> dict[str, _ArchivedObject]:
        try:
            return self._buckets[name]
        except KeyError:
            raise NotFound("The bucket does not exist", to=f"s3://{name}") from None

    def _sorted(self, bucket: str) -> list[tuple[str, _ArchivedObject]]:
        """The objects, sorted by the UTF-8 bytes of their keys, as in S3's listings."""
        return sorted(self._bucket(bucket).items(), key=lambda each: each[0].encode())


def _now() -> datetime:
    """The time in whole seconds, as S3 returns it."""
    return datetime.now(UTC).replace(microsecond=0)
