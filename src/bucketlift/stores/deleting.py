"""Deletes many pinned objects in one call, and returns the result for each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from bucketlift.errors import BucketliftError, StoreUnavailable
from bucketlift.model.source import SourceObject
from bucketlift.stores.calls import Calls
from bucketlift.stores.translation import translate


def delete_each(calls: Calls, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
    """Delete objects in one call that contains the ETag of each. A key that XML cannot represent is not sent."""
    sent = [source for source in sources if is_plain(source.key)]
    gone: set[str] = set()
    refused: dict[str, BucketliftError] = {}
    if sent:
        to = f"{len(sent)} objects of s3://{sent[0].bucket}"
        answer = calls("delete_objects", to, Bucket=sent[0].bucket, Delete=_named(sent))
        gone = {line.get("Key", "") for line in answer.get("Deleted", ())}
        refused = {line.get("Key", ""): refusal(line, sent[0].bucket) for line in answer.get("Errors", ())}
    return [_outcome(source, gone, refused) for source in sources]


def is_plain(key: str) -> bool:
    """Whether XML can represent the key. XML 1.0 excludes most control characters, and parsers change some
    others.
    """
    return key.isprintable()


def _named(sources: Sequence[SourceObject]) -> dict[str, Any]:
    return {"Objects": [{"Key": source.key, "ETag": f'"{source.etag}"'} for source in sources]}


def refusal(line: Mapping[str, Any], bucket: str) -> BucketliftError:
    """The error for one key of DeleteObjects that was not deleted."""
    refusal_line: Any = {"Error": {"Code": line.get("Code", ""), "Message": line.get("Message", "")}}
    return translate(ClientError(refusal_line, "DeleteObjects"), f"s3://{bucket}/{line.get('Key', '')}")


def _outcome(
    source: SourceObject, gone: set[str], refused: dict[str, BucketliftError]
) -> BucketliftError | None:
    if source.key in refused:
        return refused[source.key]
    if source.key in gone:
        return None
    return StoreUnavailable("The store did not report the result", to=str(source))
