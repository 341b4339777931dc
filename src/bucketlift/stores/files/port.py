"""What a folder and an SFTP server have in common: files with a size and a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What identifies the content of a file, besides its path."""

    size: int
    modified: int
    """In nanoseconds since 1970. From an SFTP server: whole seconds."""
    inode: int | None = None
    """None on an SFTP server, which does not show it."""

    @property
    def etag(self) -> str:
        """Time and inode. The size is beside the ETag everywhere."""
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
    """One entry of a folder. ``state`` is None for a folder."""

    name: str
    state: FileState | None


class OpenFile(Protocol):
    """A file that is open for reading."""

    def state(self) -> FileState: ...

    def read(self, at: int, size: int) -> bytes:
        """Up to ``size`` bytes from this position; none after the end of the file."""
        ...


class Files(Protocol):
    """The files below one folder. Paths are relative to it, with slashes.

    Symbolic links are never followed, and only regular files exist: all else is as if it were not there. The calls
    raise ``FileNotFoundError`` if a path does not exist, ``FileExistsError`` if a new path exists already, and all
    other errors as ours.
    """

    @property
    def name(self) -> str:
        """The folder, for people."""
        ...

    def require_folder(self, folder: str) -> None:
        """Check that a folder exists. The empty path is the whole store."""
        ...

    def entries(self, folder: str) -> Iterator[Entry]:
        """The regular files and folders of a folder, in any order."""
        ...

    def state(self, path: str) -> FileState: ...

    def open(self, path: str) -> AbstractContextManager[OpenFile]: ...

    def make_folders(self, folder: str) -> None:
        """Make this folder, with the folders above it, unless it exists."""
        ...

    def link(self, path: str, to: str) -> bool:
        """Give a file a second path. False if this place cannot do so; then nothing was changed."""
        ...

    def write(self, path: str, pieces: Iterable[bytes], *, modified: int | None = None) -> None:
        """Write a new file to the disk of the store. ``modified`` is its time in nanoseconds, if it must have one."""
        ...

    def rename(self, path: str, to: str) -> None:
        """Rename a file; an existing file is not overwritten."""
        ...

    def take_away(self, path: str, private: str) -> None:
        """Rename a file to a name that only Bucketlift uses, in one step of the store."""
        ...

    def remove(self, path: str) -> None: ...

    def remove_folder(self, folder: str) -> None:
        """Remove a folder if it is empty; otherwise nothing happens."""
        ...

    def skipped(self, folder: str) -> int:
        """The number of entries of a folder that are neither regular files nor folders."""
        ...

    def close(self) -> None: ...
