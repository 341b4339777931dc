"""Opens a local file as bytes that can be searched and sliced without reading them into memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Bytes = bytes | mmap.mmap
"""The bytes of a file: mapped, or in memory."""


@contextmanager
def mapped(path: Path, size: int | None = None) -> Iterator[Bytes]:
    """Map a file, or its first ``size`` bytes, for reading. An empty file cannot be mapped, so ``b""`` is
    yielded for it.
    """
    with path.open("rb") as file:
        if (path.stat().st_size if size is None else size) == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), size or 0, access=mmap.ACCESS_READ) as data:
            yield data


def forget(data: Bytes, before: int) -> None:
    """Let the system release the memory of the bytes before this offset. These bytes can still be read."""
    whole_pages = before - before % mmap.PAGESIZE
    if isinstance(data, mmap.mmap) and whole_pages:
        data.madvise(mmap.MADV_DONTNEED, 0, whole_pages)
