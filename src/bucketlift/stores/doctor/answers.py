"""The doctor's checks of the store's answers: are they correct, and do the listing and the objects agree?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bucketlift.errors import BucketliftError, StoreUnavailable
from bucketlift.model.finding import Health
from bucketlift.model.source import ListedObject, Place, Selection
from bucketlift.stores.answers import get_headers, page_of
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.listing import TWICE
from bucketlift.stores.probes import random_place

_WHOLE = re.compile(r"bytes \d+-\d+/(\d+)\Z")

MEND_STORE = "Ask the store's operator to fix it, or use another store: files like this one are held."


def check_entries(visit: Visit, entries: Sequence[ListedObject]) -> None:
    """Check the listing for entries that cannot be loaded, and for repeated keys."""
    known: dict[str, set[tuple[str, int]]] = {}
    for each in entries:
        known.setdefault(each.key, set()).add((each.etag, each.size))
    defects = [f"{each.defect}: {each.key!a}" for each in entries if each.defect]
    defects += [f"{TWICE}: {key!a}" for key, versions in known.items() if len(versions) > 1]
    repeated = len(entries) - len(known)
    if defects:
        more = f" (and {len(defects) - 1:,} more)" if len(defects) > 1 else ""
        visit.add_finding("entries", Health.WARNING, f"{defects[0]}{more}", MEND_STORE)
    elif repeated:
        what = f"The listing repeats {repeated:,} of its entries, with the same data"
        visit.add_finding("entries", Health.WARNING, what, "No action needed: each object is loaded once.")


def check_prefix(visit: Visit, selection: Selection) -> None:
    """Check that the listing of a random prefix is empty, as it must be."""
    place = random_place(Place(bucket=selection.bucket, key=selection.prefix))
    try:
        answer = visit.raw("list_objects_v2", Bucket=place["Bucket"], Prefix=place["Key"])
        page_of(answer, bucket=place["Bucket"], prefix=place["Key"])
    except StoreUnavailable as error:
        visit.add_finding("prefix", Health.UNKNOWN, error.what, error.hint)
    except BucketliftError as error:
        health = Health.IGNORED if selection.prefix else Health.WARNING
        visit.add_finding("prefix", health, f"{error.what}: {error.to}", error.hint)
    except FOREIGN as error:
        visit.refused("prefix", error, f"s3://{place['Bucket']}/{place['Key']}", "Ask again.")
    else:
        visit.ok("prefix", "The store obeys `prefix`: the listing of a random prefix is empty")


def unlike(answer: Mapping[str, Any], listed: ListedObject) -> str | None:
    """The difference between the headers of a GET and the entry of the listing; None if they agree."""
    try:
        head = get_headers(answer, listed.key)
    except StoreUnavailable as error:
        return error.what
    if head.etag != listed.etag:
        return f"GET shows the ETag {head.etag}"
    whole = _WHOLE.match(str(answer.get("ContentRange", "")))
    size = int(whole[1]) if whole else head.length
    if size is not None and size != listed.size:
        return f"GET shows {size:,} bytes, the listing shows {listed.size:,}"
    return None


def contradicted(visit: Visit, place: Place, prefix: str, listed: ListedObject, how: str) -> None:
    """Report an object that differs from its listing. If a second listing shows the same entry, the store is
    at fault.
    """
    what = f"The listing shows {place} with the ETag {listed.etag}; {how}"
    if _still_listed(visit, place, prefix, listed):
        visit.add_finding("get", Health.MISSING, what, MEND_STORE)
    else:
        visit.add_finding("get", Health.UNKNOWN, f"{what}. The listing has changed since", "Ask again.")


def _still_listed(visit: Visit, place: Place, prefix: str, listed: ListedObject) -> bool:
    """Whether a second listing shows the same entry. If the listing cannot be repeated, the result is also
    True.
    """
    try:
        answer = visit.raw("list_objects_v2", Bucket=place.bucket, Prefix=prefix)
        entries = page_of(answer, bucket=place.bucket, prefix=prefix).entries
    except (*FOREIGN, BucketliftError):
        return True
    return any((each.key, each.etag) == (listed.key, listed.etag) for each in entries)
