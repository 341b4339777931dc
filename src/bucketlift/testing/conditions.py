"""Checks the preconditions of writing calls, before moto gets the call, because moto ignores half of them.

Reference: the S3 user guide's chapter on conditional requests.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bucketlift.model.source import Precondition
from bucketlift.testing.answer import Answer, refusal
from bucketlift.testing.request import Request

EtagOf = Callable[[str, str], str | None]

HEADERS = frozenset({"if-match", "if-none-match", "x-amz-copy-source-if-match"})
"""Headers that are removed from a call before moto gets the call, because this module has checked these
headers already.
"""

_SOURCE = {"CopyObject": Precondition.COPY_SOURCE, "UploadPartCopy": Precondition.PART_COPY_SOURCE}
_CREATE = {
    "CopyObject": Precondition.COPY_CREATE,
    "CompleteMultipartUpload": Precondition.COMPLETE_CREATE,
    "PutObject": Precondition.PUT_CREATE,
}


def failed(request: Request, etag_of: EtagOf, ignored: Collection[Precondition]) -> Answer | None:
    """The answer that refuses the first failed precondition; None if no precondition fails, apart from those
    in ``ignored``.
    """
    if request.copy_source is not None:
        refused = _source_failed(request, etag_of, ignored)
        if refused is not None:
            return refused
    if request.operation in _CREATE and _CREATE[request.operation] not in ignored:
        return _create_failed(request, etag_of)
    if request.operation == "DeleteObject" and Precondition.DELETE not in ignored:
        return _match_failed(request, etag_of)
    return None


def _source_failed(request: Request, etag_of: EtagOf, ignored: Collection[Precondition]) -> Answer | None:
    assert request.copy_source is not None  # noqa: S101 - the caller looked
    bucket, key = request.copy_source
    present = etag_of(bucket, key)
    expected = request.headers.get("x-amz-copy-source-if-match")
    if present is None:
        return missing(key)
    if expected is None or _SOURCE[request.operation] in ignored or _same(expected, present):
        return None
    return _precondition("x-amz-copy-source-If-Match")


def _create_failed(request: Request, etag_of: EtagOf) -> Answer | None:
    if request.headers.get("if-none-match") == "*" and etag_of(request.bucket, request.key) is not None:
        return _precondition("If-None-Match")
    return _match_failed(request, etag_of)


def _match_failed(request: Request, etag_of: EtagOf) -> Answer | None:
    expected = request.headers.get("if-match")
    if expected is None:
        return None
    present = etag_of(request.bucket, request.key)
    if present is None:
        return missing(request.key)
    return None if _same(expected, present) else _precondition("If-Match")


def missing(key: str) -> Answer:
    return refusal(404, "NoSuchKey", "The specified key does not exist.", Key=key)


def _same(expected: str, present: str) -> bool:
    return expected == "*" or expected.strip('"') == present


def _precondition(name: str) -> Answer:
    message = "At least one of the pre-conditions you specified did not hold"
    return refusal(412, "PreconditionFailed", message, Condition=name)
