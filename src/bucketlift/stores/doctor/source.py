"""The doctor's checks of the bucket from which files are read: list, get, and conditional delete."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from email.utils import mktime_tz, parsedate_tz
from urllib.parse import quote

from bucketlift.errors import BucketliftError, ObjectChanged, ObjectGone
from bucketlift.model.finding import Health
from bucketlift.model.source import Honoured, ListedObject, Place, Precondition, Selection
from bucketlift.rules.naming import is_ours
from bucketlift.stores.answers import page_of
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.answers import check_entries, check_prefix, contradicted, unlike
from bucketlift.stores.doctor.folders import check_folders
from bucketlift.stores.doctor.random_key import HIDDEN, check_by_random_key
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.probes import random_place
from bucketlift.stores.translation import error_code, translate

NEARLY_RIGHT = timedelta(seconds=60)
"""Maximum difference of the clocks without a warning. S3 refuses calls if the difference is 15 minutes or
more.
"""

IGNORED_HINT = (
    "A newer version could be deleted. Use a store that honours the precondition, keep the files, "
    "or set accept_weak_store: true on the account."
)


def check_source(visit: Visit, selection: Selection) -> ListedObject | None:
    """List the prefix, and read one object below it. Returns one listed object as a sample, or None."""
    entries = _listing(visit, selection)
    sample = None if entries is None else _sample(entries)
    if entries is not None:
        check_folders(visit, selection)
    _reading(visit, selection, sample)
    return sample


def _listing(visit: Visit, selection: Selection) -> tuple[ListedObject, ...] | None:
    bucket, prefix, to = selection.bucket, selection.prefix, _whole(selection)
    try:
        answer = visit.raw("list_objects_v2", Bucket=bucket, Prefix=prefix)
    except FOREIGN as error:
        visit.entered()
        narrowed = f" with s3:prefix {prefix}*" if prefix else ""
        visit.refused("list", error, to, f"Grant s3:ListBucket on bucket {bucket}{narrowed}.")
        return None
    visit.entered()
    try:
        page = page_of(answer, bucket=bucket, prefix=prefix)
    except BucketliftError as error:
        visit.add_finding("list", Health.MISSING, f"{error.what}: {to}", error.hint or "Check the endpoint.")
        if "`prefix`" in error.what:
            check_prefix(visit, selection)
        return None
    visit.ok(
        "list", f"Objects in the listing of {to}: {len(page.entries):,}{' or more' if page.following else ''}"
    )
    check_entries(visit, page.entries)
    check_prefix(visit, selection)
    _surroundings(visit, selection, answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}))
    return page.entries


def _surroundings(visit: Visit, selection: Selection, headers: dict[str, str]) -> None:
    said = parsedate_tz(headers.get("date", ""))
    if said is not None:
        _clock(visit, timedelta(seconds=abs(time.time() - mktime_tz(said))))
    region, expected_region = headers.get("x-amz-bucket-region"), visit.account.region
    if not visit.is_aws or region is None:
        return
    if region == expected_region:
        visit.ok("region", f"Bucket {selection.bucket} is in {region}, the account's region")
        return
    visit.add_finding(
        "region",
        Health.WARNING,
        f"Bucket {selection.bucket} is in {region}, but the account's region is {expected_region}: every call is redirected",
        f"Set the account's region to {region}.",
    )


def _clock(visit: Visit, off: timedelta) -> None:
    seconds = int(off.total_seconds())
    if off <= NEARLY_RIGHT:
        visit.ok("clock", f"This machine's clock differs from the store's by at most {max(seconds, 1)} s")
        return
    visit.add_finding(
        "clock",
        Health.WARNING,
        f"This machine's clock and the store's are {seconds // 60} min {seconds % 60} s apart",
        "Set this machine's clock: AWS refuses every call if the difference is 15 minutes or more.",
    )


def _sample(entries: Sequence[ListedObject]) -> ListedObject | None:
    """An object that can be read and is not a probe. An object whose key must be encoded in a URL is
    preferred.
    """
    fit = [
        each
        for each in entries
        if each.size and not each.defect and not is_ours(each.key) and not each.archived
    ]
    return next((each for each in fit if quote(each.key) != each.key), fit[0] if fit else None)


def _reading(visit: Visit, selection: Selection, sample: ListedObject | None) -> None:
    right = f"s3:GetObject on {selection.bucket}/{selection.prefix}*"
    if sample is None:
        _reading_nothing(visit, selection)
        return
    place = Place(bucket=selection.bucket, key=sample.key)
    pinned = {"IfMatch": f'"{sample.etag}"', "Range": "bytes=0-0"}
    try:
        answer = visit.raw("get_object", Bucket=place.bucket, Key=place.key, **pinned)
    except FOREIGN as error:
        if isinstance(translate(error, ""), ObjectChanged | ObjectGone):
            contradicted(
                visit,
                place,
                selection.prefix,
                sample,
                f"GET with that ETag was refused ({error_code(error)})",
            )
        else:
            visit.refused("get", error, str(place), f"Grant {right}.")
        return
    answer["Body"].close()
    differs = unlike(answer, sample)
    if differs is not None:
        contradicted(visit, place, selection.prefix, sample, differs)
        return
    visit.ok("get", f"The first byte of {place}")
    if str(answer.get("ServerSideEncryption", "")).startswith("aws:kms"):
        visit.ok("kms", f"The KMS key of {place} can decrypt")


def _reading_nothing(visit: Visit, selection: Selection) -> None:
    """Check the permission to read if the prefix has no object. The check is a GET of a random key that does
    not exist; the answer shows nearly as much as the answer for an object.
    """
    check_by_random_key(
        visit,
        "get",
        selection,
        "s3:GetObject",
        lambda place: visit.raw("get_object", **place, Range="bytes=0-0")["Body"].close(),
        because="there is no file yet",
    )


def check_delete(visit: Visit, selection: Selection) -> None:
    """Check the delete with a condition, by a random key that does not exist."""
    at = _prefix(selection)
    match visit.probe("delete", Precondition.DELETE, at):
        case Honoured.YES:
            visit.ok("delete", "The delete is allowed, and If-Match is honoured")
            _check_delete_each(visit, at)
        case Honoured.NO:
            ignored(visit, "delete", "DeleteObject ignores If-Match")
        case Honoured.DENIED:
            _denied_delete(visit, selection, at)


def _check_delete_each(visit: Visit, at: Place) -> None:
    """Check DeleteObjects. If a store does not support this call, the only effect is that many files are
    deleted more slowly.
    """
    match visit.probe("delete each", Precondition.DELETE_EACH, at):
        case Honoured.YES:
            visit.ok("delete each", "The ETag of each key is honoured: one call deletes up to 1,000 files")
        case Honoured.NO | Honoured.DENIED:
            visit.ok(
                "delete each", "DeleteObjects is not reliable on this store: files are deleted one by one"
            )


def _denied_delete(visit: Visit, selection: Selection, at: Place) -> None:
    """Find out whether the permission to delete is missing, or only hidden by the missing key: a delete
    without a condition needs only s3:DeleteObject.
    """
    objects = f"{selection.bucket}/{selection.prefix}*"
    try:
        visit.raw("delete_object", **random_place(at))
    except FOREIGN as error:
        hint = (
            f"Grant s3:DeleteObject and s3:GetObject on {objects}. {HIDDEN}: "
            "if both are granted, grant s3:ListBucket too."
        )
        visit.refused("delete", error, f"a random key under s3://{at.bucket}/{at.key}.bucketlift/", hint)
        return
    if visit.is_aws and visit.is_ok("get"):
        visit.ok(
            "delete", "The delete is allowed. With this role, If-Match cannot be tested, but AWS obeys it"
        )
        return
    visit.add_finding(
        "delete",
        Health.UNKNOWN,
        f"The delete is allowed without If-Match, and refused with If-Match. {HIDDEN}",
        f"Check that s3:GetObject is granted on {objects}; grant s3:ListBucket on the whole bucket to be sure.",
    )


def ignored(visit: Visit, check: str, what: str) -> None:
    if getattr(visit.account, "accept_weak_store", False):
        visit.add_finding(check, Health.WARNING, f"{what}, which the account accepts (accept_weak_store)")
        return
    visit.add_finding(check, Health.IGNORED, what, IGNORED_HINT)


def _prefix(selection: Selection) -> Place:
    return Place(bucket=selection.bucket, key=selection.prefix)


def _whole(selection: Selection) -> str:
    return f"s3://{selection.bucket}/{selection.prefix}"
