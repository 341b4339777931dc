"""What a store answers is data from outside: it is checked here, once, before anything relies on it."""

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
"""What the ledger can keep as a size."""
FULL_PAGE = 1_000
"""Keys of a page that S3 gives where no other number is asked for."""

_SPAN = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing, and the token of the next one where there is one."""

    entries: tuple[ListedObject, ...]
    following: str | None
    folders: tuple[str, ...] = ()
    """Only where the listing was to end keys at a delimiter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """The head of an answer to a GET. A size that was not told is None: the body is counted then."""

    etag: str
    length: int | None
    begins_at: int
    """The first byte of the object that the body has."""


def page_of(answer: Mapping[str, Any], *, bucket: str, prefix: str, folders: bool = False) -> Page:
    """The page, where the store answered what it was asked.

    Raises:
        StoreUnavailable: this is not a listing, or it does not say how it goes on.
        NeedsPerson: it is the listing of another bucket, of another prefix, or of folders instead of objects.
    """
    to = f"s3://{bucket}/{prefix}"
    plain = answer.get("EncodingType") != "url"
    _check_question(answer, bucket, prefix, to)
    lines = [line for line in _list(answer.get("Contents")) if isinstance(line, dict)]
    keys = [_text(line, "Key", plain=plain) for line in lines]
    parents = [_text(each, "Prefix", plain=plain) or "" for each in _list(answer.get("CommonPrefixes"))]
    if parents and not folders:
        raise _ignores("delimiter", "names folders, and none were asked for", to)
    named = [key for key in (*keys, *parents) if key is not None]
    strange = next((key for key in named if not key.startswith(prefix)), None)
    if strange is not None:
        raise _ignores("prefix", f"names {strange!a}, which does not begin with it", to)
    entries = tuple(_entry(line, key, prefix) for line, key in zip(lines, keys, strict=True))
    return Page(entries=entries, following=_following(answer, len(entries), to), folders=tuple(parents))


def got(answer: Mapping[str, Any], to: str) -> Got:
    """Raises StoreUnavailable where the answer names no ETag: then it is not from an S3 store."""
    etag, length = answer.get("ETag"), answer.get("ContentLength")
    if not isinstance(etag, str) or not bare(etag):
        raise StoreUnavailable("The answer does not come from an S3 store: it has no ETag", to=to)
    if length is not None and (not isinstance(length, int) or length < 0):
        raise StoreUnavailable("The answer's Content-Length is not a number of bytes", to=to)
    span = _SPAN.match(str(answer.get("ContentRange", "")))
    return Got(etag=bare(etag), length=length, begins_at=int(span[1]) if span else 0)


def text_of(answer: Mapping[str, Any], *path: str) -> str:
    """A text that the answer must have.

    Raises:
        StoreUnavailable: it is not there.
    """
    found: Any = answer
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, str) or not found:
        raise StoreUnavailable(f"The store's answer has no {path[-1]}")
    return found


def bare(etag: str) -> str:
    """An ETag without the quotes that HTTP puts around it."""
    return etag.strip('"')


def is_archived(line: Mapping[str, Any]) -> bool:
    """In an archive tier, and not restored: a restored object can be read until its copy expires."""
    restored = line.get("RestoreStatus")
    restored = restored if isinstance(restored, Mapping) else {}
    ready = not restored.get("IsRestoreInProgress", True) and "RestoreExpiryDate" in restored
    return line.get("StorageClass") in ARCHIVE_TIERS and not ready


def _check_question(answer: Mapping[str, Any], bucket: str, prefix: str, to: str) -> None:
    """A store, or a cache before it, may answer another question than the one that was asked."""
    name, echoed = answer.get("Name"), answer.get("Prefix")
    if not isinstance(name, str) or not name:
        raise StoreUnavailable("The answer is not a listing", to=to)
    if name != bucket and not bucket.endswith(
        ALIAS
    ):  # an access point's listings may name the bucket behind it
        raise NeedsPerson(
            f"The listing is of another bucket: {name}",
            to=to,
            hint="Check the account's endpoint: it must not name a bucket, and nothing between this machine and "
            "the store may answer for another one.",
        )
    if isinstance(echoed, str) and echoed and prefix not in (echoed, unquote_plus(echoed)):
        raise _ignores("prefix", f"is of {echoed!a}", to)


def _ignores(parameter: str, what: str, to: str) -> BucketliftError:
    return NeedsPerson(
        f"The store ignores `{parameter}` in a listing: its answer {what}",
        to=to,
        hint="Nothing was loaded or deleted. Ask whoever runs the store to mend it; or give these files a bucket of "
        "their own and leave `prefix` out.",
    )


def _text(line: Mapping[str, Any], name: str, *, plain: bool) -> str | None:
    key = line.get(name)
    if not isinstance(key, str) or not key:
        return None
    return key if plain else unquote_plus(key)


def _entry(line: Mapping[str, Any], key: str | None, prefix: str) -> ListedObject:
    """What is wrong with an entry is told with it, and costs that object alone."""
    etag, size, modified = line.get("ETag"), line.get("Size"), line.get("LastModified")
    if key is None:
        return odd(prefix, "An entry of the listing has no key")
    if not isinstance(etag, str) or not bare(etag) or not bare(etag).isascii() or not etag.isprintable():
        return odd(key, f"The listing {_missing(etag)} ETag for the object")
    if not isinstance(size, int) or not 0 <= size <= MOST_BYTES:
        return odd(key, f"The listing {_missing(size)} Size for the object")
    if not isinstance(modified, datetime):
        return odd(key, f"The listing {_missing(modified)} LastModified for the object")
    return ListedObject(
        key=key,
        etag=bare(etag),
        size=size,
        modified=modified.astimezone(UTC) if modified.tzinfo else modified.replace(tzinfo=UTC),
        archived=is_archived(line),
    )


def odd(key: str, what: str) -> ListedObject:
    """An entry that nothing can be loaded by. Without ETag and size, so that it stays the same in each listing."""
    return ListedObject(key=key, etag="", size=0, modified=None, odd=what)


def _missing(value: Any) -> str:
    return "has no" if value in (None, "", '""') else "has no usable"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _following(answer: Mapping[str, Any], entries: int, to: str) -> str | None:
    """Where IsTruncated is missing the token says whether there is more; a full page without both proves nothing."""
    token = answer.get("NextContinuationToken")
    token = token if isinstance(token, str) and token else None
    more = answer.get("IsTruncated")
    if more is False or (more is None and token is None and entries < FULL_PAGE):
        return None
    if token is None:
        raise StoreUnavailable("The listing does not say how it goes on (no NextContinuationToken)", to=to)
    return token
