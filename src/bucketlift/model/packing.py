"""How a task's files may be compressed, and limits for their unpacked size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class Compression(StrEnum):
    AUTO = "auto"
    """Detected by the file's first bytes; a file that matches none is plain."""
    NONE = "none"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"


class ZipEntries(StrEnum):
    """How many files a zip may hold."""

    ONE = "one"
    ALL = "all"
    """Each file must meet the contract. Their rows are in the order of the entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Which files of a zip or tar are read. Their names are matched with shell patterns."""

    entries: str = "*"
    """All files with a matching name are read. ``*`` matches any characters, including ``/``."""
    ignore: tuple[str, ...] = ()
    """Files with a matching name are left out, and the verdict notes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits for the size of a decrypted and decompressed object."""

    largest: int = 50 << 30
    """Maximum unpacked bytes."""
    ratio: int = 1000
    """Maximum unpacked bytes per byte of the object. Applies above ``free``."""
    free: int = 100 << 20
    """Bytes that are always allowed."""
    time: timedelta = timedelta(hours=1)

    def cap(self, size: int) -> int:
        """Maximum unpacked bytes of an object of this size."""
        return min(self.largest, max(self.free, self.ratio * size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The plain bytes of an object in local files: one, or one per archive entry, in their order."""

    parts: tuple[Path, ...]
    notes: tuple[str, ...] = ()
