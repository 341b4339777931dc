"""Reads and changes the files of a folder of this machine. Symbolic links below the folder are never
followed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bucketlift.errors import AccessRefused, BucketliftError, NeedsPerson, StoreUnavailable
from bucketlift.model.account import FolderAccount
from bucketlift.stores.files.port import Entry, FileState
from bucketlift.stores.files.store import FileStore
from bucketlift.stores.files.walking import is_sound

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""The flags with which files are opened. Without O_NONBLOCK, the opening of a named pipe would wait for a
writer.
"""
_NO_SUCH_PATH = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Error numbers for a path that does not exist. A symbolic link in the path (ELOOP) is treated as if it did
not exist.
"""
_NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def open_folder(account: FolderAccount) -> FileStore:
    return FileStore(LocalFiles(Path(account.path)), account)


class LocalFiles:
    """The files of a folder of this machine; implements ``Files``. Each call opens the folders of a path one
    by one, from the top.
    """

    def __init__(self, top: Path) -> None:
        self._top = top

    @property
    def name(self) -> str:
        return str(self._top)

    def require_folder(self, folder: str) -> None:
        with self._translated(folder), self._folder(folder):
            pass

    def entries(self, folder: str) -> Iterator[Entry]:
        with self._translated(folder), self._folder(folder) as opened, os.scandir(opened) as found:
            for each in found:
                entry = _entry(each)
                if entry is not None:
                    yield entry

    def skipped(self, folder: str) -> int:
        with self._translated(folder), self._folder(folder) as opened, os.scandir(opened) as found:
            return sum(
                not each.is_file(follow_symlinks=False) and not each.is_dir(follow_symlinks=False)
                for each in found
            )

    def state(self, path: str) -> FileState:
        with self._translated(path), self._place(path) as (folder, name):
            return _state(os.stat(name, dir_fd=folder, follow_symlinks=False), path)

    @contextmanager
    def open(self, path: str) -> Iterator[_Open]:
        with self._translated(path), self._place(path) as (folder, name):
            opened = os.open(name, _FILE, dir_fd=folder)
        try:
            yield _Open(opened, f"{self.name}/{path}")
        finally:
            os.close(opened)

    def make_folders(self, folder: str) -> None:
        with self._translated(folder):
            steps = folder.split("/") if folder else []
            for depth in range(len(steps)):
                with self._folder("/".join(steps[:depth])) as above, suppress(FileExistsError):
                    os.mkdir(steps[depth], dir_fd=above)

    def link(self, path: str, to: str) -> bool:
        with self._translated(to), self._place(path) as (folder, name), self._place(to) as (target, new):
            try:
                os.link(name, new, src_dir_fd=folder, dst_dir_fd=target, follow_symlinks=False)
            except OSError as error:
                if error.errno in _NO_LINKS:
                    return False
                raise
            _to_disk(target)
        return True

    def write(self, path: str, pieces: Iterable[bytes], *, modified: int | None = None) -> None:
        with self._translated(path), self._place(path) as (folder, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with os.fdopen(os.open(name, flags, 0o666, dir_fd=folder), "wb") as file:
                try:
                    for piece in pieces:
                        file.write(piece)
                    file.flush()
                    if modified is not None:
                        os.utime(file.fileno(), ns=(modified, modified))
                    os.fsync(file.fileno())
                except BaseException:
                    os.unlink(name, dir_fd=folder)
                    raise

    def rename(self, path: str, to: str) -> None:
        """Rename a file. If possible, this is done by a second link to the file, because the system's rename
        would overwrite an existing file.
        """
        if self.link(path, to):
            self.remove(path)
            return
        with self._translated(to), self._place(path) as (folder, name), self._place(to) as (target, new):
            # The empty file reserves the name: only then is it safe to overwrite it.
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, dir_fd=target))
            try:
                os.rename(name, new, src_dir_fd=folder, dst_dir_fd=target)
            except BaseException:
                os.unlink(new, dir_fd=target)
                raise
            _to_disk(target)

    def take_away(self, path: str, private: str) -> None:
        with (
            self._translated(path),
            self._place(path) as (folder, name),
            self._place(private) as (target, new),
        ):
            os.rename(name, new, src_dir_fd=folder, dst_dir_fd=target)

    def remove(self, path: str) -> None:
        with self._translated(path), self._place(path) as (folder, name):
            os.unlink(name, dir_fd=folder)
            _to_disk(folder)

    def remove_folder(self, folder: str) -> None:
        with suppress(OSError), self._place(folder) as (above, name):
            os.rmdir(name, dir_fd=above)

    def close(self) -> None:
        """Do nothing, because no file stays open between calls."""

    @contextmanager
    def _place(self, path: str) -> Iterator[tuple[int, str]]:
        """Open the folder that contains the path. Yields the open folder, and the last part of the path."""
        folder, _, name = path.rpartition("/")
        if not is_sound(path):
            raise FileNotFoundError(errno.ENOENT, "not a path below the folder", path)
        with self._folder(folder) as opened:
            yield opened, name

    @contextmanager
    def _folder(self, path: str) -> Iterator[int]:
        if path and not is_sound(path):
            raise FileNotFoundError(errno.ENOENT, "not a path below the folder", path)
        opened = os.open(self._top, _FOLDER)
        try:
            for step in path.split("/") if path else ():
                inner = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=opened)
                os.close(opened)
                opened = inner
            yield opened
        finally:
            os.close(opened)

    @contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        with translated(f"{self.name}/{path}".rstrip("/")):
            yield


class _Open:
    def __init__(self, file: int, to: str) -> None:
        self._file, self._to = file, to

    def state(self) -> FileState:
        with translated(self._to):
            return _state(os.fstat(self._file), self._to)

    def read(self, at: int, size: int) -> bytes:
        with translated(self._to):
            return os.pread(self._file, size, at)


@contextmanager
def translated(to: str) -> Iterator[None]:
    """Translate the operating system's errors that are raised in the block.

    Raises:
        FileNotFoundError, FileExistsError: raised unchanged.
        AccessRefused: a right is missing, or the file system is read-only.
        NeedsPerson: the file system is full, or a name is too long for it.
        StoreUnavailable: any other error, such as a failing disk or network.
    """
    try:
        yield
    except (BucketliftError, FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if error.errno in _NO_SUCH_PATH:
            raise FileNotFoundError(errno.ENOENT, "no such path", to) from error
        raise _translate(error, to) from error


def _translate(error: OSError, to: str) -> BucketliftError:
    words = f"{error.strerror or type(error).__name__}, errno {error.errno}"
    if error.errno in _REFUSED:
        hint = "Grant the user who runs Bucketlift the right to this path: to read a file and to list its folder; to delete or move it, also to write to its folder."
        return AccessRefused(f"The system refuses access to a path ({words})", to=to, hint=hint)
    if error.errno in _FULL:
        return NeedsPerson(f"The file system is full ({words})", to=to, hint="Make room there, and retry.")
    if error.errno == errno.ENAMETOOLONG:
        return NeedsPerson(
            f"The name is too long for the file system ({words})", to=to, hint="Use a shorter prefix."
        )
    return StoreUnavailable(f"The folder cannot be used ({words})", to=to)


def _entry(found: os.DirEntry[str]) -> Entry | None:
    if found.is_dir(follow_symlinks=False):
        return Entry(name=found.name, state=None)
    try:
        return Entry(name=found.name, state=_state(found.stat(follow_symlinks=False), found.name))
    except FileNotFoundError:
        return None  # no regular file, or it is gone


def _state(found: os.stat_result, path: str) -> FileState:
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(errno.ENOENT, "not a regular file", path)
    return FileState(size=found.st_size, modified=found.st_mtime_ns, inode=found.st_ino)


def _to_disk(folder: int) -> None:
    """Make the names in a folder durable. If a removed file came back after a power failure, it would be
    loaded again.
    """
    with suppress(OSError):  # not every file system can
        os.fsync(folder)
