"""Checks whether objects in archive tiers can be read, and requests their restore."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from bucketlift.model.source import Place, Restore, SourceObject
from bucketlift.stores import existence
from bucketlift.stores.answers import ARCHIVE_TIERS
from bucketlift.stores.calls import FOREIGN, Calls
from bucketlift.stores.translation import code_of, translate

_ON_ITS_WAY = "RestoreAlreadyInProgress"


def readable(calls: Calls, source: SourceObject) -> bool:
    """Whether a pinned object can be read. HEAD shows whether the object is outside the archive tiers, or
    restored.
    """
    try:
        head = calls.raw("head_object", Bucket=source.bucket, Key=source.key, IfMatch=f'"{source.etag}"')
    except FOREIGN as error:
        raise existence.about(calls, error, Place(bucket=source.bucket, key=source.key)) from error
    return is_readable(head)


def is_readable(head: dict[str, Any]) -> bool:
    if 'ongoing-request="false"' in str(head.get("Restore", "")):
        return True
    return head.get("StorageClass") not in ARCHIVE_TIERS and "ArchiveStatus" not in head


def restore(calls: Calls, source: SourceObject, restore_settings: Restore) -> None:
    """Request a restore. A repeated request is no error; its only effect is the cost of the restore.

    Raises: the errors of every call.
    """
    try:
        calls.raw(
            "restore_object",
            Bucket=source.bucket,
            Key=source.key,
            RestoreRequest=restore_request(restore_settings),
        )
    except ClientError as error:
        if code_of(error) != _ON_ITS_WAY:
            raise translate(error, str(source)) from error
    except FOREIGN as error:
        raise translate(error, str(source)) from error


def restore_request(restore_settings: Restore) -> dict[str, Any]:
    return {"Days": restore_settings.days, "GlacierJobParameters": {"Tier": restore_settings.tier.value}}
