"""A prefix of a bucket."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from bucketlift.errors import AccessRefused, BucketliftError, NeedsPerson, PlaceTaken
from bucketlift.model.finding import Finding, Health
from bucketlift.model.source import Honoured, Place, Precondition
from bucketlift.objects.places.place import Expected
from bucketlift.stores.s3 import S3Store

_OWNER = "bucketlift-chunk"
_PRECONDITIONS = (Precondition.PUT_CREATE, Precondition.COMPLETE_CREATE)
_WEAK = "The store does not honour If-None-Match, so that a file could be overwritten"
_WEAK_HINT = (
    "Update the store. Or accept this with `accept_weak_store: true` on the account: Bucketlift then looks for an object "
    "before it writes one."
)


class BucketPlace:
    """Implements ``ObjectPlace``. An object has its owner in its metadata."""

    def __init__(self, store: S3Store, bucket: str, prefix: str, *, accept_weak: bool = False) -> None:
        self._store, self._accept_weak = store, accept_weak
        self._bucket, self._prefix = bucket, prefix
        self._honoured: bool | None = None
        self._lock = Lock()

    def put(self, name: str, content: Path, owner: str) -> None:
        place = self._place(name)
        if not self._is_honoured():
            if not self._accept_weak:
                raise NeedsPerson(_WEAK, to=str(place), hint=_WEAK_HINT)
            if self._store.metadata(place) is not None:
                raise PlaceTaken("Another object already exists at the key", to=str(place))
        self._store.put(content, place, {_OWNER: owner})

    def holds(self, name: str, expected: Expected) -> bool | None:
        place = self._place(name)
        if expected.sha256 is None:
            metadata = self._store.metadata(place)
            return None if metadata is None else metadata.get(_OWNER) == expected.owner
        found = self._store.digest(place)
        return None if found is None else found.sha256 == expected.sha256

    def discard(self, name: str, owner: str) -> None:
        """There is nothing to discard: S3 removes unfinished uploads by a lifecycle rule."""

    def address(self, name: str) -> str:
        return str(self._place(name))

    def examine(self) -> tuple[Finding, ...]:
        return tuple(self._examined(precondition) for precondition in _PRECONDITIONS)

    def _examined(self, precondition: Precondition) -> Finding:
        check = precondition.value.replace("-", " ")
        try:
            honoured = self._store.probe(precondition, self._place(""))
        except BucketliftError as error:
            return Finding(check=check, health=Health.MISSING, what=error.what, hint=error.hint)
        match honoured:
            case Honoured.YES:
                return Finding(
                    check=check, health=Health.OK, what="Objects can be created, and none is replaced"
                )
            case Honoured.NO:
                health = Health.WARNING if self._accept_weak else Health.IGNORED
                return Finding(check=check, health=health, what=_WEAK, hint=_WEAK_HINT)
            case Honoured.DENIED:
                at = f"{self._bucket}/{self._prefix}*"
                hint = f"Grant s3:PutObject, s3:GetObject and s3:AbortMultipartUpload on {at}."
                return Finding(
                    check=check, health=Health.MISSING, what="Objects cannot be created (403)", hint=hint
                )

    def _is_honoured(self) -> bool:
        """Whether the store refuses to replace an object. AWS does; other stores are tested once."""
        if self._store.is_aws:
            return True
        with self._lock:
            if self._honoured is None:
                found = [self._store.probe(each, self._place("")) for each in _PRECONDITIONS]
                if Honoured.DENIED in found:
                    hint = f"Grant s3:PutObject and s3:GetObject on {self._bucket}/{self._prefix}*."
                    raise AccessRefused("Objects cannot be created", to=self.address(""), hint=hint)
                self._honoured = Honoured.NO not in found
            return self._honoured

    def _place(self, name: str) -> Place:
        return Place(bucket=self._bucket, key=self._prefix + name)
