"""Which process holds a lock on a file, where the system tells."""

from __future__ import annotations

import os
from pathlib import Path

LOCKS = Path("/proc/locks")
"""Linux, proc(5): locks by the device and inode of their file. Asking the file itself would not do: who closes
a file gives up all locks that his process has on it."""


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
