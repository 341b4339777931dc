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
                yield _Open(file, f"{self.name}/{path}")

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
                _extended(client, b"hardlink@openssh.com", self._path(path), self._path(to))
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
                    file.set_pipelined(True)
                    for piece in pieces:
                        file.write(piece)
                    with suppress(SftpRefused):  # not every server can
                        _extended(client, b"fsync@openssh.com", file.handle)
                if modified is not None:
                    client.utime(self._path(path), (modified // _SECOND, modified // _SECOND))
            except BaseException:
                with suppress(BucketliftError, OSError):
                    self.remove(path)
                raise

    def rename(self, path: str, to: str) -> None:
        """Rename a file. By this request, no server overwrites an existing file: OpenSSH creates a link to
        the file and removes the old name.
        """
        with self._session(to) as client:
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
        """Yield the names and attributes in a folder. paramiko's own function is not used, because it fails
        if a name is not UTF-8.
        """
        import paramiko  # noqa: PLC0415 - only for SFTP

        with self._session(folder) as client:
            _, answer = client._request(paramiko.sftp.CMD_OPENDIR, self._path(folder))  # noqa: SLF001 - see above
            handle = answer.get_binary()
            try:
                while True:
                    try:
                        _, answer = client._request(paramiko.sftp.CMD_READDIR, handle)  # noqa: SLF001 - see above
                    except EOFError:
                        return
                    for _ in range(answer.get_int()):
                        name, _ = answer.get_binary(), answer.get_binary()
                        attributes = paramiko.SFTPAttributes._from_msg(answer)  # noqa: SLF001 - see above
                        if name not in (b".", b".."):
                            yield name.decode("utf-8", "surrogateescape"), attributes
            finally:
                with suppress(SftpRefused, EOFError):
                    client._request(paramiko.sftp.CMD_CLOSE, handle)  # noqa: SLF001 - see above

    def _path(self, path: str) -> bytes:
        if path and not is_sound(path):
            raise FileNotFoundError(errno.ENOENT, "not a path below the folder", path)
        return (self._above + path or ".").encode("utf-8", "surrogateescape")

    @contextmanager
    def _session(self, path: str) -> Iterator[paramiko.SFTPClient]:
        with _translated(f"{self.name}/{path}".rstrip("/")), self._sessions.one() as client:
            yield client


class _Open:
    def __init__(self, file: paramiko.SFTPFile, to: str) -> None:
        self._file, self._to = file, to
        self._size = self.state().size

    def state(self) -> FileState:
        with _translated(self._to):
            return _state(self._file.stat(), self._to)

    def read(self, at: int, size: int) -> bytes:
        """Read with many requests at once. No request goes beyond the end of the file, because the error for
        it would hide the bytes before the end.
        """
        size = min(size, self._size - at)
        if size <= 0:
            return b""
        with _translated(self._to):
            try:
                return b"".join(self._file.readv([(at, size)]))
            except EOFError:
                return b""  # it became shorter


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


def _extended(client: paramiko.SFTPClient, request: bytes, *arguments: bytes) -> None:
    import paramiko  # noqa: PLC0415 - only for SFTP

    client._request(paramiko.sftp.CMD_EXTENDED, request, *arguments)  # noqa: SLF001 - paramiko has no call for it


def _state(attributes: Any, path: str) -> FileState:
    if not stat.S_ISREG(attributes.st_mode or 0):
        raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
    return FileState(size=attributes.st_size, modified=(attributes.st_mtime or 0) * _SECOND)
