"""Full disks, missing rights and cut connections, on real servers and file systems."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

import sshd
from bucketlift.errors import AccessRefused, NotFound, StoreUnavailable
from bucketlift.objects.places.folder import FolderPlace
from bucketlift.objects.places.place import ObjectPlace
from bucketlift.objects.places.sftp import SftpPlace

pytestmark = pytest.mark.slow

NAME = "out/a.csv"
LIMITED = """#!/bin/sh
ulimit -f 8
trap "" XFSZ
exec /usr/lib/openssh/sftp-server
"""
"""A server that stores only a few KiB of a file, as with a full disk or a quota."""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(os.urandom(300_000))
    return path


@contextmanager
def relay(port: int, limit: int) -> Iterator[int]:
    """A port that passes a connection on to a server, and cuts it after this many bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def pump(source: socket.socket, target: socket.socket, left: int) -> None:
            with suppress(OSError):
                while left > 0 and (data := source.recv(min(4096, left))):
                    target.sendall(data)
                    left -= len(data)
            for each in (source, target):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        def serve() -> None:
            with suppress(OSError):
                client, _ = listening.accept()
                server = socket.create_connection(("127.0.0.1", port))
                back = threading.Thread(target=pump, args=(server, client, 1 << 40), daemon=True)
                back.start()
                pump(client, server, limit)
                back.join()
                client.close()
                server.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
    thread.join()


def test_a_full_disk_of_the_server_leaves_no_file(tmp_path: Path, content: Path) -> None:
    if not Path("/usr/lib/openssh/sftp-server").exists():
        pytest.skip("sftp-server (openssh-server) is not installed")
    (tmp_path / "drop").mkdir()
    program = tmp_path / "limited"
    program.write_text(LIMITED)
    program.chmod(0o755)
    with sshd.running(tmp_path / "sshd", subsystem=str(program)) as server:
        place = SftpPlace(server.login(), str(tmp_path / "drop"))

        with pytest.raises(StoreUnavailable) as refused:
            place.put(NAME, content, "load-1")
        place.discard(NAME, "load-1")

    assert refused.value.what == "The SFTP server refused a request"
    assert "SSH_FX code 4: Failure" in refused.value.hint
    assert [path for path in (tmp_path / "drop").rglob("*") if path.is_file()] == []


def test_a_server_that_does_not_speak_sftp_is_unavailable(tmp_path: Path, content: Path) -> None:
    with (
        sshd.running(tmp_path / "sshd", subsystem="/bin/echo hello") as server,
        pytest.raises(StoreUnavailable, match=r"does not answer \(SFTPError"),
    ):
        SftpPlace(server.login()).put(NAME, content, "load-1")


def test_a_server_that_only_reads_refuses_access(tmp_path: Path, content: Path) -> None:
    (tmp_path / "drop").mkdir()
    with sshd.running(tmp_path / "sshd", subsystem="internal-sftp -R") as server:
        place = SftpPlace(server.login(), str(tmp_path / "drop"))

        with pytest.raises(AccessRefused) as refused:
            place.put(NAME, content, "load-1")

    assert "SSH_FX code 3: Permission denied" in refused.value.hint


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


def test_a_connection_that_is_cut_in_the_middle_leaves_no_file_with_the_name(
    server: sshd.Sshd, tmp_path: Path, content: Path
) -> None:
    (tmp_path / "drop").mkdir()
    with relay(server.port, 100_000) as port:
        place = SftpPlace(replace(server.login(), port=port), str(tmp_path / "drop"))
        with pytest.raises(StoreUnavailable):
            place.put(NAME, content, "load-1")
    cut = [path.name for path in (tmp_path / "drop").rglob("*") if path.is_file()]

    SftpPlace(server.login(), str(tmp_path / "drop")).put(NAME, content, "load-1")

    assert cut == [".load-1.bucketlift"]
    assert [path for path in (tmp_path / "drop").rglob("*") if path.is_file()] == [tmp_path / "drop" / NAME]
    assert (tmp_path / "drop" / NAME).read_bytes() == content.read_bytes()


@pytest.mark.parametrize("place", ["sftp", "folder"])
def test_a_folder_that_does_not_exist_is_not_created(
    server: sshd.Sshd, tmp_path: Path, content: Path, place: str
) -> None:
    folder = tmp_path / "nothing"
    places: dict[str, ObjectPlace] = {
        "sftp": SftpPlace(server.login(), str(folder)),
        "folder": FolderPlace(folder),
    }

    with pytest.raises(NotFound, match="The folder does not exist"):
        places[place].put(NAME, content, "load-1")

    assert not folder.exists()


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[None]:
    mounted = subprocess.run(
        ("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)), capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(("umount", str(folder)), check=True)


def test_a_full_disk_of_this_machine_leaves_no_file(tmp_path: Path, content: Path) -> None:
    (tmp_path / "drop").mkdir()
    with small_disk(tmp_path / "drop", "size=64k"):
        place = FolderPlace(tmp_path / "drop")

        with pytest.raises(StoreUnavailable, match=r"The disk is full \(ENOSPC"):
            place.put(NAME, content, "load-1")
        place.discard(NAME, "load-1")

        assert [path for path in (tmp_path / "drop").rglob("*") if path.is_file()] == []


def test_a_folder_that_can_only_be_read_refuses_access(tmp_path: Path, content: Path) -> None:
    (tmp_path / "drop").mkdir()
    with (
        small_disk(tmp_path / "drop", "ro"),
        pytest.raises(AccessRefused, match=r"The folder cannot be used \(EROFS"),
    ):
        FolderPlace(tmp_path / "drop").put(NAME, content, "load-1")
