"""The embedded server refuses what AWS refuses and moto alone would let through."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from bucketlift.errors import BucketliftError, ObjectGone, PlaceTaken
from bucketlift.model.source import Place, SourceObject
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


@pytest.fixture
def clients(server: S3Server) -> Callable[[str], Any]:
    return lambda service: boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload] # the operator's environment says the rest


def code_of(act: Callable[..., object], **arguments: Any) -> str:
    try:
        act(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def test_each_object_of_a_delete_has_its_own_precondition(
    server: S3Server, clients: Callable[[str], Any]
) -> None:
    s3 = clients("s3")
    etags = {key: server.put("drop", key, key.encode()) for key in ("a", "b\n+ü", "c")}

    answer = s3.delete_objects(
        Bucket="drop",
        Delete={
            "Objects": [
                {"Key": "a", "ETag": etags["b\n+ü"]},
                {"Key": "b\n+ü", "ETag": etags["b\n+ü"]},
                {"Key": "missing", "ETag": etags["a"]},
                {"Key": "c"},
            ]
        },
    )

    assert [each["Key"] for each in answer["Deleted"]] == ["b\n+ü", "c"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        ("a", "PreconditionFailed"),
        ("missing", "NoSuchKey"),
    ]
    assert server.objects("drop") == {"a": b"a"}


def test_a_key_has_at_most_1024_bytes(server: S3Server, clients: Callable[[str], Any]) -> None:
    s3 = clients("s3")

    refused = code_of(s3.put_object, Bucket="drop", Key="€" * 342, Body=b"")

    assert refused == "KeyTooLongError"
    assert server.objects("drop") == {}


def test_a_put_may_be_create_only(server: S3Server, clients: Callable[[str], Any]) -> None:
    s3 = clients("s3")

    answers = [code_of(s3.put_object, Bucket="drop", Key="a", Body=b, IfNoneMatch="*") for b in (b"1", b"2")]

    assert answers == ["done", "PreconditionFailed"]
    assert server.objects("drop") == {"a": b"1"}


def test_roles_made_through_iam_are_trusted_as_they_say(
    server: S3Server, clients: Callable[[str], Any]
) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "right"}},
        },
    }
    role = clients("iam").create_role(RoleName="made", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    sts, asked = clients("sts"), {"RoleArn": role["Arn"], "RoleSessionName": "test"}

    answers = [
        code_of(sts.assume_role, **asked),
        code_of(sts.assume_role, **asked, ExternalId="wrong"),
        code_of(sts.assume_role, **asked, ExternalId="right"),
        code_of(sts.assume_role, **asked, ExternalId="right", Policy="x" * 2049),
    ]

    assert answers == ["AccessDenied", "AccessDenied", "done", "ValidationError"]
    assert sts.get_caller_identity()["Account"] == server.account


def test_listings_fold_keys_at_a_delimiter(server: S3Server, clients: Callable[[str], Any]) -> None:
    for key in ("a/1", "a/2", "b", "ü/1"):
        server.put("drop", key, b"")

    page = clients("s3").list_objects_v2(Bucket="drop", Delimiter="/")

    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["a/", "ü/"]
    assert [each["Key"] for each in page["Contents"]] == ["b"]


def test_of_many_copies_to_one_place_exactly_one_is_made(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    sources = [dropped(f"in/{number}", str(number).encode()) for number in range(8)]
    store = opened(server)

    def copied(source: SourceObject) -> str:
        return outcome(lambda: store.copy(source, Place(bucket="archive", key="one")))

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(copied, sources))

    assert sorted(outcomes) == sorted(["done", *[PlaceTaken.__name__] * 7])
    assert server.objects("archive") == {"one": str(outcomes.index("done")).encode()}


def test_of_many_deletes_of_one_version_exactly_one_is_done(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a", b"rows")
    store = opened(server)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: outcome(lambda: store.delete(source)), range(8)))

    assert sorted(outcomes) == sorted(["done", *[ObjectGone.__name__] * 7])


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except BucketliftError as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize("absent", ["moto", "werkzeug"])
def test_without_its_extra_the_server_says_what_to_install(absent: str) -> None:
    program = f"import sys; sys.modules[{absent!r}] = None; import bucketlift.testing.s3server"

    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )

    assert "RequestWrong" in ended.stderr
    assert "Install bucketlift[demo]." in ended.stderr
