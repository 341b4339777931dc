"""How the files of a task may be compressed, and how far they may grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class Compression(StrEnum):
    AUTO = "auto"
    """By the file's first bytes; what begins like none of the others is plain."""
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
    """Each meets the contract by itself; their rows follow one another in the order of the entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Which files of a zip or tar are read: their names in the archive against shell patterns."""

    entries: str = "*"
    """All files whose name matches are read. ``*`` stands for any characters, ``/`` among them."""
    ignore: tuple[str, ...] = ()
    """Files whose name matches are left out, and the verdict says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far an object may grow while it is decrypted and decompressed."""

    largest: int = 50 << 30
    """Bytes."""
    ratio: int = 1000
    """Bytes unpacked for each byte of the object, where that is more than ``free``."""
    free: int = 100 << 20
    """Bytes that any object may grow to."""
    time: timedelta = timedelta(hours=1)

    def cap(self, size: int) -> int:
        """Bytes that an object of this size may come to."""
        return min(self.largest, max(self.free, self.ratio * size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The plain bytes of an object in local files: one, or one per entry of a zip, in their order."""

    parts: tuple[Path, ...]
    notes: tuple[str, ...] = ()
