"""The doctor's checks of the place to which files are moved: writing, reading back, refusal to overwrite,
tags, and copies in parts.
"""

from __future__ import annotations

from bucketlift.model.finding import Health
from bucketlift.model.source import Honoured, ListedObject, Place, Precondition, Selection
from bucketlift.model.workflow import Move, Rename
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.random_key import HIDDEN
from bucketlift.stores.doctor.source import ignored
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.probes import CONTENT, random_place

_COPIES: tuple[tuple[str, Precondition, str, str], ...] = (
    (
        "copy source",
        Precondition.COPY_SOURCE,
        "CopyObject",
        "x-amz-copy-source-if-match",
    ),
    ("copy create", Precondition.COPY_CREATE, "CopyObject", "If-None-Match"),
    (
        "part source",
        Precondition.PART_COPY_SOURCE,
        "UploadPartCopy",
        "x-amz-copy-source-if-match",
    ),
    (
        "part create",
        Precondition.COMPLETE_CREATE,
        "CompleteMultipartUpload",
        "If-None-Match",
    ),
)
TAGS = "bucketlift=probe"


def check_archive(
    visit: Visit, selection: Selection, action: Move | Rename, sample: ListedObject | None
) -> None:
    at = _place(selection, action)
    _listing(visit, _target(selection, action))
    if _writing(visit, at):
        _tags_written(visit, at)
        _copies(visit, at)
        _parts(visit, at)
    if sample is not None:
        _tags_read(visit, selection, sample)


def _place(selection: Selection, action: Move | Rename) -> Place:
    """The bucket of the probe objects, and the prefix of their keys."""
    if isinstance(action, Move):
        return Place(bucket=action.bucket, key=action.prefix)
    return Place(bucket=selection.bucket, key=selection.prefix)


def _target(selection: Selection, action: Move | Rename) -> Place:
    """The bucket of the copies, and the prefix of their keys."""
    if isinstance(action, Move):
        return Place(bucket=action.bucket, key=action.prefix + selection.prefix)
    folder, slash, rest = selection.prefix.rpartition("/")
    return Place(bucket=selection.bucket, key=f"{folder}{slash}{action.prefix if rest else ''}{rest}")


def _listing(visit: Visit, target: Place) -> None:
    right = f"s3:ListBucket on bucket {target.bucket} with s3:prefix {target.key}*"
    page = visit.ask(
        "archive list",
        right,
        str(target),
        "list_objects_v2",
        Bucket=target.bucket,
        Prefix=target.key,
        MaxKeys=1,
    )
    if page is not None:
        visit.ok("archive list", f"Keys under {target}")


def _writing(visit: Visit, at: Place) -> bool:
    """Whether a probe object could be written. The object is read back and deleted."""
    place, below = random_place(at), f"{at}.bucketlift/"
    right = f"s3:PutObject on {at.bucket}/{at.key}*"
    answer = visit.ask("archive put", right, below, "put_object", **place, Body=CONTENT)
    if answer is None:
        return False
    visit.ok("archive put", f"A probe object below {below}")
    if str(answer.get("ServerSideEncryption", "")).startswith("aws:kms"):
        visit.ok("archive kms", f"The KMS key of bucket {at.bucket} can encrypt")
    right = f"s3:GetObject on {at.bucket}/{at.key}*: copies are read back before the original is deleted"
    back = visit.ask("archive get", right, below, "get_object", **place)
    if back is not None:
        back["Body"].close()
        visit.ok("archive get", "The probe object was read back")
    _removed(visit, place, below)
    return True


def _removed(visit: Visit, place: dict[str, str], below: str) -> None:
    try:
        visit.raw("delete_object", **place)
    except FOREIGN:
        visit.add_finding(
            "clean-up",
            Health.WARNING,
            f"Probe objects stay below {below}: Bucketlift may not delete them",
            "Delete them, or grant s3:DeleteObject there.",
        )


def _tags_written(visit: Visit, at: Place) -> None:
    place = random_place(at)
    try:
        visit.raw("put_object", **place, Body=CONTENT, Tagging=TAGS)
    except FOREIGN as error:
        _untaggable(visit, "tags write", error, str(at), f"s3:PutObjectTagging on {at.bucket}/{at.key}*")
        return
    visit.ok("tags write", "A probe object with a tag")
    _quietly_removed(visit, place)


def _tags_read(visit: Visit, selection: Selection, sample: ListedObject) -> None:
    place = {"Bucket": selection.bucket, "Key": sample.key}
    to = f"s3://{selection.bucket}/{sample.key}"
    try:
        visit.raw("get_object_tagging", **place)
    except FOREIGN as error:
        right = f"s3:GetObjectTagging on {selection.bucket}/{selection.prefix}*"
        _untaggable(visit, "tags read", error, to, right)
        return
    visit.ok("tags read", f"The tags of {to}")


def _untaggable(visit: Visit, check: str, error: Exception, to: str, right: str) -> None:
    if visit.is_aws:
        visit.refused(check, error, to, f"Grant {right}: tags are copied with the object.")
        return
    visit.add_finding(
        check,
        Health.WARNING,
        "The store does not support calls for tags",
        "No action needed, unless objects have tags or are copied in parts.",
    )


def _copies(visit: Visit, at: Place) -> None:
    for check, precondition, call, header in _COPIES:
        match visit.probe(check, precondition, at):
            case Honoured.YES:
                visit.ok(check, f"{call}: allowed, and {header} is honoured")
            case Honoured.NO:
                ignored(visit, check, f"{call} ignores {header}")
            case Honoured.DENIED:
                visit.add_finding(
                    check,
                    Health.MISSING,
                    f"{call} was refused below {at}.bucketlift/",
                    f"Grant s3:PutObject and s3:GetObject on {at.bucket}/{at.key}*. Another possible cause: {HIDDEN}.",
                )


def _parts(visit: Visit, at: Place) -> None:
    place = random_place(at)
    right = f"s3:PutObject on {at.bucket}/{at.key}*"
    begun = visit.ask("part abort", right, str(at), "create_multipart_upload", **place)
    if begun is None:
        return
    right = f"s3:AbortMultipartUpload on {at.bucket}/{at.key}*: an interrupted copy would cost money"
    upload = {**place, "UploadId": str(begun.get("UploadId", ""))}
    if visit.ask("part abort", right, str(at), "abort_multipart_upload", **upload) is not None:
        visit.ok("part abort", "A multipart upload was started and aborted")


def _quietly_removed(visit: Visit, place: dict[str, str]) -> None:
    try:
        visit.raw("delete_object", **place)
    except FOREIGN:
        return
