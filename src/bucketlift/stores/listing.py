"""Lists buckets, page by page. An invalid page is an error; it never looks like an empty bucket."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from bucketlift.errors import StoreUnavailable
from bucketlift.model.source import ListedObject
from bucketlift.stores.answers import Page, page_of, unloadable
from bucketlift.stores.calls import Calls

EMPTY_PAGES = 10_000
"""Maximum number of pages in a row without a key. A listing with more counts as endless. Deleted versions of
objects cause empty pages.
"""

TWICE = "The listing contains the object more than once, with different ETags or sizes"


def listed(calls: Calls, bucket: str, prefix: str, *, is_aws: bool) -> Iterator[ListedObject]:
    """Yield each key once. A page is yielded only after the next page was read, because stores repeat keys at
    page boundaries.

    Raises:
        StoreUnavailable: the listing does not end, or cannot be read.
        NeedsPerson: the answer is for another request.
    """
    to, seen = f"s3://{bucket}/{prefix}", Seen()
    waiting: dict[str, ListedObject] = {}
    empty = 0
    for page in _pages(calls, bucket, prefix, is_aws=is_aws):
        fresh = _merged(page, waiting, seen)
        empty = 0 if page.entries else empty + 1
        if page.following and (empty > EMPTY_PAGES or (page.entries and not fresh)):
            raise StoreUnavailable("The listing does not end: a page contained nothing new", to=to)
        yield from waiting.values()
        seen.add(waiting)
        waiting = fresh
    yield from waiting.values()


def _merged(page: Page, waiting: dict[str, ListedObject], seen: Seen) -> dict[str, ListedObject]:
    """The entries of a page whose keys no earlier page had.

    If an entry contradicts an earlier one with its key, the key becomes unloadable: in ``waiting``, which is
    changed, if the previous page had the key; otherwise in the result.
    """
    fresh: dict[str, ListedObject] = {}
    for entry in page.entries:
        before = waiting if entry.key in waiting else fresh
        if entry.key in before:
            before[entry.key] = _one(before[entry.key], entry)
        elif (same := seen.same(entry)) is not True:
            fresh[entry.key] = entry if same is None else unloadable(entry.key, TWICE)
    return fresh


def _one(first: ListedObject, second: ListedObject) -> ListedObject:
    alike = (first.etag, first.size) == (second.etag, second.size)
    return first if alike else unloadable(first.key, TWICE)


class Seen:
    """All keys of a listing so far, in 16 bytes each. Keys are looked up here only if the store does not sort
    its keys.
    """

    def __init__(self) -> None:
        self._highest = ""
        self._keys, self._entries = array("q"), array("q")
        self._known: tuple[set[int], set[int]] | None = None

    def add(self, entries: dict[str, ListedObject]) -> None:
        keys, whole = [hash(key) for key in entries], [_hash(entry) for entry in entries.values()]
        self._keys.extend(keys)
        self._entries.extend(whole)
        self._highest = max((self._highest, *entries), key=_in_order)
        if self._known is not None:
            self._known[0].update(keys)
            self._known[1].update(whole)

    def same(self, entry: ListedObject) -> bool | None:
        """Whether the entry equals an earlier one with this key; None if the key is new."""
        if not self._keys or _in_order(entry.key) > _in_order(self._highest):
            return None
        if self._known is None:
            self._known = set(self._keys), set(self._entries)
        keys, entries = self._known
        return _hash(entry) in entries if hash(entry.key) in keys else None


def _hash(entry: ListedObject) -> int:
    return hash((entry.key, entry.etag, entry.size))


def _in_order(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _pages(calls: Calls, bucket: str, prefix: str, *, is_aws: bool) -> Iterator[Page]:
    # Botocore adds encoding-type=url.
    arguments: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    if is_aws:
        arguments["OptionalObjectAttributes"] = ["RestoreStatus"]
    to, tokens = f"s3://{bucket}/{prefix}", set[str]()
    while True:
        page = page_of(calls("list_objects_v2", to, **arguments), bucket=bucket, prefix=prefix)
        yield page
        if page.following is None:
            return
        if page.following in tokens:
            raise StoreUnavailable("The listing does not end: a continuation token was repeated", to=to)
        tokens.add(page.following)
        arguments["ContinuationToken"] = page.following
