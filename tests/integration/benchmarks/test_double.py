"""The S3 server for large files keeps what an object store promises, as far as benchmarks rely on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from benchmarks.double import KNOWN, Double
from bucketlift.errors import ObjectChanged, ObjectGone, PlaceTaken
from bucketlift.model.account import EnvSecret, S3Compatible
from bucketlift.model.source import Honoured, Place, Precondition, Selection, SourceObject
from bucketlift.stores.s3 import S3Store, open_store
from bucketlift.testing.listener import Listener

DROP = Selection(bucket="drop", prefix="in/")
KEYS = ("AKIAOFTHEDOUBLE", "the-secret-of-the-double")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A store, and a client that goes around it."""

    store: S3Store
    client: Any

    def put(self, key: str, body: bytes) -> SourceObject:
        etag = self.client.put_object(Bucket="drop", Key=key, Body=body)["ETag"].strip('"')
        return SourceObject(
            store=self.store.store, bucket="drop", key=key, etag=etag, size=len(body), occurrence=1
        )

    def get(self, key: str, **how: str) -> bytes:
        body: bytes = self.client.get_object(Bucket="drop", Key=key, **how)["Body"].read()
        return body


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    for bucket in ("drop", "archive"):
        (tmp_path / bucket).mkdir()
    listener = Listener(Double(tmp_path, known=2_500), 0)
    account = S3Compatible(
        endpoint_url=listener.url, access_key=EnvSecret(env="A"), secret_key=EnvSecret(env="B")
    )
    store = open_store(account, keys=KEYS, session_policy=None, session_name="double")
    client = boto3.client(
        "s3",
        endpoint_url=listener.url,
        region_name="us-east-1",
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
    )
    yield Bench(store=store, client=client)
    client.close()
    store.close()
    listener.stop()


@pytest.mark.slow
def test_a_listing_has_every_object_under_the_prefix_in_key_order(bench: Bench) -> None:
    second, first = bench.put("in/b ü+.csv", b"22"), bench.put("in/a.csv", b"1")
    bench.put("out/c.csv", b"333")

    found = list(bench.store.find(DROP))

    assert [(each.key, each.etag, each.size) for each in found] == [
        ("in/a.csv", first.etag, 1),
        ("in/b ü+.csv", second.etag, 2),
    ]


@pytest.mark.slow
def test_a_listing_goes_on_from_page_to_page(bench: Bench) -> None:
    found = [each.key for each in bench.store.find(Selection(bucket=KNOWN, prefix="in/"))]

    assert found == [f"in/{number:09d}.csv" for number in range(2_500)]


@pytest.mark.slow
def test_a_delimiter_gathers_what_lies_deeper(bench: Bench) -> None:
    for key in ("in/a.csv", "in/deep/b.csv", "in/deep/c.csv", "in/z.csv"):
        bench.put(key, b"")

    page = bench.client.list_objects_v2(Bucket="drop", Prefix="in/", Delimiter="/")

    assert [line["Key"] for line in page["Contents"]] == ["in/a.csv", "in/z.csv"]
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["in/deep/"]


@pytest.mark.slow
def test_a_pinned_version_is_read_whole_or_in_part_and_another_not_at_all(bench: Bench) -> None:
    body = bytes(range(256)) * 10_000
    source = bench.put("in/a.csv", body)

    with bench.store.open(source) as reader:
        whole = reader.read()
    parts = [bench.get("in/a.csv", Range=span) for span in ("bytes=5-9", "bytes=2559990-", "bytes=-3")]
    bench.put("in/a.csv", b"other bytes")

    assert whole == body
    assert parts == [body[5:10], body[2_559_990:], body[-3:]]
    with pytest.raises(ObjectChanged), bench.store.open(source):
        pass


@pytest.mark.slow
def test_a_delete_takes_the_pinned_version_and_leaves_other_bytes_alone(bench: Bench) -> None:
    first, second = bench.put("in/a.csv", b"old"), bench.put("in/b.csv", b"rows")
    bench.put("in/a.csv", b"new")

    with pytest.raises(ObjectChanged):
        bench.store.delete(first)
    bench.store.delete(second)
    with pytest.raises(ObjectGone):
        bench.store.delete(second)

    assert [each.key for each in bench.store.find(DROP)] == ["in/a.csv"]


@pytest.mark.slow
def test_deletes_in_one_call_heed_the_etag_of_each_key(bench: Bench) -> None:
    first, second = bench.put("in/a.csv", b"1"), bench.put("in/b.csv", b"2")
    named = [{"Key": first.key, "ETag": first.etag}, {"Key": second.key, "ETag": first.etag}]

    answer = bench.client.delete_objects(Bucket="drop", Delete={"Objects": named})

    assert [each["Key"] for each in answer["Deleted"]] == ["in/a.csv"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("in/b.csv", "PreconditionFailed")]


@pytest.mark.slow
def test_a_copy_overwrites_nothing(bench: Bench) -> None:
    source = bench.put("in/a.csv", b"rows")
    place = Place(bucket="drop", key="done/a.csv")

    bench.store.copy(source, place)
    with pytest.raises(PlaceTaken):
        bench.store.copy(source, place)

    assert bench.get("done/a.csv") == b"rows"


@pytest.mark.slow
@pytest.mark.parametrize(
    "precondition", [Precondition.DELETE, Precondition.COPY_SOURCE, Precondition.COPY_CREATE]
)
def test_preconditions_are_honoured_and_probing_leaves_nothing(
    bench: Bench, precondition: Precondition
) -> None:
    honoured = bench.store.probe(precondition, Place(bucket="drop", key="in/"))

    assert honoured is Honoured.YES
    assert list(bench.store.find(DROP)) == []
