"""The embedded server keeps what it holds, even when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bucketlift.model.source import ListedObject, Place, Selection, SourceObject
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.s3server import S3Server

Opener = Callable[..., S3Store]

SERVER = """
import sys
from pathlib import Path
from bucketlift.testing.s3server import S3Server
server = S3Server(state=Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.slow


def be_operator(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def listed(store: S3Store) -> list[ListedObject]:
    return list(store.find(Selection(bucket="drop")))


def test_a_second_start_finds_objects_times_and_roles_as_they_were(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with S3Server(state=tmp_path / "state") as server:
        be_operator(server.environment, monkeypatch)
        server.make_bucket("drop")
        server.make_bucket("empty")
        server.put("drop", "in/ü\n+.csv", b"rows", headers={"x-amz-tagging": "a=b", "x-amz-meta-k": "v"})
        server.put("drop", "in/gone.csv", b"rows")
        server.delete("drop", "in/gone.csv")
        store = opened(server, multipart_threshold=1)
        (first,) = listed(store)
        source = SourceObject(
            store=store.store, bucket="drop", key=first.key, etag=first.etag, size=4, occurrence=1
        )
        store.copy(source, Place(bucket="drop", key="out/parts.csv"))
        before, arn = listed(store), f"arn:aws:iam::{server.account}:role/reader"

    with S3Server(state=tmp_path / "state") as server:
        be_operator(server.environment, monkeypatch)
        store = opened(server, role_arn=arn)

        assert listed(store) == before
        assert server.objects("drop") == {"in/ü\n+.csv": b"rows", "out/parts.csv": b"rows"}
        assert server.buckets() == ["drop", "empty"]
        store.copy(source, Place(bucket="drop", key="out/again.csv"))
        store.delete(source)

    with S3Server(state=tmp_path / "state") as server:
        assert server.objects("drop") == {"out/again.csv": b"rows", "out/parts.csv": b"rows"}


def test_what_was_answered_survives_a_kill(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    with S3Server(state=state) as server:
        server.make_bucket("drop")
        server.make_role(
            "reader", "the-external-id", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
        )
        etag = server.put("drop", "in/a.csv", b"rows")
        arn = f"arn:aws:iam::{server.account}:role/reader"
        environment = server.environment
    process = started(state)
    be_operator({**environment, "AWS_ENDPOINT_URL": line_of(process)}, monkeypatch)
    store = opened(server, role_arn=arn)
    source = SourceObject(store=store.store, bucket="drop", key="in/a.csv", etag=etag, size=4, occurrence=1)

    store.copy(source, Place(bucket="drop", key="out/a.csv"))
    store.delete(source)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    with S3Server(state=state) as server:
        assert server.objects("drop") == {"out/a.csv": b"rows"}


def started(state: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def line_of(process: subprocess.Popen[str]) -> str:
    stdout: Any = process.stdout
    return str(stdout.readline()).strip()


def test_two_servers_in_one_process_share_nothing() -> None:
    with S3Server() as one, S3Server() as other:
        one.make_bucket("drop")
        other.make_bucket("drop")
        one.put("drop", "a", b"1")

        assert (one.objects("drop"), other.objects("drop")) == ({"a": b"1"}, {})
        assert one.account != other.account
