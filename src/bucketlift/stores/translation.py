"""Errors of boto3 into ours, once, at the border."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    NotFound,
    ObjectArchived,
    ObjectChanged,
    ObjectGone,
    OurFault,
    RequestWrong,
    StoreUnavailable,
)

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})

MEANING: Mapping[str, type[BucketliftError]] = {
    "AccessDenied": AccessRefused,  # a right is missing, or the bucket belongs to somebody else
    "403": AccessRefused,  # the same in an answer to HEAD, which has no body
    "Forbidden": AccessRefused,  # the same, as some stores word it
    "AllAccessDisabled": AccessRefused,  # the owner's account is suspended
    "AccountProblem": AccessRefused,  # the owner's account cannot be used
    "InvalidAccessKeyId": AccessRefused,  # no such key
    "InvalidClientTokenId": AccessRefused,  # no such key, as STS words it
    "UnrecognizedClientException": AccessRefused,  # no such key, as newer services word it
    "InvalidToken": AccessRefused,  # the session token is not of this key
    "SignatureDoesNotMatch": AccessRefused,  # the secret key is not of this access key
    "ExpiredToken": AccessRefused,  # even a session assumed anew has ended
    "RequestTimeTooSkewed": AccessRefused,  # our clock is off by more than 15 minutes
    "KMS.DisabledException": AccessRefused,  # the key that the object is encrypted with is disabled
    "KMS.AccessDeniedException": AccessRefused,  # no right to that key
    "KMS.KMSInvalidStateException": AccessRefused,  # the key awaits deletion or import
    "NoSuchBucket": NotFound,  # the name is wrong, or the bucket was removed
    "InvalidBucketName": NotFound,  # no bucket can have this name
    "NoSuchKey": ObjectGone,  # removed since it was listed
    "404": ObjectGone,  # the same in an answer to HEAD
    "PreconditionFailed": ObjectChanged,  # other bytes are under the key
    "412": ObjectChanged,  # the same in an answer to HEAD
    "InvalidObjectState": ObjectArchived,  # in an archive tier
    "ObjectNotInActiveTierError": ObjectArchived,  # the same, said to a copy
    "PermanentRedirect": RequestWrong,  # the bucket is in another region
    "301": RequestWrong,  # the same in an answer to HEAD
    "AuthorizationHeaderMalformed": RequestWrong,  # signed for another region
    "IllegalLocationConstraintException": RequestWrong,  # the region's endpoint does not serve this bucket
    "KeyTooLongError": RequestWrong,  # more than 1,024 bytes of UTF-8
    "InvalidStorageClass": RequestWrong,  # the target does not know the source's storage class
    "PackedPolicyTooLarge": OurFault,  # the session policy that we made is too long
    "MalformedPolicyDocument": OurFault,  # the session policy that we made is wrong
    "NotImplemented": NeedsPerson,  # the store does not know a header or a call that we rely on
    "SlowDown": StoreUnavailable,  # throttled
    "Throttling": StoreUnavailable,  # throttled, as STS words it
    "RequestTimeout": StoreUnavailable,  # the connection was too slow
    "ConditionalRequestConflict": StoreUnavailable,  # somebody wrote to the key at the same moment (409)
    "OperationAborted": StoreUnavailable,  # another conditional call was under way (409)
    "NoSuchUpload": StoreUnavailable,  # the upload ended under us; a new one can be begun
    "InvalidPart": StoreUnavailable,  # the upload lost a part; a new one can be begun
}

WRONG_REGION = frozenset(
    {"PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
OWN_KEYS_REFUSED = EXPIRED | {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
NO_IDENTITY_FOUND = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    CredentialRetrievalError,
    TokenRetrievalError,
)

PERMISSIONS: Mapping[str, str] = {
    "ListObjectsV2": "s3:ListBucket on the bucket",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "GetObjectTagging": "s3:GetObjectTagging",
    "CopyObject": "s3:GetObject on the source and s3:PutObject on the copy (and, for tagged objects, s3:GetObjectTagging and s3:PutObjectTagging)",
    "CreateMultipartUpload": "s3:PutObject (and, for tagged objects, s3:PutObjectTagging)",
    "UploadPartCopy": "s3:GetObject on the source and s3:PutObject on the copy",
    "CompleteMultipartUpload": "s3:PutObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject and s3:GetObject",
    "DeleteObjects": "s3:DeleteObject and s3:GetObject",
}

_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")
_SKEWED = ("Signature expired", "Signature not yet current")
"""How STS and other query services begin to say that a request's time is too far from theirs."""

_CHECK_REGION = "Set the account's region to the bucket's{region}."
_CLOCK = "Set this machine's clock: it is off by more than 15 minutes."
_TRUST = (
    "Check the role's ARN and its trust policy: it must allow sts:AssumeRole to Bucketlift's account "
    "with this account's external id."
)
_CHECK_NAMES = "Check the bucket's name, the account's region and the role's ARN."
_CHECK_ENDPOINT = "Check the account's region or endpoint, and this machine's network."
NO_IDENTITY = "Give Bucketlift an AWS identity of its own (AWS_PROFILE, AWS_ACCESS_KEY_ID, an instance role)."


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def error_code(error: Exception) -> str:
    """The store's own code of a refusal, or the name of what went wrong on the way."""
    return code_of(error) if isinstance(error, ClientError) else type(error).__name__


def action_named(error: Exception) -> str | None:
    """The action that AWS's message says is missing; it names one only to callers of the bucket's own organisation."""
    if not isinstance(error, ClientError):
        return None
    named = _ACTION.search(str(error.response.get("Error", {}).get("Message", "")))
    return None if named is None else named[1]


def is_skewed(error: Exception) -> bool:
    """Whether our clock is off: S3 has a code for it, STS only a message."""
    if not isinstance(error, ClientError):
        return False
    message = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) == "RequestTimeTooSkewed" or message.startswith(_SKEWED)


def ours(error: Exception, to: str) -> BucketliftError:
    """What a boto3 error means to us. ``to`` names what the call was about."""
    match error:
        case BucketliftError():
            return error
        case ClientError() if error.operation_name == "AssumeRole":
            return _not_assumed(error, to)
        case ClientError():
            return _refused(error, to)
        case _ if isinstance(error, NO_IDENTITY_FOUND):
            return AccessRefused("There are no credentials to sign with", to=to, hint=NO_IDENTITY)
        case ParamValidationError() | InvalidRegionError():
            return RequestWrong("The request cannot be made", to=to, hint=_CHECK_NAMES)
        case EndpointConnectionError():
            return StoreUnavailable("The store could not be reached", to=to, hint=_CHECK_ENDPOINT)
        case BotoCoreError():
            return StoreUnavailable(f"The store could not be reached ({type(error).__name__})", to=to)
        case _:
            return StoreUnavailable(f"The store's answer could not be read ({type(error).__name__})", to=to)


def _not_assumed(error: ClientError, to: str) -> BucketliftError:
    code = code_of(error)
    if is_skewed(error):
        return AccessRefused(
            f"The role could not be assumed: this machine's clock is wrong ({code})", to=to, hint=_CLOCK
        )
    if code in OWN_KEYS_REFUSED:
        return AccessRefused(f"Bucketlift's own identity was refused ({code})", to=to, hint=NO_IDENTITY)
    kind = MEANING.get(code) or _by_status(error.response)
    if kind in (AccessRefused, NeedsPerson):
        return AccessRefused(f"The role could not be assumed ({code})", to=to, hint=_TRUST)
    return kind(f"The role could not be assumed ({code})", to=to)


def _refused(error: ClientError, to: str) -> BucketliftError:
    code, call = code_of(error), error.operation_name
    kind = MEANING.get(code) or _by_status(error.response)
    what = f"{call} was refused ({code})"
    if kind is AccessRefused:
        return AccessRefused(what, to=to, hint=_access_hint(code, call, action_named(error)))
    if code in WRONG_REGION:
        return RequestWrong(what, to=to, hint=_CHECK_REGION.format(region=_region(error.response)))
    if kind is NotFound:
        return NotFound(what, to=to, hint=_CHECK_NAMES)
    return kind(what, to=to)


def _access_hint(code: str, call: str, named: str | None) -> str:
    if code == "RequestTimeTooSkewed":
        return _CLOCK
    if named is not None and named.startswith("kms:"):
        return f"Grant {named} on the bucket's key, and see that it is enabled."
    if code in ("AccessDenied", "403", "Forbidden"):
        return f"Grant {PERMISSIONS.get(call, 'the right to this call')}."
    if code.startswith("KMS."):
        return "Grant kms:Decrypt and kms:GenerateDataKey on the bucket's key, and see that it is enabled."
    return "Check the account's keys."


def _region(response: Mapping[str, Any]) -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    return f": {region}" if region else ""


def _by_status(response: Mapping[str, Any]) -> type[BucketliftError]:
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    if status == 403:
        return AccessRefused
    return StoreUnavailable if status >= 500 or status in (200, 408, 409, 429) else NeedsPerson
