"""What a role may not do is refused with the call, the right and the cause by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bucketlift.errors import AccessRefused, BucketliftError, ObjectGone
from bucketlift.model.source import Honoured, Place, Precondition, Selection, SourceObject
from bucketlift.model.workflow import AfterImport, Delete, Move, Rename
from bucketlift.rules.iam import permission_policy, session_policy
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

IN = Selection(bucket="drop", prefix="in/")
ARCHIVE = Place(bucket="archive", key="in/a.csv")
DELETES = frozenset({Precondition.DELETE, Precondition.DELETE_EACH})

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


def without(*actions: str) -> list[dict[str, Any]]:
    return [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(actions), "Resource": "*"},
    ]


def read(store: S3Store, source: SourceObject) -> bytes:
    with store.open(source) as body:
        return body.read()


CALLS: dict[str, tuple[Callable[[S3Store, SourceObject], object], str]] = {
    "s3:ListBucket": (lambda store, _: list(store.find(IN)), "ListObjectsV2"),
    "s3:GetObject": (read, "GetObject"),
    "s3:PutObject": (lambda store, source: store.copy(source, ARCHIVE), "CopyObject"),
    "s3:GetObjectTagging": (lambda store, source: store.copy(source, ARCHIVE), "CopyObject"),
    "s3:PutObjectTagging": (lambda store, source: store.copy(source, ARCHIVE), "CopyObject"),
    "s3:DeleteObject": (lambda store, source: store.delete(source), "DeleteObject"),
}


@pytest.mark.parametrize("missing", CALLS)
def test_each_missing_right_is_named_with_its_call(
    server: S3Server, opened: Opener, dropped: Drop, missing: str
) -> None:
    source = dropped("in/a.csv", b"rows", {"x-amz-tagging": "team=hr"})
    store = opened(server, without(missing))
    act, call = CALLS[missing]

    with pytest.raises(AccessRefused) as refused:
        act(store, source)

    assert refused.value.what == f"{call} was refused (AccessDenied)"
    assert missing in refused.value.hint
    assert server.objects("drop") == {"in/a.csv": b"rows"}
    assert server.objects("archive") == {}


def test_untagged_objects_need_no_right_to_tags(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows")
    store = opened(server, without("s3:GetObjectTagging", "s3:PutObjectTagging"))

    store.copy(source, ARCHIVE)

    assert server.objects("archive") == {"in/a.csv": b"rows"}


@pytest.mark.parametrize(
    "act",
    [
        read,
        lambda store, source: store.delete(source),
        lambda store, source: store.digest(Place(bucket=source.bucket, key=source.key)),
    ],
    ids=["read", "delete", "digest"],
)
def test_a_missing_key_that_may_not_be_seen_names_both_causes(
    server: S3Server, opened: Opener, dropped: Drop, act: Callable[[S3Store, SourceObject], object]
) -> None:
    source = dropped("in/a.csv", b"rows")
    server.delete("drop", "in/a.csv")
    store = opened(server, without("s3:ListBucket"))

    with pytest.raises(AccessRefused) as refused:
        act(store, source)

    assert "s3:ListBucket" in refused.value.hint
    assert "does not exist" in refused.value.hint
    assert refused.value.to == "s3://drop/in/a.csv"


def test_a_listing_tells_what_a_403_hides(monkeypatch: pytest.MonkeyPatch, opened: Opener) -> None:
    with S3Server(hides_missing=True) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        server.make_bucket("drop")
        etag = server.put("drop", "in/a.csv", b"rows")
        source = SourceObject(
            store="aws",  # type: ignore[arg-type] # a StoreId is a string
            bucket="drop",
            key="in/a.csv",
            etag=etag,
            size=4,
            occurrence=1,
        )
        store = opened(server, session_policy=session_policy(IN, Delete(), "aws"))
        server.delete("drop", "in/a.csv")

        with pytest.raises(ObjectGone):
            read(store, source)
        with pytest.raises(ObjectGone):
            store.delete(source)

        assert store.digest(Place(bucket="drop", key="in/a.csv")) is None
        assert store.probe(Precondition.DELETE, Place(bucket="drop", key="in/")) is Honoured.DENIED


ACTIONS: list[tuple[AfterImport, str, Place]] = [
    (Move(bucket="archive", prefix="done/"), "done/", Place(bucket="archive", key="done/in/a.csv")),
    (Rename(prefix="done-"), "in/", Place(bucket="drop", key="in/done-a.csv")),
]


@pytest.mark.parametrize(("action", "probed", "place"), ACTIONS, ids=["move", "rename"])
@pytest.mark.parametrize("threshold", [100, 1], ids=["whole", "in parts"])
def test_the_least_policy_is_enough_for_move_and_rename(
    server: S3Server,
    opened: Opener,
    dropped: Drop,
    action: AfterImport,
    probed: str,
    place: Place,
    threshold: int,
) -> None:
    source = dropped("in/a.csv", b"rows", {"x-amz-tagging": "team=hr"})
    granted: Sequence[Any] = json.loads(permission_policy(IN, action, "aws"))["Statement"]
    narrowed = session_policy(IN, action, "aws")
    store = opened(server, granted, session_policy=narrowed, multipart_threshold=threshold)

    found = [each.key for each in store.find(IN)]
    body = read(store, source)
    answers = {
        store.probe(precondition, Place(bucket=place.bucket, key=probed))
        for precondition in Precondition
        if precondition not in DELETES
    }
    answers |= {store.probe(each, Place(bucket="drop", key="in/")) for each in DELETES}
    store.copy(source, place)
    copied = store.digest(place)
    store.delete(source)

    assert (found, body, answers) == (["in/a.csv"], b"rows", {Honoured.YES})
    assert copied is not None
    left = {**server.objects("drop"), **server.objects("archive")}
    assert left == {place.key: b"rows"}


def test_the_least_policy_for_delete_deletes_and_writes_nothing(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    granted = json.loads(permission_policy(IN, Delete(), "aws"))["Statement"]
    store = opened(server, granted, session_policy=session_policy(IN, Delete(), "aws"))

    with pytest.raises(AccessRefused):
        store.copy(source, Place(bucket="drop", key="in/b.csv"))
    probed = {store.probe(each, Place(bucket="drop", key="in/")) for each in DELETES}
    denied = store.probe(Precondition.COPY_CREATE, Place(bucket="drop", key="in/"))
    store.delete(source)

    assert (probed, denied) == ({Honoured.YES}, Honoured.DENIED)
    assert server.objects("drop") == {}


def test_a_session_is_narrower_than_its_role(server: S3Server, opened: Opener, dropped: Drop) -> None:
    outside = dropped("secret/a.csv", b"rows")
    store = opened(server, session_policy=session_policy(IN, Delete(), "aws"))

    refused = [
        refusal_of(lambda: list(store.find(Selection(bucket="drop")))),
        refusal_of(lambda: list(store.find(Selection(bucket="archive", prefix="in/")))),
        refusal_of(lambda: read(store, outside)),
        refusal_of(lambda: store.delete(outside)),
    ]

    assert refused == [AccessRefused] * 4
    assert server.objects("drop") == {"secret/a.csv": b"rows"}


def test_the_bucket_of_another_owner_is_not_touched(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows")
    translate = opened(server, bucket_owner=server.account)
    theirs = opened(server, bucket_owner="999999999999")

    translate.copy(source, ARCHIVE)
    refused = [
        refusal_of(lambda: list(theirs.find(IN))),
        refusal_of(lambda: read(theirs, source)),
        refusal_of(lambda: theirs.copy(source, Place(bucket="archive", key="b"))),
        refusal_of(lambda: theirs.delete(source)),
    ]

    assert refused == [AccessRefused] * 4
    assert server.objects("archive") == {"in/a.csv": b"rows"}


def refusal_of(act: Callable[[], object]) -> type[BucketliftError] | None:
    try:
        act()
    except BucketliftError as error:
        return type(error)
    return None
