"""Copies a pinned version to a key that does not exist yet, in one call or in parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from bucketlift.errors import PlaceTaken
from bucketlift.model.source import Place, SourceObject
from bucketlift.stores import existence
from bucketlift.stores.answers import ARCHIVE_TIERS, text_of
from bucketlift.stores.calls import FOREIGN, Calls
from bucketlift.stores.translation import code_of

COPY_LIMIT = 5 * 1024**3
"""Maximum bytes of an object that CopyObject copies."""

MAX_PARTS = 10_000
PART_BYTES = 512 * 1024**2

CONFLICTS = frozenset({"ConditionalRequestConflict", "OperationAborted", "409"})
TRIES = 3

_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "StorageClass",
    "WebsiteRedirectLocation",
)
"""The properties that a copy keeps. CopyObject copies all of them except the storage class; a multipart
upload copies none.
"""


class Copying:
    def __init__(self, calls: Calls, bucket_owner: str | None, threshold: int, part_bytes: int) -> None:
        self._calls = calls
        self._owner = {} if bucket_owner is None else {"ExpectedSourceBucketOwner": bucket_owner}
        self._threshold = threshold
        self._part_bytes = part_bytes

    def copy(self, source: SourceObject, to: Place, storage_class: str | None = None) -> None:
        way = self._in_parts if source.size > self._threshold else self._copy_at_once
        try:
            head = self._calls.raw(
                "head_object", Bucket=source.bucket, Key=source.key, IfMatch=_quoted(source)
            )
            head = {**head, **_class_of_copy(head, storage_class)}
            again_on_conflict(lambda: way(source, to, head))
        except FOREIGN as error:
            raise existence.why_not_copied(self._calls, error, source, to) from error

    def _copy_at_once(self, source: SourceObject, to: Place, head: dict[str, Any]) -> None:
        # Without this storage class, the copy would become STANDARD.
        storage_class = {"StorageClass": head["StorageClass"]} if "StorageClass" in head else {}
        self._calls.raw(
            "copy_object",
            Bucket=to.bucket,
            Key=to.key,
            **self._pinned(source),
            IfNoneMatch="*",
            MetadataDirective="COPY",
            TaggingDirective="COPY",
            **storage_class,
        )

    def _in_parts(self, source: SourceObject, to: Place, head: dict[str, Any]) -> None:
        kept = {name: head[name] for name in _KEPT if head.get(name)}
        tags = self._tags(source)
        upload = self._calls.raw("create_multipart_upload", Bucket=to.bucket, Key=to.key, **kept, **tags)
        place = {"Bucket": to.bucket, "Key": to.key, "UploadId": text_of(upload, "UploadId")}
        try:
            parts = [
                self._part(source, place, number, span) for number, span in enumerate(self._spans(source), 1)
            ]
            self._complete(place, parts, to)
        except BaseException:
            self._abort(place)
            raise

    def _part(self, source: SourceObject, place: dict[str, Any], number: int, span: str) -> dict[str, Any]:
        answer = self._calls.raw(
            "upload_part_copy", **place, **self._pinned(source), PartNumber=number, CopySourceRange=span
        )
        return {"PartNumber": number, "ETag": text_of(answer, "CopyPartResult", "ETag")}

    def _complete(self, place: dict[str, Any], parts: list[dict[str, Any]], to: Place) -> None:
        try:
            self._calls.raw(
                "complete_multipart_upload", **place, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
        except ClientError as error:
            # After a lost answer botocore repeats the call, and the upload no longer exists. The object may be ours or
            # another one; only its bytes can show which.
            if code_of(error) == "NoSuchUpload" and existence.absent(self._calls, to) is False:
                raise PlaceTaken("Another object already exists at the target key", to=str(to)) from error
            raise

    def _abort(self, place: dict[str, Any]) -> None:
        """Abort the multipart upload. Errors are ignored, so that they do not hide the original error."""
        try:
            self._calls.raw("abort_multipart_upload", **place)
        except FOREIGN:
            return

    def _tags(self, source: SourceObject) -> dict[str, str]:
        answer = self._calls.raw("get_object_tagging", Bucket=source.bucket, Key=source.key)
        tags = {text_of(tag, "Key"): str(tag.get("Value", "")) for tag in answer.get("TagSet", ())}
        return {"Tagging": urlencode(tags)} if tags else {}

    def _spans(self, source: SourceObject) -> list[str]:
        step = max(self._part_bytes, -(-source.size // MAX_PARTS))
        starts = range(0, source.size, step)
        return [f"bytes={start}-{min(start + step, source.size) - 1}" for start in starts]

    def _pinned(self, source: SourceObject) -> dict[str, Any]:
        return {
            "CopySource": {"Bucket": source.bucket, "Key": source.key},
            "CopySourceIfMatch": _quoted(source),
            **self._owner,
        }


def _class_of_copy(head: dict[str, Any], chosen: str | None) -> dict[str, str]:
    """The storage class of the copy. For a source in an archive tier it is STANDARD, because the copy must be
    readable.
    """
    if chosen is not None:
        return {"StorageClass": chosen}
    return {"StorageClass": "STANDARD"} if head.get("StorageClass") in ARCHIVE_TIERS else {}


def again_on_conflict(act: Callable[[], object]) -> None:
    """Call ``act``, and repeat the call after the answer 409. This answer means that another conditional call
    was in progress, not that the precondition failed.
    """
    for left in reversed(range(TRIES)):
        try:
            act()
        except ClientError as error:
            if code_of(error) not in CONFLICTS or not left:
                raise
        else:
            return


def _quoted(source: SourceObject) -> str:
    return f'"{source.etag}"'
