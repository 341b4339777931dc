"""What lies in a bucket: selections, objects, places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

StoreId = NewType("StoreId", str)
"""The AWS partition (``aws``), or an S3-compatible store's ``host:port`` or its ``store:`` name."""


class RestoreTier(StrEnum):
    """How quickly an object comes back from an archive tier, and at which price."""

    BULK = "Bulk"
    STANDARD = "Standard"
    EXPEDITED = "Expedited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """How a restore from an archive tier is asked for; the restored copy can be read for so many days."""

    days: int
    tier: RestoreTier = RestoreTier.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which objects we ask for, and on which terms. ``pattern`` is a shell pattern on the base name of the key."""

    bucket: str
    prefix: str = ""
    pattern: str | None = None
    requester_pays: bool = False
    """Our account pays for the calls, which the bucket's owner requires."""
    restore: Restore | None = None
    """None: an object in an archive tier waits until a person has it restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """One line of a listing. It does not know its occurrence: the ledger does."""

    key: str
    etag: str
    """Without the quotes that HTTP puts around it."""
    size: int
    modified: datetime | None
    """Information only: one-second steps, and a multipart object carries its start time. None: the store gave none."""
    archived: bool = False
    """In a tier that must be restored before it can be read."""
    odd: str = ""
    """What is wrong with the entry: nothing can be loaded by it. Its ETag is empty then, and its size 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObject:
    """One occurrence of one object. The same key with other bytes, or arrived again, is another one."""

    store: StoreId
    bucket: str
    key: str
    etag: str
    size: int
    occurrence: int

    @property
    def identity(self) -> str:
        """The six parts, joined so that no two different identities can meet."""
        parts = (self.store, self.bucket, self.key, self.etag, str(self.size), str(self.occurrence))
        return "\n".join(part.replace("\\", "\\\\").replace("\n", "\\n") for part in parts)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an object is or will be."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What identifies bytes wherever they rest: their count and SHA-256 (64 hex digits)."""

    size: int
    sha256: str


class Precondition(StrEnum):
    """A call whose precondition must be honoured before we may rely on it."""

    DELETE = "delete"
    """DeleteObject with If-Match."""
    DELETE_EACH = "delete-each"
    """DeleteObjects with an ETag for each key."""
    COPY_SOURCE = "copy-source"
    """CopyObject with x-amz-copy-source-if-match."""
    COPY_CREATE = "copy-create"
    """CopyObject with If-None-Match: *."""
    PART_COPY_SOURCE = "part-copy-source"
    """UploadPartCopy with x-amz-copy-source-if-match."""
    COMPLETE_CREATE = "complete-create"
    """CompleteMultipartUpload with If-None-Match: *."""


class Honoured(StrEnum):
    """What a probe of a precondition found."""

    YES = "yes"
    NO = "no"
    """The store carried the call out although its precondition failed."""
    DENIED = "denied"
    """403: no right to the call, or no right to see that the key is missing."""
