"""Above the threshold a copy goes part by part, and is as safe as a whole one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from bucketlift.errors import ObjectChanged, PlaceTaken, StoreUnavailable
from bucketlift.model.source import Place, SourceObject
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.faults import SLOW_DOWN, Calls, ErrorWith200, Refuses, Resets
from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
BODY = bytes(range(256)) * 4096 * 11  # S3 takes no part below 5 MiB but the last
ARCHIVE = Place(bucket="archive", key="big.csv")

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


def in_parts(server: S3Server, opened: Opener) -> S3Store:
    return opened(server, multipart_threshold=6 * MIB, part_bytes=5 * MIB)


def client(server: S3Server) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


def unfinished(server: S3Server) -> list[Any]:
    return list(client(server).list_multipart_uploads(Bucket="archive").get("Uploads", []))


def test_a_copy_in_parts_carries_everything_along(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped(
        "in/big.csv",
        BODY,
        {
            "content-type": "text/csv",
            "content-disposition": "attachment",
            "cache-control": "no-store",
            "x-amz-meta-team": "hr",
            "x-amz-tagging": "team=hr&unit=a%20b",
            "x-amz-storage-class": "STANDARD_IA",
        },
    )
    store = in_parts(server, opened)

    store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"big.csv": BODY}
    assert server.log.operations().count("UploadPartCopy") == 3
    assert unfinished(server) == []
    head = client(server).head_object(Bucket="archive", Key="big.csv")
    assert {
        name: head[name]
        for name in ("ContentType", "ContentDisposition", "CacheControl", "Metadata", "StorageClass")
    } == {
        "ContentType": "text/csv",
        "ContentDisposition": "attachment",
        "CacheControl": "no-store",
        "Metadata": {"team": "hr"},
        "StorageClass": "STANDARD_IA",
    }
    tags = client(server).get_object_tagging(Bucket="archive", Key="big.csv")["TagSet"]
    assert tags == [{"Key": "team", "Value": "hr"}, {"Key": "unit", "Value": "a b"}]


def test_a_whole_copy_keeps_storage_class_metadata_and_tags(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped(
        "in/a.csv",
        b"rows",
        {"x-amz-meta-team": "hr", "x-amz-tagging": "team=hr", "x-amz-storage-class": "STANDARD_IA"},
    )
    store = opened(server)

    store.copy(source, ARCHIVE)

    head = client(server).head_object(Bucket="archive", Key="big.csv")
    tags = client(server).get_object_tagging(Bucket="archive", Key="big.csv")["TagSet"]
    assert (head["StorageClass"], head["Metadata"]) == ("STANDARD_IA", {"team": "hr"})
    assert tags == [{"Key": "team", "Value": "hr"}]


def test_a_source_that_changes_between_parts_is_not_copied(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/big.csv", BODY)
    server.faults.add(
        "UploadPartCopy", Calls(before=lambda: server.put("drop", "in/big.csv", b"x" * len(BODY))), nth=2
    )
    store = in_parts(server, opened)

    with pytest.raises(ObjectChanged):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {}
    assert unfinished(server) == []


def test_a_place_taken_while_parts_are_copied_is_not_overwritten(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/big.csv", BODY)
    server.faults.add(
        "CompleteMultipartUpload", Calls(before=lambda: server.put("archive", "big.csv", b"precious"))
    )
    store = in_parts(server, opened)

    with pytest.raises(PlaceTaken):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"big.csv": b"precious"}
    assert unfinished(server) == []


@pytest.mark.parametrize("operation", ["UploadPartCopy", "CompleteMultipartUpload"])
@pytest.mark.parametrize("fault", [SLOW_DOWN, ErrorWith200(), Resets()], ids=["503", "200", "drop"])
def test_a_passing_fault_is_got_over(
    server: S3Server, opened: Opener, dropped: Drop, operation: str, fault: Any
) -> None:
    source = dropped("in/big.csv", BODY)
    server.faults.add(operation, fault)
    store = in_parts(server, opened)

    store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"big.csv": BODY}


def test_an_upload_that_cannot_be_finished_is_aborted(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/big.csv", BODY)
    server.faults.add("CompleteMultipartUpload", Refuses(status=500, code="InternalError"), times=99)
    store = in_parts(server, opened)

    with pytest.raises(StoreUnavailable):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {}
    assert unfinished(server) == []


def test_a_completion_whose_answer_was_lost_finds_its_place_taken(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/big.csv", BODY)
    server.faults.add("CompleteMultipartUpload", Resets(after_effect=True))
    store = in_parts(server, opened)

    with pytest.raises(PlaceTaken):
        store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"big.csv": BODY}


def test_after_a_conflict_the_upload_is_begun_anew(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/big.csv", BODY)
    conflict = Refuses(status=409, code="ConditionalRequestConflict")
    server.faults.add("CompleteMultipartUpload", conflict)
    store = in_parts(server, opened)

    store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"big.csv": BODY}
    assert server.log.operations().count("CreateMultipartUpload") == 2
    assert unfinished(server) == []
