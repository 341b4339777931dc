"""Create-only uploads of local files, whole or in parts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bucketlift.errors import BucketliftError, NotFound, ObjectChanged, ObjectGone, PlaceTaken
from bucketlift.model.source import Place
from bucketlift.stores import existence
from bucketlift.stores.answers import text_of
from bucketlift.stores.calls import FOREIGN, Calls
from bucketlift.stores.copying import MAX_PARTS, again_on_conflict
from bucketlift.stores.translation import code_of, translate

UPLOAD_PART_BYTES = 64 * 1024**2
"""Files with more bytes are uploaded in parts of this size, which are held in memory one by one."""


class Putting:
    """Uploads files. An object appears whole, with its metadata, or not at all."""

    def __init__(self, calls: Calls, part_bytes: int = UPLOAD_PART_BYTES) -> None:
        self._calls = calls
        self._part_bytes = part_bytes

    def put(self, content: Path, to: Place, metadata: Mapping[str, str]) -> None:
        """Upload a file to a key that does not exist yet.

        Raises:
            PlaceTaken: an object already exists there; it was not changed.
            NotFound: the bucket does not exist.
            AccessRefused, NeedsPerson: the store refused the call; nothing was created.
            StoreUnavailable: it is unknown whether the object was created.
        """
        upload = self._in_parts if content.stat().st_size > self._part_bytes else self._whole
        try:
            again_on_conflict(lambda: upload(content, to, metadata))
        except FOREIGN as error:
            raise _why_not_put(error, to) from error

    def _whole(self, content: Path, to: Place, metadata: Mapping[str, str]) -> None:
        body = content.read_bytes()
        self._calls.raw(
            "put_object",
            **_key(to),
            Body=body,
            ContentMD5=_md5(body),
            Metadata=dict(metadata),
            IfNoneMatch="*",
        )

    def _in_parts(self, content: Path, to: Place, metadata: Mapping[str, str]) -> None:
        upload = self._calls.raw("create_multipart_upload", **_key(to), Metadata=dict(metadata))
        place = {**_key(to), "UploadId": text_of(upload, "UploadId")}
        try:
            self._complete(place, self._parts(content, place), to)
        except BaseException:
            self._abort(place)
            raise

    def _parts(self, content: Path, place: dict[str, Any]) -> list[dict[str, Any]]:
        size = max(self._part_bytes, -(-content.stat().st_size // MAX_PARTS))
        parts: list[dict[str, Any]] = []
        with content.open("rb") as file:
            while body := file.read(size):
                number = len(parts) + 1
                answer = self._calls.raw(
                    "upload_part", **place, PartNumber=number, Body=body, ContentMD5=_md5(body)
                )
                parts.append({"PartNumber": number, "ETag": text_of(answer, "ETag")})
        return parts

    def _complete(self, place: dict[str, Any], parts: list[dict[str, Any]], to: Place) -> None:
        try:
            self._calls.raw(
                "complete_multipart_upload", **place, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
        except ClientError as error:
            # After a lost answer botocore repeats the call, and the upload no longer exists (see Copying).
            if code_of(error) == "NoSuchUpload" and existence.absent(self._calls, to) is False:
                raise PlaceTaken("Another object already exists at the key", to=str(to)) from error
            raise

    def _abort(self, place: dict[str, Any]) -> None:
        """Abort the upload. Errors are ignored, so that they do not hide the original error."""
        try:
            self._calls.raw("abort_multipart_upload", **place)
        except FOREIGN:
            return


def metadata_of(calls: Calls, place: Place) -> Mapping[str, str] | None:
    """The metadata of the object at a place; None if there is none. Raises: as ``ObjectStore.open``."""
    try:
        answer = calls.raw("head_object", **_key(place))
    except FOREIGN as error:
        meant = existence.about(calls, error, place)
        if isinstance(meant, ObjectGone):
            return None
        raise meant from error
    found: Mapping[str, str] = answer.get("Metadata", {})
    return found


def _why_not_put(error: Exception, to: Place) -> BucketliftError:
    meant = translate(error, str(to))
    if isinstance(meant, ObjectChanged):
        return PlaceTaken("Another object already exists at the key", to=str(to))
    if isinstance(meant, NotFound | ObjectGone):
        return NotFound(
            "The bucket does not exist", to=f"s3://{to.bucket}", hint="Correct its name, or create it."
        )
    return meant


def _key(place: Place) -> dict[str, Any]:
    return {"Bucket": place.bucket, "Key": place.key}


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
