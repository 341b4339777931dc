"""A folder of an SFTP server."""

from __future__ import annotations

import errno
import hashlib
import posixpath
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from bucketlift.errors import BucketliftError, NotFound, PlaceTaken, StoreUnavailable
from bucketlift.model.finding import Finding, Health
from bucketlift.objects.places.place import TEMPORARY, Expected
from bucketlift.stores.sftp_session import (
    USUAL,
    SftpLogin,
    SftpRefused,
    SftpTimeouts,
    open_session,
    translated,
)

if TYPE_CHECKING:
    from paramiko import SFTPClient

PIECE = 32 * 1024
"""Bytes of one write. Every server accepts this many."""
BLOCK = 1 << 20
_EXTENDED = 200
"""SSH_FXP_EXTENDED."""
_FSYNC = "fsync@openssh.com"
_UNSUPPORTED = 8
"""SSH_FX_OP_UNSUPPORTED."""


class SftpPlace:
    """Implements ``StagedPlace``. The folder must exist; folders below it are created."""

    def __init__(self, login: SftpLogin, folder: str = "", timeouts: SftpTimeouts = USUAL) -> None:
        self._login, self._folder, self._timeouts = login, folder, timeouts

    def put(self, name: str, content: Path, owner: str) -> None:
        self.stage(name, content, owner)
        self.publish(name, owner)

    def stage(self, name: str, content: Path, owner: str) -> None:
        with self._session(name) as session:
            self._make_folders(session, name)
            _upload(session, content, self._temporary(name, owner))

    def publish(self, name: str, owner: str) -> None:
        temporary, path = self._temporary(name, owner), self._path(name)
        with self._session(name) as session:
            if _exists(session, path):
                raise PlaceTaken("Another file already has this name", to=self.address(name))
            try:
                session.rename(temporary, path)
            except SftpRefused as error:
                if not _exists(session, temporary):
                    raise StoreUnavailable("The uploaded file is gone", to=self.address(name)) from error
                if _exists(session, path):  # since a moment ago; OpenSSH has no separate code for this
                    raise PlaceTaken("Another file already has this name", to=self.address(name)) from error
                raise

    def holds(self, name: str, expected: Expected) -> bool | None:
        with self._session(name) as session:
            return _holds(session, self._path(name), expected)

    def holds_staged(self, name: str, owner: str, expected: Expected) -> bool | None:
        with self._session(name) as session:
            return _holds(session, self._temporary(name, owner), expected)

    def discard(self, name: str, owner: str) -> None:
        with suppress(BucketliftError), self._session(name) as session:
            session.remove(self._temporary(name, owner))

    def address(self, name: str) -> str:
        path = self._path(name)
        return f"{self._login}{'' if path.startswith('/') else '/'}{path}"

    def examine(self) -> tuple[Finding, ...]:
        try:
            with self._session("") as session:
                signed_in = Finding(check="sign-in", health=Health.OK, what="The server accepts the user")
                return (signed_in, self._examined(session))
        except BucketliftError as error:
            return (Finding(check="sign-in", health=Health.MISSING, what=error.what, hint=error.hint),)

    def _examined(self, session: SFTPClient) -> Finding:
        """Whether a file can be created, and is not replaced by a rename."""
        first, second = (self._temporary("x", secrets.token_hex(8)) for _ in range(2))
        try:
            with translated(self.address("")):
                for path in (first, second):
                    session.open(path, "wx").close()
                if _replaces(session, first, second):
                    return Finding(
                        check="rename",
                        health=Health.WARNING,
                        what="A rename replaces an existing file on this server",
                        hint="Let no other program write to this folder: Bucketlift looks for a file before it renames, "
                        "but the server does not refuse.",
                    )
        except BucketliftError as error:
            return Finding(check="folder", health=Health.MISSING, what=error.what, hint=error.hint)
        finally:
            for path in (first, second):
                with suppress(OSError, EOFError):
                    session.remove(path)
        return Finding(
            check="folder", health=Health.OK, what="Files can be created here, and none is replaced"
        )

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name) or "."

    def _temporary(self, name: str, owner: str) -> str:
        return posixpath.join(posixpath.dirname(self._path(name)), f".{owner}{TEMPORARY}")

    def _make_folders(self, session: SFTPClient, name: str) -> None:
        if self._folder and not _exists(session, self._folder):
            raise NotFound(
                "The folder does not exist on the SFTP server",
                to=self.address(""),
                hint="Create it, or correct the destination's `path`.",
            )
        folder = self._folder
        for part in name.split("/")[:-1]:
            folder = posixpath.join(folder, part)
            if not _exists(session, folder):
                try:
                    session.mkdir(folder)
                except SftpRefused:
                    if not _exists(session, folder):  # another worker may have created it
                        raise

    @contextmanager
    def _session(self, name: str) -> Iterator[SFTPClient]:
        with (
            open_session(self._login, self._timeouts) as session,
            translated(self.address(name)),
        ):
            yield session


def _upload(session: SFTPClient, content: Path, path: str) -> None:
    """Write a file and make it durable, if the server can."""
    with content.open("rb") as source, session.open(path, "wb") as file:
        file.set_pipelined(True)
        while piece := source.read(PIECE):
            file.write(piece)
        _await_writes(session, file)
        try:
            session._request(_EXTENDED, _FSYNC, file.handle)  # noqa: SLF001 - paramiko has no method for extensions
        except SftpRefused as error:
            if error.code != _UNSUPPORTED:
                raise
    stored, size = session.stat(path).st_size, content.stat().st_size
    if stored != size:
        raise StoreUnavailable(
            f"The server stored {stored:,} of {size:,} bytes",
            to=path,
            hint="Check its free space and quotas.",
        )


def _await_writes(session: SFTPClient, file: Any) -> None:
    """Wait for the answers to all writes. Closing the file would ignore that one was refused."""
    file.flush()
    while file._reqs:  # noqa: SLF001 - see above
        session._read_response(file._reqs.popleft())  # noqa: SLF001


def _exists(session: SFTPClient, path: str) -> bool:
    try:
        session.lstat(path)
    except SftpRefused as error:
        if error.errno != errno.ENOENT:
            raise
        return False
    return True


def _holds(session: SFTPClient, path: str, expected: Expected) -> bool | None:
    if not _exists(session, path):
        return None
    if not S_ISREG(session.lstat(path).st_mode or 0):
        return False
    found = hashlib.sha256()
    with session.open(path, "rb") as file:
        file.prefetch()
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest() == expected.sha256


def _replaces(session: SFTPClient, source: str, target: str) -> bool:
    try:
        session.rename(source, target)
    except SftpRefused:
        return False
    return True
