"""S3, STS and IAM, as strict as in AWS. This module checks permissions, preconditions and unusual keys; moto
does the rest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bucketlift.model.source import Precondition
from bucketlift.testing import conditions, listings, permissions
from bucketlift.testing.answer import Answer, denied, query_refusal, refusal
from bucketlift.testing.backing import Backing, moto_lock
from bucketlift.testing.callers import Caller, Callers
from bucketlift.testing.deletions import combined, named_objects
from bucketlift.testing.persistence import StateFile
from bucketlift.testing.request import Request
from bucketlift.testing.roles import Roles
from bucketlift.testing.signature import is_signed_by, signed_at
from bucketlift.testing.spelling import too_long
from bucketlift.testing.sts import SecurityTokenService
from bucketlift.testing.translation import headers_inside, outside, path_inside, query_inside

_READS_ONE = frozenset({"GetObject", "HeadObject", "GetObjectTagging"})
_WRITES_ONE = frozenset(
    {
        "PutObject",
        "CopyObject",
        "CompleteMultipartUpload",
        "DeleteObject",
        "PutObjectTagging",
        "DeleteObjectTagging",
    }
)
_OF_AN_UPLOAD = frozenset(
    {"UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts"}
)
_CONDITIONAL = frozenset(
    {"PutObject", "CopyObject", "UploadPartCopy", "CompleteMultipartUpload", "DeleteObject"}
)
_OWNER_HEADERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")


SKEW = timedelta(minutes=15)


class StrictStore:
    def __init__(
        self,
        backing: Backing,
        callers: Callers,
        *,
        weak: Collection[Precondition],
        hides_missing: bool,
        state: StateFile | None,
    ) -> None:
        self._backing = backing
        self._callers = callers
        self._weak = weak
        self._hides_missing = hides_missing
        self._state = state
        self.ahead = timedelta(0)
        """The time by which this server's clock is ahead of the machine's clock."""
        self.requester_pays: set[str] = set()
        """Buckets that refuse callers who do not agree to pay."""
        self.roles = Roles(backing, state)
        self.sts = SecurityTokenService(backing.account, callers, self.roles.get)

    def answer(self, request: Request) -> Answer:
        """Answer a request from outside, with a Date header from this server's clock."""
        answer = self._answer(request)
        return replace(answer, headers={**answer.headers, "date": format_datetime(self._now(), usegmt=True)})

    def _now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def _answer(self, request: Request) -> Answer:
        """Answer a request. The request is refused if no known caller has signed it."""
        said = refusal if request.service == "s3" else query_refusal
        caller = self._callers.get(request.access_key)
        if caller is None:
            code = "InvalidAccessKeyId" if request.service == "s3" else "InvalidClientTokenId"
            return said(403, code, "The access key does not exist in our records.")
        if not is_signed_by(caller, request):
            return said(403, "SignatureDoesNotMatch", "The signature is not the one that we calculated.")
        if abs(self._now() - signed_at(request)) > SKEW:
            return _skewed(request)
        if caller.token != request.token:
            return said(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        if caller.expired(datetime.now(UTC)):
            return said(400 if request.service == "s3" else 403, "ExpiredToken", "The token has expired.")
        return self.carry_out(request, caller)

    def carry_out(
        self, request: Request, caller: Caller, weak: Collection[Precondition] | None = None
    ) -> Answer:
        """Execute a request of a caller. ``weak`` replaces the preconditions that this store ignores."""
        if request.service != "s3":
            return self._query_service(request, caller)
        if request.operation == "DeleteObjects":
            return self._delete_each(request, caller)
        with moto_lock:  # so that a precondition and its effect are atomic
            refused = self._refused(request, caller, self._weak if weak is None else weak)
            return refused or self._carried_out(request)

    # STS and IAM

    def _query_service(self, request: Request, caller: Caller) -> Answer:
        if request.service == "sts":
            return self.sts.answer(request.form, caller)
        if caller.grants is not None:
            return query_refusal(403, "AccessDenied", f"User: {caller.arn} is not authorized")
        return self.roles.call(request.form)

    # S3

    def _refused(self, request: Request, caller: Caller, weak: Collection[Precondition]) -> Answer | None:
        backing = self._backing
        if too_long(request.key):
            return refusal(400, "KeyTooLongError", "Your key is too long")
        for header in _OWNER_HEADERS:
            if request.headers.get(header, backing.account) != backing.account:
                return denied()
        asked = {request.bucket, (request.copy_source or ("",))[0]}
        if asked & self.requester_pays and request.headers.get("x-amz-request-payer") != "requester":
            return denied()
        for ask in permissions.needed(request, source_is_tagged=self._source_is_tagged(request)):
            if not caller.may(ask):
                return denied(
                    f'User: {caller.arn} is not authorized to perform: {ask.action} on resource: "{ask.resource}"'
                )
        return (
            self._no_such(request)
            or self._hidden(request, caller)
            or conditions.failed(request, self._backing.etag, weak)
        )

    def _source_is_tagged(self, request: Request) -> bool:
        return request.copy_source is not None and self._backing.is_tagged(*request.copy_source)

    def _no_such(self, request: Request) -> Answer | None:
        region = self._backing.buckets().get(request.bucket)
        if request.operation in ("ListBuckets", "CreateBucket"):
            return None
        if region is None:
            return refusal(
                404, "NoSuchBucket", "The specified bucket does not exist", BucketName=request.bucket
            )
        if request.region != region:
            message = f"The authorization header is malformed; the region '{request.region}' is wrong; expecting '{region}'"
            wrong = refusal(400, "AuthorizationHeaderMalformed", message, Region=region)
            return replace(wrong, headers={**wrong.headers, "x-amz-bucket-region": region})
        if request.operation in _OF_AN_UPLOAD and not self._backing.has_upload(
            request.bucket, request.query.get("uploadId", "")
        ):
            return refusal(404, "NoSuchUpload", "The specified upload does not exist.")
        return None

    def _hidden(self, request: Request, caller: Caller) -> Answer | None:
        """The answer 403 in place of 404, if the caller may not know that a key is missing; otherwise None."""
        asked = request.copy_source
        if request.operation in _READS_ONE or (
            request.operation == "DeleteObject" and "if-match" in request.headers
        ):
            asked = (request.bucket, request.key)
        if asked is None or self._backing.etag(*asked) is not None:
            return None
        bucket, key = asked
        seen = caller.may(permissions.missing_key_permission(bucket, None if self._hides_missing else key))
        return None if seen else denied()

    def _carried_out(self, request: Request) -> Answer:
        headers = headers_inside(request)
        if request.operation in _CONDITIONAL:
            headers = {name: value for name, value in headers.items() if name not in conditions.HEADERS}
        answer = self._backing.call(
            "s3",
            request.method,
            path_inside(request.bucket, request.key),
            query=query_inside(request),
            headers=headers,
            body=request.body,
        )
        if self._state is not None and answer.succeeded:
            self._keep(self._state, request)
        if request.operation == "ListObjectsV2" and answer.succeeded:
            answer = listings.completed(request, answer, self._backing)
        return outside(request, answer)

    def _keep(self, state: StateFile, request: Request) -> None:
        if request.operation == "CreateBucket":
            state.put_bucket(request.bucket, self._backing.buckets()[request.bucket])
        elif request.operation == "DeleteBucket":
            state.drop_bucket(request.bucket)
        elif request.operation in _WRITES_ONE:
            stored = self._backing.stored(request.bucket, request.key)
            if stored is None:
                state.drop_object(request.bucket, request.key)
            else:
                state.put_object(request.bucket, request.key, stored)

    def _delete_each(self, request: Request, caller: Caller) -> Answer:
        """Execute DeleteObjects like a DeleteObject call for each key, with a separate permission and
        precondition.
        """
        answers = []
        looks = Precondition.DELETE_EACH not in self._weak
        for key, etag in named_objects(request.body):
            headers = {**request.headers, **({"if-match": etag} if etag and looks else {})}
            one = replace(
                request,
                method="DELETE",
                operation="DeleteObject",
                key=key,
                headers=headers,
                query={},
                body=b"",
            )
            answers.append((key, self.carry_out(one, caller, ())))
        return combined(answers)


def _skewed(request: Request) -> Answer:
    if request.service == "s3":
        message = "The difference between the request time and the current time is too large."
        return refusal(403, "RequestTimeTooSkewed", message)
    message = "Signature expired: the request's time is too far from the current time."
    return query_refusal(403, "SignatureDoesNotMatch", message)
