"""A strict server with a bucket to read and one to archive in, and stores that reach it through a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from bucketlift.model.account import AwsRole
from bucketlift.model.source import SourceObject
from bucketlift.stores.s3 import S3Store, open_store
from bucketlift.testing.s3server import S3Server

EXTERNAL_ID = "the-external-id"
EVERYTHING = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]

Opener = Callable[..., S3Store]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with S3Server() as running:
        be_operator(running, monkeypatch)
        yield running


def be_operator(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for bucket in ("drop", "archive"):
        server.make_bucket(bucket)


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens stores through a role that may do what is said, and closes them."""
    stores: list[S3Store] = []

    def open_one(server: S3Server, granted: Sequence[Mapping[str, Any]] = EVERYTHING, **how: Any) -> S3Store:
        arn = how.pop("role_arn", None) or server.make_role("reader", EXTERNAL_ID, granted)
        account = AwsRole(
            role_arn=arn,
            region=how.pop("region", "us-east-1"),
            external_id=how.pop("external_id", EXTERNAL_ID),
            bucket_owner=how.pop("bucket_owner", None),
        )
        how = {"keys": None, "session_policy": None, "session_name": "bucketlift-test", **how}
        stores.append(open_store(account, **how))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def dropped(server: S3Server) -> Callable[..., SourceObject]:
    """Puts an object into the bucket ``drop`` and says which version it is."""

    def drop(key: str, body: bytes, headers: Mapping[str, str] | None = None) -> SourceObject:
        etag = server.put("drop", key, body, headers=headers)
        return pinned(key, body, etag)

    return drop


def pinned(key: str, body: bytes, etag: str) -> SourceObject:
    return SourceObject(store="aws", bucket="drop", key=key, etag=etag, size=len(body), occurrence=1)  # type: ignore[arg-type] # a StoreId is a string
