"""What every object store promises, whichever it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any

import pytest

from bucketlift.errors import NotFound, ObjectChanged, ObjectGone, PlaceTaken
from bucketlift.model.account import EnvSecret, FolderAccount, S3Compatible, SftpAccount
from bucketlift.model.source import Digest, Honoured, Place, Precondition, Selection, SourceObject
from bucketlift.ports import ObjectStore
from bucketlift.stores.files.local import LocalFiles
from bucketlift.stores.files.sftp import open_server
from bucketlift.stores.files.store import WEAK, FileStore
from bucketlift.stores.s3 import open_store
from bucketlift.testing.memory_store import MemoryStore
from bucketlift.testing.s3server import S3Server
from file_stores import FolderHand
from sshd import Sshd, running

ODD_NAMES = [
    "in/a b",
    "in/a+b",
    "in/a%20b",
    "in/a%b",
    "in/a&b<c>'\"",
    "in/tab\tnewline\nreturn\r",
    "in/q?x=1#f",
    "in/ü/€/😀",
    "in/e\u0301",
    "in/\u00e9",
    "in/ü-€",
    "in/ü.csv",
]
ODD_KEYS = [
    *ODD_NAMES,
    "in//double",
    "in/../up",
    "in/./here",
    "in/trailing/",
    "in/" + "k" * 1021,
]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A store with the buckets ``drop`` and ``archive``, and a hand that goes around it."""

    store: ObjectStore
    hand: Any
    odd_keys: list[str]
    weak: frozenset[Precondition] = frozenset()
    """Preconditions that this kind of store never honours."""
    tells_time: bool = True

    def put(self, key: str, body: bytes, **how: Any) -> SourceObject:
        etag = self.hand.put("drop", key, body, **how)
        return SourceObject(
            store=self.store.store, bucket="drop", key=key, etag=etag, size=len(body), occurrence=1
        )


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def in_memory(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    store = MemoryStore(["drop", "archive"])
    yield Bench(store=store, hand=store, odd_keys=ODD_KEYS)


def on_the_server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    server: S3Server = request.getfixturevalue("server")
    for bucket in ("drop", "archive"):
        server.make_bucket(bucket)
        server.empty(bucket)
    account = S3Compatible(
        endpoint_url=server.url, access_key=EnvSecret(env="A"), secret_key=EnvSecret(env="B")
    )
    keys = (server.access_key, server.secret_key)
    store = open_store(account, keys=keys, session_policy=None, session_name="contract")
    yield Bench(store=store, hand=server, odd_keys=ODD_KEYS)
    store.close()


def on_the_server_quickly(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    """As after many GETs."""
    return on_the_server(request, folder)


def in_a_folder(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    """The buckets are folders. Names that no file can have are left out, and deletes are not conditional."""
    for bucket in ("drop", "archive"):
        (folder / bucket).mkdir()
    store = FileStore(LocalFiles(folder), FolderAccount(path=str(folder)))
    yield Bench(store=store, hand=FolderHand(folder), odd_keys=ODD_NAMES, weak=WEAK)


def on_an_sftp_server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    """As in a folder; the server does not show inodes, nor its time."""
    sshd: Sshd = request.getfixturevalue("sshd")
    for bucket in ("drop", "archive"):
        (folder / bucket).mkdir()
    account = SftpAccount(
        host="127.0.0.1", port=sshd.port, user=getuser(), host_key=(sshd.host_key,), path=str(folder)
    )
    store = open_server(account, sshd.private_key, "")
    hand = FolderHand(folder, shows_inodes=False)
    yield Bench(store=store, hand=hand, odd_keys=ODD_NAMES, weak=WEAK, tells_time=False)
    store.close()


KINDS = {
    "memory": in_memory,
    "s3": on_the_server,
    "s3 quickly": on_the_server_quickly,
    "folder": in_a_folder,
    "sftp": on_an_sftp_server,
}


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "s3 quickly":
        monkeypatch.setattr("bucketlift.stores.quick.WARM", 0)
    yield from KINDS[request.param](request, tmp_path)


def read(bench: Bench, source: SourceObject) -> bytes:
    with bench.store.open(source) as body:
        return body.read()


def test_a_listing_has_every_object_under_the_prefix_in_key_order(bench: Bench) -> None:
    second = bench.put("in/b.csv", b"22")
    first = bench.put("in/a.csv", b"1")
    bench.put("out/c.csv", b"333")

    found = list(bench.store.find(Selection(bucket="drop", prefix="in/", pattern="*.never")))

    assert [(each.key, each.etag, each.size, each.archived) for each in found] == [
        ("in/a.csv", first.etag, 1, False),
        ("in/b.csv", second.etag, 2, False),
    ]
    assert [each.modified and each.modified.utcoffset() for each in found] == [timedelta(0), timedelta(0)]


def test_an_empty_prefix_lists_the_whole_bucket(bench: Bench) -> None:
    bench.put("a", b"")
    bench.put("b/c", b"")

    found = bench.store.find(Selection(bucket="drop"))

    assert [each.key for each in found] == ["a", "b/c"]


def test_listing_a_bucket_that_is_not_there_says_so(bench: Bench) -> None:
    with pytest.raises(NotFound) as refused:
        list(bench.store.find(Selection(bucket="nowhere")))

    assert "nowhere" in refused.value.to


def test_a_pinned_version_is_read_whole(bench: Bench) -> None:
    body = bytes(range(256)) * 5000
    source = bench.put("in/a.csv", body)

    assert read(bench, source) == body


def test_an_empty_object_is_read_as_nothing(bench: Bench) -> None:
    source = bench.put("in/empty.csv", b"")

    assert read(bench, source) == b""


def test_a_changed_object_is_not_read(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"old")
    bench.put("in/a.csv", b"new")

    with pytest.raises(ObjectChanged):
        read(bench, source)


def test_a_missing_object_is_gone(bench: Bench) -> None:
    source = replace(bench.put("in/a.csv", b"old"), key="in/other.csv")

    with pytest.raises(ObjectGone):
        read(bench, source)


def test_only_the_first_bytes_of_a_pinned_version_are_read(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"id\n1\n")
    read_bytes = [bench.store.beginning(source, most) for most in (2, 5, 9)]
    bench.put("in/a.csv", b"id\n2\n")

    assert read_bytes == [b"id", b"id\n1\n", b"id\n1\n"]
    with pytest.raises(ObjectChanged):
        bench.store.beginning(source, 2)


def test_a_copy_has_the_same_bytes_and_leaves_the_source(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"rows")

    bench.store.copy(source, Place(bucket="archive", key="done/in/a.csv"))

    assert bench.hand.objects("archive") == {"done/in/a.csv": b"rows"}
    assert bench.hand.objects("drop") == {"in/a.csv": b"rows"}


def test_a_copy_overwrites_nothing(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"rows")
    bench.hand.put("archive", "a.csv", b"precious")

    with pytest.raises(PlaceTaken) as refused:
        bench.store.copy(source, Place(bucket="archive", key="a.csv"))

    assert refused.value.to == "s3://archive/a.csv"
    assert bench.hand.objects("archive") == {"a.csv": b"precious"}


@pytest.mark.parametrize("taken", [False, True])
def test_a_changed_source_is_not_copied(bench: Bench, taken: bool) -> None:  # noqa: FBT001 - a parameter of the test
    source = bench.put("in/a.csv", b"old")
    bench.put("in/a.csv", b"new")
    before = {"a.csv": b"precious"} if taken else {}
    for key, body in before.items():
        bench.hand.put("archive", key, body)

    with pytest.raises(ObjectChanged):
        bench.store.copy(source, Place(bucket="archive", key="a.csv"))

    assert bench.hand.objects("archive") == before


def test_a_missing_source_is_not_copied(bench: Bench) -> None:
    source = replace(bench.put("in/a.csv", b"old"), key="in/b.csv")

    with pytest.raises(ObjectGone):
        bench.store.copy(source, Place(bucket="archive", key="a.csv"))

    assert bench.hand.objects("archive") == {}


def test_a_copy_into_a_bucket_that_is_not_there_names_the_bucket(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"old")

    with pytest.raises(NotFound) as refused:
        bench.store.copy(source, Place(bucket="nowhere", key="a.csv"))

    assert "nowhere" in refused.value.to


def test_a_digest_is_of_the_bytes_that_rest_there(bench: Bench) -> None:
    bench.put("in/a.csv", b"rows")

    digest = bench.store.digest(Place(bucket="drop", key="in/a.csv"))

    assert digest == Digest(size=4, sha256=hashlib.sha256(b"rows").hexdigest())
    assert bench.store.digest(Place(bucket="drop", key="in/b.csv")) is None


def test_a_delete_takes_the_pinned_version_away(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"rows")
    bench.put("in/b.csv", b"more")

    bench.store.delete(source)

    assert bench.hand.objects("drop") == {"in/b.csv": b"more"}


def test_a_delete_leaves_other_bytes_alone(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"old")
    bench.put("in/a.csv", b"new")

    with pytest.raises(ObjectChanged):
        bench.store.delete(source)

    assert bench.hand.objects("drop") == {"in/a.csv": b"new"}


def test_a_second_delete_finds_nothing(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"rows")
    bench.store.delete(source)

    with pytest.raises(ObjectGone):
        bench.store.delete(source)


@pytest.mark.parametrize("precondition", Precondition)
def test_every_precondition_is_honoured_or_known_as_weak_and_probing_leaves_nothing(
    bench: Bench, precondition: Precondition
) -> None:
    bench.put("in/a.csv", b"rows")

    honoured = bench.store.probe(precondition, Place(bucket="drop", key="in/"))

    assert honoured is (Honoured.NO if precondition in bench.weak else Honoured.YES)
    assert bench.hand.objects("drop") == {"in/a.csv": b"rows"}


@pytest.mark.slow
def test_odd_keys_are_listed_read_copied_and_deleted(bench: Bench) -> None:
    sources = {key: bench.put(key, key.encode()) for key in bench.odd_keys}
    in_order = sorted(bench.odd_keys, key=str.encode)

    listed = [each.key for each in bench.store.find(Selection(bucket="drop", prefix="in/"))]
    bodies = [read(bench, sources[key]) for key in in_order]
    for key, source in sources.items():
        bench.store.copy(source, Place(bucket="archive", key=key))
        bench.store.delete(source)

    assert listed == in_order
    assert bodies == [key.encode() for key in in_order]
    assert bench.hand.objects("archive") == {key: key.encode() for key in in_order}
    assert bench.hand.objects("drop") == {}


def test_many_are_deleted_in_one_call_each_if_it_is_the_pinned_version(bench: Bench) -> None:
    gone, kept, changed = (bench.put(f"in/{name}.csv", b"rows") for name in "abc")
    missing = replace(kept, key="in/d.csv")
    bench.put("in/c.csv", b"new")

    outcomes = bench.store.delete_each([gone, changed, missing])

    assert [type(each) for each in outcomes] == [type(None), ObjectChanged, ObjectGone]
    assert bench.hand.objects("drop") == {"in/b.csv": b"rows", "in/c.csv": b"new"}


def test_to_delete_none_asks_for_nothing(bench: Bench) -> None:
    assert bench.store.delete_each([]) == []


@pytest.mark.slow
def test_what_is_deleted_together_is_what_was_meant_whatever_its_key(bench: Bench) -> None:
    sources = {key: bench.put(key, key.encode()) for key in bench.odd_keys}
    bench.put("in/tab\tnewline\nreturn\n", ODD_KEYS[5].encode())

    outcomes = bench.store.delete_each(list(sources.values()))

    unsure = [key for key, outcome in zip(sources, outcomes, strict=True) if outcome is not None]
    assert set(unsure) <= {ODD_KEYS[5]}
    assert set(bench.hand.objects("drop")) == {"in/tab\tnewline\nreturn\n", *unsure}


def test_the_store_tells_its_time_once_it_has_answered(bench):
    before = datetime.now(UTC) - timedelta(seconds=2)
    list(bench.store.find(Selection(bucket="drop")))

    now = bench.store.now()

    assert (now is not None) == bench.tells_time
    assert now is None or before < now <= datetime.now(UTC)
