"""Does the store answer what it is asked, and do its listing and its objects agree?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bucketlift.errors import BucketliftError, StoreUnavailable
from bucketlift.model.finding import Health
from bucketlift.model.source import ListedObject, Place, Selection
from bucketlift.stores.answers import got, page_of
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.listing import TWICE
from bucketlift.stores.probes import random_place

_WHOLE = re.compile(r"bytes \d+-\d+/(\d+)\Z")

MEND_STORE = "Ask whoever runs the store to mend it, or use another store: files like this one are held."


def look_at_entries(visit: Visit, entries: Sequence[ListedObject]) -> None:
    """Entries by which nothing can be loaded, and keys that are named more than once."""
    told: dict[str, set[tuple[str, int]]] = {}
    for each in entries:
        told.setdefault(each.key, set()).add((each.etag, each.size))
    odd = [f"{each.odd}: {each.key!a}" for each in entries if each.odd]
    odd += [f"{TWICE}: {key!a}" for key, sayings in told.items() if len(sayings) > 1]
    repeated = len(entries) - len(told)
    if odd:
        more = f" (and {len(odd) - 1:,} more)" if len(odd) > 1 else ""
        visit.found("entries", Health.WARNING, f"{odd[0]}{more}", MEND_STORE)
    elif repeated:
        what = f"The listing repeats {repeated:,} of its entries, word for word"
        visit.found("entries", Health.WARNING, what, "Nothing is to be done: each object is loaded once.")


def look_at_prefix(visit: Visit, selection: Selection) -> None:
    """A random prefix that no key begins with must list nothing."""
    place = random_place(Place(bucket=selection.bucket, key=selection.prefix))
    try:
        answer = visit.raw("list_objects_v2", Bucket=place["Bucket"], Prefix=place["Key"])
        page_of(answer, bucket=place["Bucket"], prefix=place["Key"])
    except StoreUnavailable as error:
        visit.found("prefix", Health.UNKNOWN, error.what, error.hint)
    except BucketliftError as error:
        health = Health.IGNORED if selection.prefix else Health.WARNING
        visit.found("prefix", health, f"{error.what}: {error.to}", error.hint)
    except FOREIGN as error:
        visit.refused("prefix", error, f"s3://{place['Bucket']}/{place['Key']}", "Ask again.")
    else:
        visit.ok("prefix", "Honoured: a random prefix lists nothing")


def unlike(answer: Mapping[str, Any], listed: ListedObject) -> str | None:
    """How the head of a GET differs from the listing's entry; None where both say the same."""
    try:
        head = got(answer, listed.key)
    except StoreUnavailable as error:
        return error.what
    if head.etag != listed.etag:
        return f"GET shows the ETag {head.etag}"
    whole = _WHOLE.match(str(answer.get("ContentRange", "")))
    size = int(whole[1]) if whole else head.length
    if size is not None and size != listed.size:
        return f"GET shows {size:,} bytes where the listing shows {listed.size:,}"
    return None


def contradicted(visit: Visit, place: Place, prefix: str, listed: ListedObject, how: str) -> None:
    """The object is not as listed. Listed the same once more, that is no race: no such file could be loaded."""
    what = f"The listing shows {place} with the ETag {listed.etag}; {how}"
    if _still_listed(visit, place, prefix, listed):
        visit.found("get", Health.MISSING, what, MEND_STORE)
    else:
        visit.found("get", Health.UNKNOWN, f"{what}. It is not listed like this any more", "Ask again.")


def _still_listed(visit: Visit, place: Place, prefix: str, listed: ListedObject) -> bool:
    """Where the same question as before cannot be asked again, the first answer counts."""
    try:
        answer = visit.raw("list_objects_v2", Bucket=place.bucket, Prefix=prefix)
        entries = page_of(answer, bucket=place.bucket, prefix=prefix).entries
    except (*FOREIGN, BucketliftError):
        return True
    return any((each.key, each.etag) == (listed.key, listed.etag) for each in entries)
