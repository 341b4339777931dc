"""Translates boto3's errors into Bucketlift's errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, InvalidRegionError, ParamValidationError

from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    NeedsPerson,
    NotFound,
    ObjectArchived,
    ObjectChanged,
    ObjectEncrypted,
    ObjectGone,
    ObjectLocked,
    OurFault,
    RequestWrong,
    StoreUnavailable,
)
from bucketlift.stores.denials import LOCK_HINT, denial_hint, is_locked
from bucketlift.stores.regions import may_be_off
from bucketlift.stores.transport import NO_IDENTITY, PROXY, PROXY_ASKS, unreached
from bucketlift.stores.wording import with_answer

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})

MEANING: Mapping[str, type[BucketliftError]] = {
    "AccessDenied": AccessRefused,  # a right is missing, or the bucket belongs to another account
    "403": AccessRefused,  # like AccessDenied, for HEAD, whose answers have no body
    "Forbidden": AccessRefused,  # like AccessDenied, from some other stores
    "AllAccessDisabled": AccessRefused,  # the owner's account is suspended
    "AccountProblem": AccessRefused,  # the owner's account cannot be used
    "InvalidAccessKeyId": AccessRefused,  # no such key
    "InvalidClientTokenId": AccessRefused,  # like InvalidAccessKeyId, from STS
    "UnrecognizedClientException": AccessRefused,  # like InvalidAccessKeyId, from newer services
    "InvalidToken": AccessRefused,  # the session token does not belong to this key
    "SignatureDoesNotMatch": AccessRefused,  # the secret key does not belong to this access key
    "ExpiredToken": AccessRefused,  # even a newly assumed session has expired
    "RegionDisabledException": AccessRefused,  # the AWS account has not enabled the region
    "RequestTimeTooSkewed": AccessRefused,  # our clock is off by more than 15 minutes
    "KMS.DisabledException": AccessRefused,  # the key that the object is encrypted with is disabled
    "KMS.AccessDeniedException": AccessRefused,  # no right to use that key
    "KMS.KMSInvalidStateException": AccessRefused,  # the key awaits deletion or import
    "NoSuchBucket": NotFound,  # the name is wrong, or the bucket was removed
    "InvalidBucketName": NotFound,  # no bucket can have this name
    "NoSuchKey": ObjectGone,  # removed since it was listed
    "404": ObjectGone,  # like NoSuchKey, for HEAD
    "PreconditionFailed": ObjectChanged,  # other bytes are under the key
    "412": ObjectChanged,  # like PreconditionFailed, for HEAD
    "ObjectLocked": ObjectLocked,  # a write-once store, or a lock of the object
    "InvalidObjectState": ObjectArchived,  # in an archive tier
    "ObjectNotInActiveTierError": ObjectArchived,  # like InvalidObjectState, for a copy
    "PermanentRedirect": RequestWrong,  # the bucket is in another region
    "301": RequestWrong,  # like PermanentRedirect, for HEAD
    "AuthorizationHeaderMalformed": RequestWrong,  # signed for another region
    "IllegalLocationConstraintException": RequestWrong,  # the region's endpoint does not serve this bucket
    "KeyTooLongError": RequestWrong,  # more than 1,024 bytes of UTF-8
    "InvalidStorageClass": RequestWrong,  # the target does not support the source's storage class
    "PackedPolicyTooLarge": NeedsPerson,  # the session's tags leave no room for any of our policies
    "MalformedPolicyDocument": OurFault,  # the session policy that we wrote is invalid
    "NotImplemented": NeedsPerson,  # the store does not support a header or a call that we rely on
    "SlowDown": StoreUnavailable,  # throttled
    "Throttling": StoreUnavailable,  # throttled by STS
    "RequestTimeout": StoreUnavailable,  # the connection was too slow
    "ConditionalRequestConflict": StoreUnavailable,  # another client wrote to the key at the same moment (409)
    "OperationAborted": StoreUnavailable,  # another conditional call was in progress (409)
    "NoSuchUpload": StoreUnavailable,  # the upload no longer exists; a new one can be started
    "InvalidPart": StoreUnavailable,  # the upload lost a part; a new one can be started
}

WRONG_REGION = frozenset(
    {"PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
OWN_KEYS_REFUSED = EXPIRED | {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
PERMISSIONS: Mapping[str, str] = {
    "ListObjectsV2": "s3:ListBucket on the bucket",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "RestoreObject": "s3:RestoreObject",
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
"""The starts of error messages by which STS and similar services report that our clock is wrong."""
_CUSTOMER_KEY = re.compile(
    r"(?i)form of server[- ]side encryption|SSE-C\b|customer[- ]provided (?:encryption )?key|x-amz-server-side-encryption-customer"
)
_READING = frozenset({"GetObject", "HeadObject", "CopyObject", "UploadPartCopy"})
_SAYS_IT_ALL = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch"})
"""The error codes whose messages are left out, because the messages add no information. The messages of some
stores also contain the signed text.
"""
_DENIED = ("AccessDenied", "403", "Forbidden")

_CHECK_REGION = "Set the account's region to the bucket's{region}."
_REGION_OFF = (
    "The AWS account has not enabled this region. Enable it in the settings of the AWS account, or set the account's region to "
    "one that is enabled."
)
_UNKNOWN_KEY = "AWS does not know the access key: it was deleted or is misspelled, or a temporary key (ASIA...) came without its session token."
_OR_REGION_OFF = (
    "Another possible cause: the AWS account has not enabled the region{region}. In this case, `aws sts get-caller-identity "
    "--region us-east-1` succeeds with the same key. Enable the region in the settings of the AWS account, or set the account's region to one that is enabled."
)
_REGION = "Region asked"
_ASK = "Ask the store's operator which feature is missing; then retry the file."
_CLOCK = "Set this machine's clock: it is off by more than 15 minutes."
_TRUST = (
    "Check the role's ARN and its trust policy: it must allow sts:AssumeRole to Bucketlift's account "
    "with this account's external ID."
)
_NO_ROOM = (
    "The session tags and the policy that limits a session to its task are too large together. With EKS Pod Identity, turn them off "
    "(disableSessionTags on the association), or give Bucketlift its identity through a service account's role (IRSA)."
)
_MAY_ASSUME = (
    "Grant sts:AssumeRole on the role to Bucketlift's own AWS identity, in a policy of that identity."
)
_CHECK_NAMES = "Check the bucket's name, the account's region and the role's ARN."
_NO_BUCKET_THERE = "The bucket does not exist at this address. Check endpoint_url: neither its path nor its host may contain the bucket's name."


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def error_code(error: Exception) -> str:
    """The store's own error code. If the store did not answer, the name of the transport error."""
    return code_of(error) if isinstance(error, ClientError) else type(error).__name__


def message_of(error: Exception) -> str:
    """The store's own message. It is not filtered, so it may contain secrets."""
    response = error.response if isinstance(error, ClientError) else {}
    return str(response.get("Error", {}).get("Message", ""))


def action_named(error: Exception) -> str | None:
    """The missing permission that AWS's message names. AWS names it only to callers of the bucket's own
    organisation.
    """
    named = _ACTION.search(message_of(error))
    return None if named is None else named[1]


def denial_of(error: Exception) -> str | None:
    """What to do about a denied call if another permission of the role cannot help. None if one may help, or
    if the message is unclear.
    """
    return denial_hint(message_of(error), action_named(error))


def is_skewed(error: Exception) -> bool:
    """Whether the error means that our clock is wrong. S3 has an error code for this; STS has only a message."""
    if not isinstance(error, ClientError):
        return False
    return code_of(error) == "RequestTimeTooSkewed" or message_of(error).startswith(_SKEWED)


def translate(error: Exception, to: str) -> BucketliftError:
    """Translate a boto3 error. ``to`` names the object or bucket of the call. The store's words are added to
    our hint.
    """
    match error:
        case BucketliftError():
            return error
        case ClientError() if _status(error.response) == 407 or code_of(error) == "407":
            return NeedsPerson(PROXY_ASKS, to=to, hint=PROXY)
        case ClientError():
            translated = (
                _not_assumed(error, to) if error.operation_name == "AssumeRole" else _refused(error, to)
            )
            says_it_all = code_of(error) in _SAYS_IT_ALL or is_skewed(error)
            return (
                translated
                if says_it_all
                else type(translated)(
                    translated.what, to=translated.to, hint=with_answer(translated.hint, error)
                )
            )
        case ParamValidationError() | InvalidRegionError():
            return RequestWrong("The request is invalid", to=to, hint=_CHECK_NAMES)
        case BotoCoreError():
            return unreached(error, to)
        case _:
            return StoreUnavailable(f"The store's answer could not be read ({type(error).__name__})", to=to)


def _not_assumed(error: ClientError, to: str) -> BucketliftError:
    code = code_of(error)
    what = f"The role could not be assumed ({code})"
    if is_skewed(error):
        clock = f"The role could not be assumed: this machine's clock is wrong ({code})"
        return AccessRefused(clock, to=to, hint=_CLOCK)
    if code in OWN_KEYS_REFUSED:
        hint = unknown_key_hint(error, NO_IDENTITY) if code == "InvalidClientTokenId" else NO_IDENTITY
        return AccessRefused(f"Bucketlift's own identity was refused ({code})", to=to, hint=hint)
    if code == "RegionDisabledException":
        return AccessRefused(what, to=to, hint=_REGION_OFF)
    if code == "PackedPolicyTooLarge":
        return NeedsPerson(what, to=to, hint=_NO_ROOM)
    kind = MEANING.get(code) or _by_status(error.response)
    if kind in (AccessRefused, NeedsPerson):
        return AccessRefused(what, to=to, hint=_assume_hint(message_of(error), denial_of(error)))
    return kind(what, to=to)


def _assume_hint(message: str, denial: str | None) -> str:
    if "no identity-based policy" in message:
        return _MAY_ASSUME
    return _TRUST if denial is None or "no resource-based policy" in message else denial


def _refused(error: ClientError, to: str) -> BucketliftError:
    code, call = code_of(error), error.operation_name
    kind = MEANING.get(code) or _by_status(error.response)
    what = f"{call} was refused ({code})"
    if call in _READING and kind is not AccessRefused and _CUSTOMER_KEY.search(message_of(error)):
        return ObjectEncrypted(what, to=to)
    if kind is ObjectLocked or (call not in _READING and is_locked(message_of(error))):
        return ObjectLocked(what, to=to, hint=LOCK_HINT)
    if kind is AccessRefused:
        return AccessRefused(what, to=to, hint=denial_of(error) or _access_hint(error, code, call))
    if code in WRONG_REGION:
        return RequestWrong(what, to=to, hint=_CHECK_REGION.format(region=_region(error.response)))
    if kind is ObjectGone and call == "ListObjectsV2":
        return NotFound(what, to=to, hint=_NO_BUCKET_THERE)
    if kind is NotFound:
        return NotFound(what, to=to, hint=_CHECK_NAMES)
    if kind is NeedsPerson:
        return NeedsPerson(what, to=to, hint=_ASK)
    return kind(what, to=to)


def unknown_key_hint(error: ClientError, check: str) -> str:
    """The hint for an unknown access key. AWS gives the same answer if the key's account has not enabled the
    region.
    """
    region = str(error.response.get(_REGION, ""))
    if not may_be_off(region):
        return f"{_UNKNOWN_KEY} {check}"
    return f"{_UNKNOWN_KEY} {check} {_OR_REGION_OFF.format(region=f' {region}' if region else '')}"


def note_region(error: ClientError, region: str) -> None:
    """Add the call's region to the error, because the store's answer does not name the region."""
    error.response[_REGION] = region  # type: ignore[literal-required]


def _access_hint(error: ClientError, code: str, call: str) -> str:
    named = action_named(error)
    if code == "RequestTimeTooSkewed":
        return _CLOCK
    if code == "RegionDisabledException":
        return _REGION_OFF
    if code in ("InvalidToken", "InvalidClientTokenId"):
        return unknown_key_hint(error, "Check the account's keys.")
    if named is not None and named.startswith("kms:"):
        return f"Grant {named} on the bucket's KMS key, and check that the key is enabled."
    if code in _DENIED:
        return f"Grant {PERMISSIONS.get(call, 'the right to this call')}."
    if code.startswith("KMS."):
        return "Grant kms:Decrypt and kms:GenerateDataKey on the bucket's KMS key, and check that the key is enabled."
    return "Check the account's keys."


def _region(response: Mapping[str, Any]) -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region")
    return f": {region}" if region else ""


def _status(response: Mapping[str, Any]) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))


def _by_status(response: Mapping[str, Any]) -> type[BucketliftError]:
    status = _status(response)
    if status == 403:
        return AccessRefused
    return StoreUnavailable if status >= 500 or status in (200, 408, 409, 429) else NeedsPerson
