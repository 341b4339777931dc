"""Finds which process has a file open or locked, if the operating system reports this."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

LOCKS = Path("/proc/locks")
"""The list of locks by device and inode (Linux, proc(5)). We cannot open the database file to check its
locks, because closing it would release all locks of this process on it.
"""
OPEN = Path("/dev/fd")
"""The folder of this process's open file descriptors (Linux and macOS). Windows needs no check, because there
the locks of different handles are independent.
"""


def holder(path: Path) -> str | None:
    """Name and ID of the process that has locked the file; None if unknown."""
    try:
        inodes = {str(name.stat().st_ino) for name in (path, Path(f"{path}-shm")) if name.exists()}
        lines = LOCKS.read_text().splitlines()
    except OSError:
        return None
    held = [line.split() for line in lines]
    ids = {int(parts[4]) for parts in held if _is_held(parts) and parts[5].rpartition(":")[2] in inodes}
    return ", ".join(sorted(_named(each) for each in ids if each > 0)) or None


def is_open_here(path: Path) -> bool:
    """Whether this process has the file open, if the operating system reports this."""
    try:
        expected = path.stat()
        numbers = [int(name) for name in os.listdir(OPEN)]  # noqa: PTH208  names are all that is asked
    except OSError:
        return False
    return any(os.path.samestat(expected, each) for each in _stats(numbers))


def _stats(numbers: list[int]) -> Iterator[os.stat_result]:
    """Yield the properties of these file descriptors. Descriptors that were closed in the meantime are left
    out.
    """
    for number in numbers:
        with contextlib.suppress(OSError):
            yield os.fstat(number)


def _is_held(parts: list[str]) -> bool:
    """Whether a line of the list of locks is a lock that a process holds.

    A line is ``1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 0 EOF``; for a waiting process, ``->`` follows
    the first number. Devices are not compared, because some file systems report another device there.
    """
    return len(parts) > 5 and parts[1] != "->"


def _named(process: int) -> str:
    if process == os.getpid():
        return "this process itself"
    try:
        name = Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        name = "a process"
    return f"{name} (PID {process})"
