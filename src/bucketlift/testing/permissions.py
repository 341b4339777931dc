"""The permissions that each S3 call needs, from the table of required permissions in the S3 user guide."""

from __future__ import annotations

from bucketlift.testing.policies import PermissionCheck
from bucketlift.testing.request import Request

_BUCKET_ACTIONS = {
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListBuckets": "s3:ListAllMyBuckets",
}
_KEY_ACTIONS = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts",
    "DeleteObject": "s3:DeleteObject",
    "GetObjectTagging": "s3:GetObjectTagging",
    "PutObjectTagging": "s3:PutObjectTagging",
    "DeleteObjectTagging": "s3:DeleteObjectTagging",
    "RestoreObject": "s3:RestoreObject",
}


def needed(request: Request, *, source_is_tagged: bool) -> list[PermissionCheck]:
    """The permissions that are checked before the call is executed. For DeleteObjects, each key is checked
    separately.
    """
    if request.operation in _BUCKET_ACTIONS:
        return [_on_bucket(request)]
    if request.operation not in _KEY_ACTIONS:
        return [_check(f"s3:{request.operation}", request.bucket)]
    asks = [_check(_KEY_ACTIONS[request.operation], request.bucket, request.key)]
    if request.copy_source is not None:
        asks += _on_source(request, *request.copy_source, tagged=source_is_tagged)
    if "x-amz-tagging" in request.headers:
        asks.append(_check("s3:PutObjectTagging", request.bucket, request.key))
    if request.operation == "DeleteObject" and "if-match" in request.headers:
        asks.append(_check("s3:GetObject", request.bucket, request.key))
    return asks


def missing_key_permission(bucket: str, key: str | None) -> PermissionCheck:
    """The permission that a caller needs to learn that a key is missing. If ``key`` is None, the prefix is
    unknown.
    """
    context = {} if key is None else {"s3:prefix": key}
    return PermissionCheck(action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}", context=context)


def _on_source(request: Request, bucket: str, key: str, *, tagged: bool) -> list[PermissionCheck]:
    asks = [_check("s3:GetObject", bucket, key)]
    if (
        tagged
        and request.operation == "CopyObject"
        and request.headers.get("x-amz-tagging-directive") != "REPLACE"
    ):
        asks.append(_check("s3:GetObjectTagging", bucket, key))
        asks.append(_check("s3:PutObjectTagging", request.bucket, request.key))
    return asks


def _on_bucket(request: Request) -> PermissionCheck:
    context = {
        f"s3:{name}": request.query[name]
        for name in ("prefix", "delimiter", "max-keys")
        if name in request.query
    }
    return PermissionCheck(
        action=_BUCKET_ACTIONS[request.operation], resource=f"arn:aws:s3:::{request.bucket}", context=context
    )


def _check(action: str, bucket: str, key: str = "") -> PermissionCheck:
    return PermissionCheck(
        action=action, resource=f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
    )
