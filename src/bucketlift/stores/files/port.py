"""The interface that a folder and an SFTP server share: files with a size and a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What identifies the content of a file, in addition to its path."""

    size: int
    modified: int
    """The time of the last change, in nanoseconds since 1970. An SFTP server gives only whole seconds."""
    inode: int | None = None
    """The inode of the file. None on an SFTP server, which does not show inodes."""

    @property
    def etag(self) -> str:
        """A text of time and inode, which is used as the ETag. The size is not part of it, because it is
        always compared together with the ETag.
        """
        if self.inode is None:
            return str(self.modified // 10**9)
        return f"{self.modified}-{self.inode}"

    @property
    def modified_at(self) -> datetime | None:
        try:
            return datetime.fromtimestamp(self.modified / 10**9, UTC)
        except (OverflowError, ValueError, OSError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a folder. ``state`` is None if the entry is a folder."""

    name: str
    state: FileState | None


class OpenFile(Protocol):
    """A file that is open for reading."""

    def state(self) -> FileState: ...

    def read(self, at: int, size: int) -> bytes:
        """Read up to ``size`` bytes from the position ``at``. After the end of the file, no bytes are
        returned.
        """
        ...


class Files(Protocol):
    """The files below one folder. Paths are relative to this folder, with slashes.

    Symbolic links are never followed. Only regular files and folders are seen; everything else is treated as
    if it did not exist. The calls raise ``FileNotFoundError`` if a path does not exist, ``FileExistsError``
    if a new path exists already, and errors of Bucketlift for everything else.
    """

    @property
    def name(self) -> str:
        """The path or address of the folder, for people."""
        ...

    def require_folder(self, folder: str) -> None:
        """Check that a folder exists. The empty path means the folder of the whole store."""
        ...

    def entries(self, folder: str) -> Iterator[Entry]:
        """The regular files and folders of a folder, in any order."""
        ...

    def state(self, path: str) -> FileState: ...

    def open(self, path: str) -> AbstractContextManager[OpenFile]: ...

    def make_folders(self, folder: str) -> None:
        """Create this folder and the folders above it, if they do not exist."""
        ...

    def link(self, path: str, to: str) -> bool:
        """Give a file a second path. Returns False if the file system does not support this; then nothing was
        changed.
        """
        ...

    def write(self, path: str, pieces: Iterable[bytes], *, modified: int | None = None) -> None:
        """Write a new file, and sync it to the disk of the store. ``modified`` is the time to set, in
        nanoseconds; None if no time is set.
        """
        ...

    def rename(self, path: str, to: str) -> None:
        """Rename a file. An existing file at the new path is never overwritten."""
        ...

    def take_away(self, path: str, private: str) -> None:
        """Rename a file in one step to a name that only Bucketlift uses."""
        ...

    def remove(self, path: str) -> None: ...

    def remove_folder(self, folder: str) -> None:
        """Remove a folder if it is empty. Otherwise do nothing."""
        ...

    def skipped(self, folder: str) -> int:
        """The number of entries of a folder that are neither regular files nor folders."""
        ...

    def close(self) -> None: ...
