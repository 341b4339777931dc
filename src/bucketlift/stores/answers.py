"""Validates each answer of a store once, before other code uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from bucketlift.errors import BucketliftError, NeedsPerson, StoreUnavailable
from bucketlift.model.source import ListedObject
from bucketlift.rules.bucket_names import ALIAS

ARCHIVE_TIERS = frozenset({"GLACIER", "DEEP_ARCHIVE"})
MOST_BYTES = 2**63 - 1
"""The maximum size of an object that the ledger can store."""
FULL_PAGE = 1_000
"""Number of keys in a full page of S3's listings."""

_SPAN = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing, and the token of the next page; None if this is the last page."""

    entries: tuple[ListedObject, ...]
    following: str | None
    folders: tuple[str, ...] = ()
    """The folders; only present if the listing was requested with a delimiter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHeaders:
    """The headers of an answer to GET. ``size`` is None if the store did not send it; then the bytes of the
    body are counted.
    """

    etag: str
    length: int | None
    begins_at: int
    """Position of the body's first byte in the object."""


def page_of(answer: Mapping[str, Any], *, bucket: str, prefix: str, folders: bool = False) -> Page:
    """The page of a listing, after a check that it answers our request.

    Raises:
        StoreUnavailable: the answer is not a listing, or lacks the token of the next page.
        NeedsPerson: the answer lists another bucket, another prefix, or folders in place of objects.
    """
    to = f"s3://{bucket}/{prefix}"
    plain = answer.get("EncodingType") != "url"
    _check_question(answer, bucket, prefix, to)
    lines = [line for line in _list(answer.get("Contents")) if isinstance(line, dict)]
    keys = [_text(line, "Key", plain=plain) for line in lines]
    parents = [_text(each, "Prefix", plain=plain) or "" for each in _list(answer.get("CommonPrefixes"))]
    if parents and not folders:
        raise _ignores("delimiter", "contains folders that were not requested", to)
    named = [key for key in (*keys, *parents) if key is not None]
    strange = next((key for key in named if not key.startswith(prefix)), None)
    if strange is not None:
        raise _ignores("prefix", f"names {strange!a}, which does not start with it", to)
    entries = tuple(_entry(line, key, prefix) for line, key in zip(lines, keys, strict=True))
    return Page(entries=entries, following=_following(answer, len(entries), to), folders=tuple(parents))


def get_headers(answer: Mapping[str, Any], to: str) -> GetHeaders:
    """The headers of an answer to GET.

    Raises:
        StoreUnavailable: the answer has no ETag, so it is not from an S3 store.
    """
    etag, length = answer.get("ETag"), answer.get("ContentLength")
    if not isinstance(etag, str) or not unquoted(etag):
        raise StoreUnavailable("The answer does not come from an S3 store: it has no ETag", to=to)
    if length is not None and (not isinstance(length, int) or length < 0):
        raise StoreUnavailable("The answer's Content-Length is not a number of bytes", to=to)
    span = _SPAN.match(str(answer.get("ContentRange", "")))
    return GetHeaders(etag=unquoted(etag), length=length, begins_at=int(span[1]) if span else 0)


def text_of(answer: Mapping[str, Any], *path: str) -> str:
    """A required text of the answer.

    Raises:
        StoreUnavailable: the text is missing.
    """
    found: Any = answer
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or not found:
        raise StoreUnavailable(f"The store's answer has no {path[-1]}")
    return found


def unquoted(etag: str) -> str:
    """The ETag without its HTTP quotes."""
    return etag.strip('"')


def is_archived(line: Mapping[str, Any]) -> bool:
    """Whether the object is in an archive tier and not restored. A restored object can be read until its copy
    expires.
    """
    restored = line.get("RestoreStatus")
    restored = restored if isinstance(restored, Mapping) else {}
    ready = not restored.get("IsRestoreInProgress", True) and "RestoreExpiryDate" in restored
    return line.get("StorageClass") in ARCHIVE_TIERS and not ready


def _check_question(answer: Mapping[str, Any], bucket: str, prefix: str, to: str) -> None:
    """Check that the answer is for our request, because a store, or a cache in front of it, may have answered
    another request.
    """
    name, echoed = answer.get("Name"), answer.get("Prefix")
    if not isinstance(name, str) or not name:
        raise StoreUnavailable("The answer is not a listing", to=to)
    if name != bucket and not bucket.endswith(
        ALIAS
    ):  # the listing of an access point may name the bucket behind it
        raise NeedsPerson(
            f"The listing is of another bucket: {name}",
            to=to,
            hint="Check the account's endpoint: it must not contain a bucket name. Check also that no proxy or "
            "cache answers for another bucket.",
        )
    if isinstance(echoed, str) and echoed and prefix not in (echoed, unquote_plus(echoed)):
        raise _ignores("prefix", f"is of {echoed!a}", to)


def _ignores(parameter: str, what: str, to: str) -> BucketliftError:
    return NeedsPerson(
        f"The store ignores `{parameter}` in a listing: its answer {what}",
        to=to,
        hint="Nothing was loaded or deleted. Ask the store's operator to fix it, or use a separate bucket for these "
        "files and leave `prefix` out.",
    )


def _text(line: Mapping[str, Any], name: str, *, plain: bool) -> str | None:
    key = line.get(name)
    if not isinstance(key, str) or not key:
        return None
    return key if plain else unquote_plus(key)


def _entry(line: Mapping[str, Any], key: str | None, prefix: str) -> ListedObject:
    """Parse an entry of a listing. An invalid entry is returned with its problem, so that it affects only
    this object.
    """
    etag, size, modified = line.get("ETag"), line.get("Size"), line.get("LastModified")
    if key is None:
        return unloadable(prefix, "An entry of the listing has no key")
    if (
        not isinstance(etag, str)
        or not unquoted(etag)
        or not unquoted(etag).isascii()
        or not etag.isprintable()
    ):
        return unloadable(key, f"The listing {_missing(etag)} ETag for the object")
    if not isinstance(size, int) or not 0 <= size <= MOST_BYTES:
        return unloadable(key, f"The listing {_missing(size)} Size for the object")
    if not isinstance(modified, datetime):
        return unloadable(key, f"The listing {_missing(modified)} LastModified for the object")
    return ListedObject(
        key=key,
        etag=unquoted(etag),
        size=size,
        modified=modified.astimezone(UTC) if modified.tzinfo else modified.replace(tzinfo=UTC),
        archived=is_archived(line),
    )


def unloadable(key: str, what: str) -> ListedObject:
    """An entry that cannot be loaded. It has no ETag and no size, so that it is the same in every listing."""
    return ListedObject(key=key, etag="", size=0, modified=None, defect=what)


def _missing(value: Any) -> str:
    return "has no" if value in (None, "", '""') else "has no usable"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _following(answer: Mapping[str, Any], entries: int, to: str) -> str | None:
    """The token of the next page; None after the last page. If the answer has no IsTruncated, a token means
    that there is a next page. A full page with neither is an error.
    """
    token = answer.get("NextContinuationToken")
    token = token if isinstance(token, str) and token else None
    more = answer.get("IsTruncated")
    if more is False or (more is None and token is None and entries < FULL_PAGE):
        return None
    if token is None:
        raise StoreUnavailable("The listing has more pages but no NextContinuationToken", to=to)
    return token
