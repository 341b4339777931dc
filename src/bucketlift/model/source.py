"""Selections of objects, the objects, and their locations in buckets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

StoreId = NewType("StoreId", str)
"""The identity of a store: the AWS partition (``aws``), an S3-compatible store's ``host:port`` or configured
``store:`` name, ``folder:PATH``, or ``sftp://USER@HOST:PORT/PATH``.
"""

StoreKind = Literal["s3", "folder", "sftp"]
"""The kind of a store. Files in a folder or on an SFTP server are in no bucket, so their bucket is the empty
text.
"""


def location(bucket: str, key: str) -> str:
    """The location of an object as text for people."""
    return f"s3://{bucket}/{key}" if bucket else key


class RestoreTier(StrEnum):
    """The tier of a restore from an archive tier, which decides its speed and price."""

    BULK = "Bulk"
    STANDARD = "Standard"
    EXPEDITED = "Expedited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """How to request a restore from an archive tier. ``days`` is the time for which the restored copy can be
    read.
    """

    days: int
    tier: RestoreTier = RestoreTier.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which objects to list, and who pays for the requests. ``pattern`` is a shell pattern for the base name
    of the key.
    """

    bucket: str
    kind: StoreKind = "s3"
    prefix: str = ""
    pattern: str | None = None
    requester_pays: bool = False
    """Whether our account pays for the requests if the bucket's owner requires it."""
    restore: Restore | None = None
    """How to restore an object in an archive tier. None: the object waits until a person restores it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """One entry of a listing. The number of its occurrence is known only to the ledger."""

    key: str
    etag: str
    """The ETag without its HTTP quotes."""
    size: int
    modified: datetime | None
    """The modification time, only for information; None if the listing has none. Its resolution is one
    second. For a multipart object it is the start of the upload.
    """
    archived: bool = False
    """Whether the object is in an archive tier, so that it must be restored before it can be read."""
    defect: str = ""
    """The problem of an entry that cannot be loaded. Such an entry has an empty ETag and the size 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObject:
    """One occurrence of one object. Other bytes under the same key are another occurrence; so is a new
    arrival of the same bytes.
    """

    store: StoreId
    bucket: str
    key: str
    etag: str
    size: int
    occurrence: int

    @property
    def identity(self) -> str:
        """All six parts, joined in one text. Different source objects never have the same text."""
        parts = (self.store, self.bucket, self.key, self.etag, str(self.size), str(self.occurrence))
        return "\n".join(part.replace("\\", "\\\\").replace("\n", "\\n") for part in parts)

    def __str__(self) -> str:
        return location(self.bucket, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The bucket and key of an existing or future object."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return location(self.bucket, self.key)


class OnCollision(StrEnum):
    """What to do if there is another object already at the new place of a file."""

    SUFFIX = "suffix"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Identifies bytes independently of their location, by size and SHA-256 (64 hex digits)."""

    size: int
    sha256: str


class Precondition(StrEnum):
    """A precondition of a call. We rely on it only after a test has shown that the store obeys it."""

    DELETE = "delete"
    """The precondition If-Match of DeleteObject."""
    DELETE_EACH = "delete-each"
    """The precondition of DeleteObjects: the ETag that the object of each key must have."""
    COPY_SOURCE = "copy-source"
    """The precondition x-amz-copy-source-if-match of CopyObject."""
    COPY_CREATE = "copy-create"
    """The precondition If-None-Match: * of CopyObject."""
    PUT_CREATE = "put-create"
    """The precondition If-None-Match: * of PutObject."""
    PART_COPY_SOURCE = "part-copy-source"
    """The precondition x-amz-copy-source-if-match of UploadPartCopy."""
    COMPLETE_CREATE = "complete-create"
    """The precondition If-None-Match: * of CompleteMultipartUpload."""


class Honoured(StrEnum):
    """Whether a store obeys a precondition, as a test has shown."""

    YES = "yes"
    NO = "no"
    """The store executed the call although the precondition was not met."""
    DENIED = "denied"
    """The store answered 403: we may not make the call, or may not see that the key is missing."""
