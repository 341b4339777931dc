"""The files of a folder of an SFTP server. The server follows links in the path of the folder itself, but
links below the folder are not followed.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bucketlift.errors import BucketliftError
from bucketlift.model.account import SftpAccount
from bucketlift.stores.files import requests
from bucketlift.stores.files.port import Entry, FileState
from bucketlift.stores.files.sessions import Sessions
from bucketlift.stores.files.store import FileStore
from bucketlift.stores.files.walking import is_sound
from bucketlift.stores.sftp_session import SftpLogin, SftpRefused, translate

if TYPE_CHECKING:
    import paramiko

_FAILURE, _NO_RIGHT, _UNSUPPORTED = 4, 3, 8
"""SSH_FX error codes. OpenSSH answers FAILURE in several cases; one of them is a file that exists already."""
_SECOND = 10**9
AT_ONCE = 1 << 20
"""Number of bytes that are requested at once."""


def open_server(account: SftpAccount, private_key: str, password: str) -> FileStore:
    login = SftpLogin(
        host=account.host,
        port=account.port,
        user=account.user,
        host_keys=account.host_key,
        private_key=private_key or None,
        password=password or None,
    )
    return FileStore(SftpFiles(Sessions(login), account.path, str(login)), account)


class SftpFiles:
    """The files of a folder of an SFTP server; implements ``Files``."""

    def __init__(self, sessions: Sessions, top: str, server: str) -> None:
        self._sessions = sessions
        self._above = top if not top or top.endswith("/") else f"{top}/"
        self._server = server

    @property
    def name(self) -> str:
        return f"{self._server}/{self._above}".rstrip("/")

    def require_folder(self, folder: str) -> None:
        with self._session(folder) as client:
            found = client.stat(self._path(folder)) if not folder else client.lstat(self._path(folder))
            if not stat.S_ISDIR(found.st_mode or 0):
                raise FileNotFoundError(errno.ENOENT, "not a folder", folder)

    def entries(self, folder: str) -> Iterator[Entry]:
        for name, attributes in self._found(folder):
            if stat.S_ISDIR(attributes.st_mode or 0):
                yield Entry(name=name, state=None)
            elif stat.S_ISREG(attributes.st_mode or 0):
                yield Entry(name=name, state=_state(attributes, name))

    def skipped(self, folder: str) -> int:
        modes = (attributes.st_mode or 0 for _, attributes in self._found(folder))
        return sum(not stat.S_ISDIR(mode) and not stat.S_ISREG(mode) for mode in modes)

    def state(self, path: str) -> FileState:
        with self._session(path) as client:
            return _state(client.lstat(self._path(path)), path)

    @contextmanager
    def open(self, path: str) -> Iterator[_Open]:
        with self._session(path) as client:
            _state(client.lstat(self._path(path)), path)
            with client.open(self._path(path), "rb") as file:
                yield _Open(client, file, f"{self.name}/{path}")

    def make_folders(self, folder: str) -> None:
        steps = folder.split("/") if folder else []
        for depth in range(1, len(steps) + 1):
            path = "/".join(steps[:depth])
            with self._session(path) as client:
                try:
                    client.mkdir(self._path(path))
                except SftpRefused:
                    self.require_folder(path)

    def link(self, path: str, to: str) -> bool:
        with self._session(to) as client:
            try:
                requests.extended(client, b"hardlink@openssh.com", self._path(path), self._path(to))
            except SftpRefused as error:
                if error.code not in (_FAILURE, _NO_RIGHT, _UNSUPPORTED):
                    raise
                self._refuse_existing(to)
                self.state(path)
                return False
        return True

    def write(self, path: str, pieces: Iterable[bytes], *, modified: int | None = None) -> None:
        with self._session(path) as client:
            try:
                file = client.open(self._path(path), "wbx")
            except SftpRefused as error:
                if error.code == _FAILURE:
                    self._refuse_existing(path)
                raise
            try:
                with file:
                    for piece in pieces:  # not pipelined: the pieces may be read in the same session
                        file.write(piece)
                    with suppress(SftpRefused):  # not every server can
                        requests.extended(client, b"fsync@openssh.com", file.handle)
                if modified is not None:
                    client.utime(self._path(path), (modified // _SECOND, modified // _SECOND))
            except BaseException:
                with suppress(BucketliftError, OSError):
                    self.remove(path)
                raise

    def rename(self, path: str, to: str) -> None:
        """Rename a file. By this request, OpenSSH overwrites no file: it creates a link to the file and removes
        the old name. Other servers may overwrite one, so the new name is looked up first.
        """
        with self._session(to) as client:
            self._refuse_existing(to)
            try:
                client.rename(self._path(path), self._path(to))
            except SftpRefused as error:
                if error.code == _FAILURE:
                    self._refuse_existing(to)
                raise

    def take_away(self, path: str, private: str) -> None:
        with self._session(path) as client:
            try:
                client.posix_rename(self._path(path), self._path(private))
            except SftpRefused as error:
                if error.code != _UNSUPPORTED:
                    raise
                client.rename(self._path(path), self._path(private))

    def remove(self, path: str) -> None:
        with self._session(path) as client:
            client.remove(self._path(path))

    def remove_folder(self, folder: str) -> None:
        with suppress(BucketliftError, FileNotFoundError), self._session(folder) as client:
            client.rmdir(self._path(folder))

    def close(self) -> None:
        self._sessions.close()

    def _refuse_existing(self, path: str) -> None:
        with suppress(FileNotFoundError), self._session(path) as client:
            client.lstat(self._path(path))
            raise FileExistsError(errno.EEXIST, "exists already", path)

    def _found(self, folder: str) -> Iterator[tuple[str, Any]]:
        with self._session(folder) as client:
            for name, attributes in requests.entries(client, self._path(folder)):
                yield name.decode("utf-8", "surrogateescape"), attributes

    def _path(self, path: str) -> bytes:
        if path and not is_sound(path):
            raise FileNotFoundError(errno.ENOENT, "not a path below the folder", path)
        return (self._above + path or ".").encode("utf-8", "surrogateescape")

    @contextmanager
    def _session(self, path: str) -> Iterator[paramiko.SFTPClient]:
        with _translated(f"{self.name}/{path}".rstrip("/")), self._sessions.one() as client:
            yield client


class _Open:
    def __init__(self, client: paramiko.SFTPClient, file: paramiko.SFTPFile, to: str) -> None:
        self._client, self._file, self._to = client, file, to

    def state(self) -> FileState:
        with self._request():
            return _state(self._file.stat(), self._to)

    def read(self, at: int, size: int) -> bytes:
        with self._request():
            return requests.read(self._client, self._file.handle, at, min(size, AT_ONCE))

    @contextmanager
    def _request(self) -> Iterator[None]:
        """Close a session whose connection is lost, because the caller may catch the error while the file is
        still open. Otherwise the next call would get the same session.
        """
        with _translated(self._to):
            try:
                yield
            except (SftpRefused, FileNotFoundError):
                raise
            except Exception:
                self._client.close()
                raise


@contextmanager
def _translated(to: str) -> Iterator[None]:
    import paramiko  # noqa: PLC0415 - only for SFTP

    try:
        yield
    except (BucketliftError, FileNotFoundError, FileExistsError):
        raise
    except (paramiko.SSHException, EOFError, OSError) as error:
        if isinstance(error, SftpRefused) and error.errno == errno.ENOENT:
            raise FileNotFoundError(errno.ENOENT, "no such path", to) from error
        raise translate(error, to) from error


def _state(attributes: Any, path: str) -> FileState:
    if not stat.S_ISREG(attributes.st_mode or 0):
        raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
    return FileState(size=attributes.st_size, modified=(attributes.st_mtime or 0) * _SECOND)
