"""Listings, page by page; a page that is none is an error, never an empty bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from bucketlift.errors import StoreUnavailable
from bucketlift.model.source import ListedObject
from bucketlift.stores.calls import Calls

ARCHIVE_TIERS = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def listed(calls: Calls, bucket: str, prefix: str, *, is_aws: bool) -> Iterator[ListedObject]:
    for page in _pages(calls, bucket, prefix, is_aws=is_aws):
        for line in page.get("Contents", []):
            yield ListedObject(
                key=line["Key"],
                etag=line["ETag"].strip('"'),
                size=line["Size"],
                modified=line["LastModified"].astimezone(UTC),
                archived=is_archived(line),
            )


def is_archived(line: dict[str, Any]) -> bool:
    """In an archive tier, and not restored: a restored object can be read until its copy expires."""
    restored = line.get("RestoreStatus", {})
    ready = not restored.get("IsRestoreInProgress", True) and "RestoreExpiryDate" in restored
    return line.get("StorageClass") in ARCHIVE_TIERS and not ready


def _pages(calls: Calls, bucket: str, prefix: str, *, is_aws: bool) -> Iterator[dict[str, Any]]:
    # botocore asks for encoding-type=url by itself and decodes the keys.
    arguments: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    if is_aws:
        arguments["OptionalObjectAttributes"] = ["RestoreStatus"]
    to = f"s3://{bucket}/{prefix}"
    while True:
        page = calls("list_objects_v2", to, **arguments)
        if page.get("Name") != bucket:
            raise StoreUnavailable("The answer is not a listing", to=to)
        yield page
        if not page.get("IsTruncated"):
            return
        token = page.get("NextContinuationToken")
        if not token or token == arguments.get("ContinuationToken"):
            raise StoreUnavailable("The listing does not say how it goes on", to=to)
        arguments["ContinuationToken"] = token
