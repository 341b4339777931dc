"""Rules for object keys: which keys are selected, and which key a file has after the load."""

from __future__ import annotations

import hashlib
import posixpath
from fnmatch import fnmatchcase

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.source import Place, SourceObject
from bucketlift.model.workflow import Move, Rename

MAX_KEY_BYTES = 1024
"""The maximum length of a key: 1,024 bytes of UTF-8 (Amazon S3 User Guide, "Naming Amazon S3 objects")."""

OWN_SUFFIX = ".bucketlift"
"""The suffix that marks keys of Bucketlift's own probes. A key with a segment that ends with it is never
selected.
"""


def base_name(key: str) -> str:
    return key.rpartition("/")[2]


def is_marker(key: str, size: int) -> bool:
    """Whether the object is the marker that consoles create for an empty folder."""
    return size == 0 and key.endswith("/")


def is_ours(key: str) -> bool:
    return any(segment.endswith(OWN_SUFFIX) for segment in key.split("/"))


def is_storable(key: str) -> bool:
    """Whether every ledger and destination can store this key.

    PostgreSQL's text type allows no NUL, and UTF-8 allows no lone surrogates.
    """
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in key)


def matches(pattern: str | None, key: str) -> bool:
    """Whether the base name of a key matches a shell pattern. Upper and lower case differ. None matches
    everything.
    """
    return pattern is None or fnmatchcase(base_name(key), pattern)


def is_renamed(prefix: str, key: str) -> bool:
    """Whether a key looks like the result of a rename with this prefix.

    A prefix that contains slashes puts the base name into deeper folders, so more segments of the key are
    compared.
    """
    depth = prefix.count("/") + 1
    return "/".join(key.split("/")[-depth:]).startswith(prefix)


def archive_place(source: SourceObject, action: Move | Rename) -> Place | Hold:
    """The place of the copy, if no object exists there yet. The prefix is used as it is: no slash is added."""
    if isinstance(action, Move):
        return _fitting(Place(bucket=action.bucket, key=action.prefix + source.key))
    folder, slash, name = source.key.rpartition("/")
    return _fitting(Place(bucket=source.bucket, key=f"{folder}{slash}{action.prefix}{name}"))


def collision_place(source: SourceObject, taken: Place) -> Place | Hold:
    """The place of the copy if its usual place has other bytes.

    The place is the same in every attempt for this occurrence.
    """
    folder, slash, name = taken.key.rpartition("/")
    stem, extension = posixpath.splitext(name)
    mark = hashlib.sha256(source.identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return _fitting(Place(bucket=taken.bucket, key=f"{folder}{slash}{stem}~{mark}{extension}"))


def _fitting(place: Place) -> Place | Hold:
    length = len(place.key.encode("utf-8", "surrogatepass"))
    if length <= MAX_KEY_BYTES:
        return place
    return Hold(
        reason=HeldReason.KEY_TOO_LONG,
        what=f"the key after import would be {length:,} bytes long, but S3 allows at most {MAX_KEY_BYTES:,}",
        hint="Choose a shorter prefix in after_import, or give the object a shorter key.",
    )
