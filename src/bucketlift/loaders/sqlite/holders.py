"""Who has a file open or locked, where the system tells."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

LOCKS = Path("/proc/locks")
"""Linux, proc(5): locks by the device and inode of their file. Asking the file itself would not do: who closes
a file gives up all locks that his process has on it."""
OPEN = Path("/dev/fd")
"""Linux and macOS: the numbers of this process's open files. (Windows keeps locks apart by itself.)"""


def holder(path: Path) -> str | None:
    """The process that has the file locked, by name and id; None where it cannot be known."""
    try:
        inodes = {str(name.stat().st_ino) for name in (path, Path(f"{path}-shm")) if name.exists()}
        lines = LOCKS.read_text().splitlines()
    except OSError:
        return None
    held = [line.split() for line in lines]
    ids = {int(parts[4]) for parts in held if _is_held(parts) and parts[5].rpartition(":")[2] in inodes}
    return ", ".join(sorted(_named(each) for each in ids if each > 0)) or None


def is_open_here(path: Path) -> bool:
    """Whether this process has the file open, where the system tells."""
    try:
        wanted = path.stat()
        numbers = [int(name) for name in os.listdir(OPEN)]  # noqa: PTH208  names are all that is asked
    except OSError:
        return False
    return any(os.path.samestat(wanted, each) for each in _stats(numbers))


def _stats(numbers: list[int]) -> Iterator[os.stat_result]:
    """Of open files that are still open when asked."""
    for number in numbers:
        with contextlib.suppress(OSError):
            yield os.fstat(number)


def _is_held(parts: list[str]) -> bool:
    """A line is ``1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 0 EOF``; one who waits has ``->`` behind the number.

    Devices are not compared: some file systems tell another one there than the file's own.
    """
    return len(parts) > 5 and parts[1] != "->"


def _named(process: int) -> str:
    if process == os.getpid():
        return "this very process"
    try:
        name = Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        name = "a process"
    return f"{name} (PID {process})"
