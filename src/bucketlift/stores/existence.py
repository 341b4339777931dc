"""Finds out which objects exist if an error alone does not show this."""

from __future__ import annotations

from botocore.exceptions import ClientError

from bucketlift.errors import AccessRefused, BucketliftError, NotFound, ObjectChanged, ObjectGone, PlaceTaken
from bucketlift.model.source import Place, SourceObject
from bucketlift.stores.answers import page_of
from bucketlift.stores.calls import Calls
from bucketlift.stores.translation import code_of, denial_of, translate

MISSING_TOO = (
    "S3 also gives this answer if the object does not exist and the role may not list its key. "
    "Grant s3:ListBucket with the prefix, then check whether the object exists."
)


def absent(calls: Calls, place: Place) -> bool | None:
    """Whether a listing shows that the key does not exist; None if we may not list, or if the answer is for
    another request.

    If the role may not know that a key is missing, S3 answers 403. A role whose ListBucket is limited to a
    prefix may get this answer for GET and DELETE, but may still list the key.
    """
    try:
        page = calls.raw("list_objects_v2", Bucket=place.bucket, Prefix=place.key, MaxKeys=1)
    except ClientError:
        return None
    try:
        listed = page_of(page, bucket=place.bucket, prefix=place.key)
    except BucketliftError:
        return None
    return all(entry.key != place.key for entry in listed.entries)


def about(calls: Calls, error: Exception, place: Place) -> BucketliftError:
    """Translate the error of a call about one object. A 403 may mean that the object does not exist, so a
    listing decides.
    """
    translated = translate(error, str(place))
    if not isinstance(translated, AccessRefused) or not isinstance(error, ClientError):
        return translated
    if error.operation_name == "AssumeRole" or code_of(error) not in ("AccessDenied", "403", "Forbidden"):
        return translated
    match absent(calls, place):
        case True:
            return ObjectGone("No object exists under the key", to=str(place))
        case None if denial_of(error) is None:
            return AccessRefused(translated.what, to=translated.to, hint=f"{translated.hint} {MISSING_TOO}")
        case _:
            return translated


def why_not_copied(calls: Calls, error: Exception, source: SourceObject, to: Place) -> BucketliftError:
    """Find out why a copy was refused: because of the source, the new key, or the new key's bucket."""
    translated = translate(error, f"{source} to {to}")
    if isinstance(translated, ObjectChanged):
        return _source_fault(calls, source) or PlaceTaken(
            "Another object already exists at the target key", to=str(to)
        )
    if isinstance(translated, NotFound | ObjectGone):
        return _source_fault(calls, source) or NotFound("The bucket does not exist", to=f"s3://{to.bucket}")
    if isinstance(translated, AccessRefused):
        return _source_fault(calls, source) or translated
    return translated


def _source_fault(calls: Calls, source: SourceObject) -> BucketliftError | None:
    """The error of HEAD for the source object; None if the object is still the pinned version."""
    try:
        calls.raw("head_object", Bucket=source.bucket, Key=source.key, IfMatch=f'"{source.etag}"')
    except ClientError as error:
        return about(calls, error, Place(bucket=source.bucket, key=source.key))
    return None
