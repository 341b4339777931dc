"""A local file as bytes that may be searched and sliced, without being read into memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Bytes = bytes | mmap.mmap
"""What the framer works on: a mapped file, or plain bytes."""


@contextmanager
def mapped(path: Path, size: int | None = None) -> Iterator[Bytes]:
    """Map a file, or so many of its first bytes, for reading; no bytes cannot be mapped and are plain ``b""``."""
    with path.open("rb") as file:
        if (path.stat().st_size if size is None else size) == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), size or 0, access=mmap.ACCESS_READ) as data:
            yield data


def forget(data: Bytes, before: int) -> None:
    """Tell the system that the bytes before this one need not stay in memory; they can still be read."""
    whole_pages = before - before % mmap.PAGESIZE
    if isinstance(data, mmap.mmap) and whole_pages:
        data.madvise(mmap.MADV_DONTNEED, 0, whole_pages)
