"""Files of a real SFTP server: what the contract of all stores does not try."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from getpass import getuser
from pathlib import Path

import pytest

from bucketlift.errors import NotFound, ObjectChanged, StoreUnavailable
from bucketlift.model.account import SftpAccount
from bucketlift.model.source import Selection, SourceObject
from bucketlift.stores.files.sessions import MOST
from bucketlift.stores.files.sftp import open_server
from bucketlift.stores.files.store import FileStore
from file_stores import FolderHand
from sshd import Sshd, running

BIG = os.urandom(1 << 20) * 5


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def store(sshd: Sshd, tmp_path: Path) -> Iterator[FileStore]:
    opened = open_server(account(sshd, str(tmp_path)), sshd.private_key, "")
    yield opened
    opened.close()


def account(sshd: Sshd, path: str) -> SftpAccount:
    return SftpAccount(host="127.0.0.1", port=sshd.port, user=getuser(), host_key=(sshd.host_key,), path=path)


def put(store: FileStore, top: Path, key: str, body: bytes) -> SourceObject:
    etag = FolderHand(top, shows_inodes=False).put("", key, body)
    return SourceObject(store=store.store, bucket="", key=key, etag=etag, size=len(body), occurrence=1)


def keys(store: FileStore) -> list[str]:
    return [each.key for each in store.find(Selection(bucket="", kind="sftp"))]


def read(store: FileStore, source: SourceObject) -> bytes:
    with store.open(source) as body:
        return body.read()


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 1 << 20)


def replace(path: Path) -> None:
    path.with_suffix(".new").write_bytes(BIG)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("change", [grow, cut, replace, Path.unlink])
def test_a_file_that_changes_while_it_is_read_is_refused(store: FileStore, tmp_path: Path, change) -> None:
    source = put(store, tmp_path, "a.csv", BIG)

    with store.open(source) as body:
        body.read(1)
        change(tmp_path / "a.csv")
        with pytest.raises(ObjectChanged):
            body.read()


def test_links_and_pipes_are_left_out_and_names_that_are_no_text_are_listed(
    store: FileStore, tmp_path: Path
) -> None:
    put(store, tmp_path, "in/a.csv", b"rows")
    (tmp_path / "in/link.csv").symlink_to("/etc/hostname")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "in/pipe.csv")
    (tmp_path / os.fsdecode(b"bad-\xff.csv")).write_bytes(b"rows")

    assert keys(store) == ["bad-\udcff.csv", "in/a.csv"]


def sessions_of(sshd: Sshd) -> list[int]:
    """The processes of the server's sessions."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in found.splitlines())}
    server = int((sshd.folder / "pid").read_text())
    return [pid for pid, parent in parents.items() if parent == server]


def test_a_lost_connection_is_an_error_that_the_next_call_does_not_see(
    store: FileStore, sshd: Sshd, tmp_path: Path
) -> None:
    source = put(store, tmp_path, "a.csv", BIG)
    before = read(store, source)

    with store.open(source) as body:
        body.read(1)
        for session in sessions_of(sshd):
            os.kill(session, signal.SIGKILL)
        with pytest.raises(StoreUnavailable):
            body.read()
        assert not store._files._sessions._mine.session.is_alive  # type: ignore[attr-defined]

    assert before == read(store, source) == BIG


def test_a_session_that_the_server_ended_while_it_was_unused_is_replaced(
    store: FileStore, sshd: Sshd, tmp_path: Path
) -> None:
    put(store, tmp_path, "a.csv", b"rows")
    keys(store)
    (session,) = store._files._sessions._free  # type: ignore[attr-defined]
    for process in sessions_of(sshd):
        os.kill(process, signal.SIGKILL)
    session.client.get_channel().get_transport().join()

    assert keys(store) == ["a.csv"]


def test_more_threads_than_sessions_take_turns(store: FileStore, tmp_path: Path) -> None:
    sources = [put(store, tmp_path, f"{number}.csv", BIG[number:]) for number in range(MOST * 3)]

    with ThreadPoolExecutor(MOST * 3) as pool:
        bodies = list(pool.map(lambda source: read(store, source), sources))

    assert bodies == [BIG[number:] for number in range(MOST * 3)]


def test_a_missing_folder_is_named(sshd: Sshd, tmp_path: Path) -> None:
    missing = open_server(account(sshd, f"{tmp_path}/nowhere"), sshd.private_key, "")

    with pytest.raises(NotFound) as refused:
        keys(missing)

    missing.close()
    assert refused.value.to.endswith("/nowhere")
