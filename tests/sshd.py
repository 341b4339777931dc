"""A real SFTP server for tests: OpenSSH's, on loopback, for the user who runs the tests."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bucketlift.stores.sftp_session import SftpLogin

SEPARATED = Path("/run/sshd")
"""The server refuses to start under root without this folder."""


@dataclass(frozen=True, kw_only=True)
class Sshd:
    """``folder`` has the keys; users see the whole file system."""

    folder: Path
    port: int

    @property
    def host_key(self) -> str:
        return (self.folder / "host.pub").read_text().strip()

    @property
    def private_key(self) -> str:
        return (self.folder / "user").read_text()

    def login(self, **changed: object) -> SftpLogin:
        values = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "host_keys": (self.host_key,),
            "private_key": self.private_key,
        }
        return SftpLogin(**(values | changed))  # type: ignore[arg-type]


def program() -> str:
    """The server's program. Without it, the test is skipped."""
    found = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("sshd (openssh-server) is not installed")
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def make_key(path: Path, kind: str = "ed25519") -> None:
    subprocess.run(("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)), check=True)


@contextmanager
def running(folder: Path, *, subsystem: str = "internal-sftp") -> Iterator[Sshd]:
    """A server with a new host key. It stops when the block ends. ``subsystem`` is the command that serves SFTP."""
    folder.mkdir(mode=0o700, exist_ok=True)
    make_key(folder / "host")
    make_key(folder / "user")
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    if not SEPARATED.exists() and SEPARATED.parent.is_dir():
        with suppress(PermissionError):  # another user than root does not need it
            SEPARATED.mkdir(mode=0o755)
    port, child = started(folder, subsystem)
    with child:
        try:
            yield Sshd(folder=folder, port=port)
        finally:
            child.terminate()


def started(folder: Path, subsystem: str) -> tuple[int, subprocess.Popen[str]]:
    """A server that listens, and its port. Another process may take a free port first: then another one is tried."""
    server = program()
    for _ in range(5):
        port = free_port()
        configure(folder, port, subsystem)
        child = subprocess.Popen(
            (server, "-D", "-e", "-f", str(folder / "config")), stderr=subprocess.PIPE, text=True
        )
        assert child.stderr is not None
        if any("listening on" in line for line in iter(child.stderr.readline, "")):
            return port, child
        child.communicate()
    raise AssertionError("sshd did not start")


def configure(folder: Path, port: int, subsystem: str) -> None:
    (folder / "config").write_text(
        "\n".join(
            (
                f"Port {port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {folder / 'host'}",
                f"PidFile {folder / 'pid'}",
                f"AuthorizedKeysFile {folder / 'authorized'}",
                "StrictModes no",
                "UsePAM no",
                "PasswordAuthentication no",
                "PermitRootLogin yes",
                "MaxStartups 100",
                f"Subsystem sftp {subsystem}",
            )
        )
    )
