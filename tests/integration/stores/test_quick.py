"""Many small objects are read by a lighter GET that keeps every promise of the usual one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bucketlift.errors import AccessRefused, ObjectChanged, ObjectGone
from bucketlift.model.source import SourceObject
from bucketlift.stores.quick import WARM
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.faults import SLOW_DOWN, CorruptsByte, CutsBody, Fault, LoginPage, Refuses, Resets
from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

BODY = bytes(range(256)) * 40
Drop = Callable[..., SourceObject]


@pytest.fixture
def source(dropped: Drop) -> SourceObject:
    return dropped("in/a.csv", BODY)


@pytest.fixture
def warm(server: S3Server, opened: Callable[..., S3Store], source: SourceObject) -> S3Store:
    """A store after so many GETs that the next goes the quick way."""
    store = opened(server)
    for _ in range(WARM):
        assert read(store, source) == BODY
    server.log.clear()
    return store


def read(store: S3Store, source: SourceObject) -> bytes:
    with store.open(source) as body:
        return body.read()


def test_one_call_reads_an_object(server: S3Server, warm: S3Store, source: SourceObject) -> None:
    assert read(warm, source) == BODY
    assert server.log.operations() == ["GetObject"]


@pytest.mark.parametrize(
    "fault",
    [
        SLOW_DOWN,
        LoginPage(),
        Resets(),
        CutsBody(keep=100),
        CutsBody(keep=100, honest=True),
        Refuses(status=400, code="ExpiredToken"),
        Refuses(status=307, code="TemporaryRedirect"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_asked_of_boto3_again(
    server: S3Server, warm: S3Store, source: SourceObject, fault: Fault
) -> None:
    server.faults.add("GetObject", fault)

    assert read(warm, source) == BODY


def test_wrong_bytes_are_noticed(server: S3Server, warm: S3Store, source: SourceObject) -> None:
    server.faults.add("GetObject", CorruptsByte(at=7))

    with pytest.raises(Exception, match="does not match its ETag"):
        read(warm, source)


def test_other_bytes_under_the_key_are_not_read(dropped: Drop, warm: S3Store, source: SourceObject) -> None:
    dropped("in/a.csv", b"new")

    with pytest.raises(ObjectChanged):
        read(warm, source)


def test_a_missing_object_is_gone(server: S3Server, warm: S3Store, source: SourceObject) -> None:
    server.empty("drop")

    with pytest.raises(ObjectGone):
        read(warm, source)


def test_a_right_that_was_taken_away_is_named(server: S3Server, warm: S3Store, source: SourceObject) -> None:
    denied = Refuses(status=403, code="AccessDenied")
    server.faults.add("GetObject", denied, times=2)

    with pytest.raises(AccessRefused) as refused:
        read(warm, source)

    assert refused.value.hint.startswith("Grant s3:GetObject.")


def test_where_the_etag_is_no_digest_boto3_compares_its_checksum(
    server: S3Server, dropped: Drop, warm: S3Store
) -> None:
    kms = dropped("in/kms.csv", BODY, {"x-amz-server-side-encryption": "aws:kms"})

    bodies = [read(warm, kms), read(warm, kms)]

    assert bodies == [BODY, BODY]
    # The first was asked for twice; from then on boto3 is asked at once.
    assert server.log.operations() == ["GetObject"] * 3
