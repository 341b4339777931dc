"""How a task's files may be compressed, and how large they may be when unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


class Compression(StrEnum):
    AUTO = "auto"
    """The compression is detected by the file's first bytes. A file that matches no format is plain."""
    NONE = "none"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"


class ZipEntries(StrEnum):
    """How many files a zip may contain."""

    ONE = "one"
    ALL = "all"
    """All files of the zip are read. Each must meet the contract, and the rows are in the order of the
    entries.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Which files of a zip or tar are read. File names are matched with shell patterns."""

    entries: str = "*"
    """The pattern of the file names that are read. ``*`` matches any characters, including ``/``."""
    ignore: tuple[str, ...] = ()
    """Files with a matching name are left out, and the verdict notes this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits for the size of a decrypted and decompressed object."""

    largest: int = 50 << 30
    """Maximum bytes of the unpacked files."""
    ratio: int = 1000
    """Maximum unpacked bytes per byte of the object. This limit applies only above ``free``."""
    free: int = 100 << 20
    """Number of unpacked bytes that is allowed for every object."""
    time: timedelta = timedelta(hours=1)

    def cap(self, size: int) -> int:
        """The maximum unpacked bytes for an object of this size."""
        return min(self.largest, max(self.free, self.ratio * size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The plain bytes of an object in local files: one file, or one per archive entry in the order of the
    entries.
    """

    parts: tuple[Path, ...]
    notes: tuple[str, ...] = ()
