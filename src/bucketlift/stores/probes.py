"""Tests whether the store obeys the preconditions on which we rely. Uses only our own keys and objects."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from botocore.exceptions import ClientError

from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    ObjectChanged,
    ObjectGone,
    StoreUnavailable,
)
from bucketlift.model.source import Honoured, Place, Precondition
from bucketlift.stores.answers import text_of
from bucketlift.stores.calls import FOREIGN, Calls
from bucketlift.stores.deleting import refusal
from bucketlift.stores.translation import MEANING, code_of, translate

WRONG_ETAG = '"00000000000000000000000000000000"'
FAILED = frozenset({"PreconditionFailed"})
UNKNOWN_TO_THE_STORE = "NotImplemented"
"""The error code with which some stores refuse an unknown header (501). Then no object is lost, but the store
does not support the precondition.
"""

CONTENT = b"Bucketlift made this object to see whether the store honours preconditions. It may be deleted.\n"


class Probes:
    """Tests preconditions. AWS documents that a 404 for a conditional delete means that the condition was
    checked; other stores are tested with an object.
    """

    def __init__(self, calls: Calls, *, is_aws: bool) -> None:
        self._calls = calls
        self._is_aws = is_aws

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        """Whether the store obeys the precondition. Raises the usual errors if the store neither executes nor
        refuses the call.
        """
        ask = self._questions()[precondition]
        try:
            return ask(at)
        except FOREIGN as error:
            translated = translate(error, f"s3://{at.bucket}/{at.key}")
            denied = (
                isinstance(translated, AccessRefused) and getattr(error, "operation_name", "") != "AssumeRole"
            )
            if denied:
                return Honoured.DENIED
            raise translated from error

    def _questions(self) -> dict[Precondition, Callable[[Place], Honoured]]:
        return {
            Precondition.DELETE: self._delete,
            Precondition.DELETE_EACH: self._delete_each,
            Precondition.COPY_SOURCE: self._copy_source,
            Precondition.COPY_CREATE: self._copy_create,
            Precondition.PUT_CREATE: self._put_create,
            Precondition.PART_COPY_SOURCE: self._part_copy_source,
            Precondition.COMPLETE_CREATE: self._complete_create,
        }

    def _delete(self, at: Place) -> Honoured:
        """Test a delete with an ETag, first of a key that never existed. If the answer proves nothing, test
        with an object of our own.

        412 proves that the condition was checked. 404 proves it on AWS, where a delete of such a key without
        a condition returns 204; another store may return 404 for any delete of a missing key. A store that
        first checks whether the object exists may return 204. In the last two cases an object is written,
        which must survive a delete with another ETag.
        """
        try:
            self._calls.raw("delete_object", **random_place(at), IfMatch=WRONG_ETAG)
        except ClientError as error:
            if code_of(error) in FAILED or (self._is_aws and code_of(error) == "NoSuchKey"):
                return Honoured.YES
            if code_of(error) == UNKNOWN_TO_THE_STORE:
                return Honoured.NO
            if code_of(error) != "NoSuchKey":
                raise
        return Honoured.NO if self._is_aws else self._delete_present(at)

    def _delete_present(self, at: Place) -> Honoured:
        return self._with_object(
            at, lambda place: self._answered("delete_object", {**place, "IfMatch": WRONG_ETAG})
        )

    def _delete_each(self, at: Place) -> Honoured:
        """Test DeleteObjects with an ETag per key, like ``_delete``. The answer is 200, with a result for
        each key.

        If a store refuses this call, nothing is lost: its objects are deleted one by one.
        """
        refusal_of_key = self._refusal_of_key(random_place(at))
        if isinstance(refusal_of_key, ObjectChanged) or (
            self._is_aws and isinstance(refusal_of_key, ObjectGone)
        ):
            return Honoured.YES
        if isinstance(refusal_of_key, AccessRefused):
            return Honoured.DENIED
        if self._is_aws or not (refusal_of_key is None or isinstance(refusal_of_key, ObjectGone)):
            return Honoured.NO
        return self._with_object(at, self._spared)

    def _spared(self, place: dict[str, str]) -> Honoured:
        return Honoured.YES if isinstance(self._refusal_of_key(place), ObjectChanged) else Honoured.NO

    def _refusal_of_key(self, place: dict[str, str]) -> BucketliftError | None:
        """The error for the one key that was not deleted, or for a call that the store does not support; None
        if the key was deleted.
        """
        named = {"Objects": [{"Key": place["Key"], "ETag": WRONG_ETAG}]}
        try:
            answer = self._calls.raw("delete_objects", Bucket=place["Bucket"], Delete=named)
        except ClientError as error:
            translated = translate(error, "")
            if code_of(error) != UNKNOWN_TO_THE_STORE and (
                code_of(error) in MEANING or not isinstance(translated, NeedsPerson)
            ):
                raise
            return translated
        refused = answer.get("Errors", ())
        refusal_of_key = refusal(refused[0], place["Bucket"]) if refused else None
        if isinstance(refusal_of_key, StoreUnavailable):
            raise refusal_of_key
        return refusal_of_key

    def _with_object(self, at: Place, ask: Callable[[dict[str, str]], Honoured]) -> Honoured:
        """Write an object of our own, and return the result of ``ask`` with it. If no object may be written,
        the store counts as not supporting the precondition.
        """
        with ExitStack() as stack:
            try:
                place = stack.enter_context(self._object(at))
            except ClientError as error:
                if isinstance(translate(error, ""), AccessRefused):
                    return Honoured.NO
                raise
            return ask(place)

    def _copy_source(self, at: Place) -> Honoured:
        with self._object(at) as present, self._place(at) as target:
            pinned = {"CopySource": present, "CopySourceIfMatch": WRONG_ETAG}
            return self._answered("copy_object", {**target, **pinned})

    def _copy_create(self, at: Place) -> Honoured:
        with self._object(at) as present, self._object(at) as taken:
            return self._answered("copy_object", {**taken, "CopySource": present, "IfNoneMatch": "*"})

    def _put_create(self, at: Place) -> Honoured:
        with self._place(at) as place:
            create = {**place, "Body": CONTENT, "IfNoneMatch": "*"}
            try:
                self._calls.raw("put_object", **create)
            except ClientError as error:
                if code_of(error) == UNKNOWN_TO_THE_STORE:
                    return Honoured.NO
                raise
            return self._answered("put_object", create)

    def _part_copy_source(self, at: Place) -> Honoured:
        with self._object(at) as present, self._upload(at) as upload:
            pinned = {"CopySource": present, "CopySourceIfMatch": WRONG_ETAG}
            return self._answered("upload_part_copy", {**upload, "PartNumber": 1, **pinned})

    def _complete_create(self, at: Place) -> Honoured:
        with self._object(at) as taken, self._upload(at, taken) as upload:
            part = self._calls.raw("upload_part", **upload, PartNumber=1, Body=CONTENT)
            parts = {"Parts": [{"PartNumber": 1, "ETag": text_of(part, "ETag")}]}
            arguments = {**upload, "MultipartUpload": parts, "IfNoneMatch": "*"}
            return self._answered("complete_multipart_upload", arguments)

    def _answered(self, operation: str, arguments: dict[str, Any]) -> Honoured:
        try:
            self._calls.raw(operation, **arguments)
        except ClientError as error:
            if code_of(error) in FAILED:
                return Honoured.YES
            if code_of(error) == UNKNOWN_TO_THE_STORE:
                return Honoured.NO
            raise
        return Honoured.NO

    @contextmanager
    def _object(self, at: Place) -> Iterator[dict[str, str]]:
        with self._place(at) as place:
            self._calls.raw("put_object", **place, Body=CONTENT)
            yield place

    @contextmanager
    def _place(self, at: Place) -> Iterator[dict[str, str]]:
        """Yield a random key. At the end of the block, an object that was written there is deleted. If the role
        may not delete, it stays.
        """
        place = random_place(at)
        try:
            yield place
        finally:
            try_call(self._calls, "delete_object", **place)

    @contextmanager
    def _upload(self, at: Place, place: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
        place = place or random_place(at)
        upload = {
            **place,
            "UploadId": text_of(self._calls.raw("create_multipart_upload", **place), "UploadId"),
        }
        try:
            yield upload
        finally:
            try_call(self._calls, "abort_multipart_upload", **upload)


def try_call(calls: Calls, operation: str, **arguments: Any) -> None:
    """Make a call that deletes what a probe wrote. Errors are ignored."""
    try:
        calls.raw(operation, **arguments)
    except FOREIGN:
        return


def random_place(at: Place) -> dict[str, str]:
    return {"Bucket": at.bucket, "Key": f"{at.key}.bucketlift/{secrets.token_hex(8)}"}
