"""One child process, measured: wall time, CPU, and the peak memory of it and all its descendants."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.02
"""Seconds between two looks at the memory."""
_PAGE = resource.getpagesize()
MB = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """``cpu`` counts every descendant that was waited for. Memory is in MB; 0 where /proc does not tell.

    ``resident`` also counts pages of mapped files, which the system takes back when it needs them; ``own`` does not.
    """

    wall: float
    cpu: float
    resident: float
    own: float
    code: int
    out: str
    err: str


def measure(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    limit: float,
    stdin: Path | None = None,
) -> Measured:
    """Run to the end, or until ``limit`` seconds have passed (``code`` is then -9)."""
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    with out.open("wb") as to, err.open("wb") as errors, (stdin or Path(os.devnull)).open("rb") as given:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env={**environment}, stdin=given, stdout=to, stderr=errors, process_group=0
        )
        watch = _Watch(child.pid)
        alarm = threading.Timer(limit, os.killpg, (child.pid, 9))
        alarm.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        alarm.cancel()
        watch.stop()
        child.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        resident=watch.resident / MB,
        own=watch.own / MB,
        code=child.returncode,
        out=out.read_text(errors="replace"),
        err=err.read_text(errors="replace"),
    )


class _Watch:
    """Looks at a process and its descendants until it is stopped.

    The kernel's own peak (ru_maxrss) would begin with the size of this process, of which the child is a fork.
    """

    def __init__(self, pid: int) -> None:
        self.resident = self.own = 0
        self._pid = pid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(LOOK):
            found = [_memory(pid) for pid in _tree(self._pid)]
            self.resident = max(self.resident, sum(resident for resident, _ in found), _highest(self._pid))
            self.own = max(self.own, sum(own for _, own in found))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in _read(children).split()]
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Resident bytes, and those among them that are no file's or shared memory."""
    words = _read(Path(f"/proc/{pid}/statm")).split()
    if len(words) < 3:
        return 0, 0
    resident, shared = int(words[1]), int(words[2])
    return resident * _PAGE, (resident - shared) * _PAGE


def _highest(pid: int) -> int:
    """What the kernel saw between two looks, of the first process alone."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""
