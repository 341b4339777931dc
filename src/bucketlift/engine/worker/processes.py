"""Finds out which worker processes of this home are alive.

Each process locks a file, and increments a counter in this file. No wall clock is used, because it may be set
back or forward at any time.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bucketlift.errors import RequestWrong
from bucketlift.model.worker import STALE

_DIGITS = 20


class Processes:
    """The worker processes of a home. Every process that can read the home's folder can use this. Several
    threads may use it at the same time.
    """

    def __init__(self, folder: Path, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._seconds = seconds
        self._seen: dict[str, tuple[bytes, float]] = {}
        self._seen_lock = threading.Lock()

    def alive(self, worker: str) -> bool:
        """Whether a process holds the lock of its file and still increments the counter.

        A frozen process keeps its lock, but counts as dead if its counter has not changed for ``STALE``.
        """
        count = self._count_if_locked(worker)
        if count is None:
            return False
        return not count or self._changes(
            worker, count
        )  # earlier versions have no counter: only their lock can be checked

    def dead(self, worker: str) -> bool:
        """Whether the kernel reports that a worker of this home has ended without removing its file."""
        return self._path(worker).exists() and self._count_if_locked(worker) is None

    def ended(self, worker: str) -> bool:
        """Whether this home has no process with this ID any more."""
        return self._count_if_locked(worker) is None

    def forget(self, worker: str) -> None:
        """Remove the lock file of a dead worker."""
        self._path(worker).unlink(missing_ok=True)

    def _count_if_locked(self, worker: str) -> bytes | None:
        """The content of a locked file; None if there is no file, or no process holds its lock."""
        try:
            with self._path(worker).open("rb") as file:
                count = file.read(_DIGITS)
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return count
        return None

    def _changes(self, worker: str, count: bytes) -> bool:
        now = self._seconds()
        with self._seen_lock:
            before, since = self._seen.get(worker, (b"", now))
            if before != count:
                self._seen[worker] = count, now
                return True
            return now - since < STALE.total_seconds()

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"


class Process(Processes):
    """This process as a worker. When the process ends for any reason, the kernel releases the lock."""

    def __init__(self, folder: Path, *, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__(folder, seconds=seconds)
        folder.mkdir(parents=True, exist_ok=True)
        self.id = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._file: int | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self._lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._path(self.id).unlink(missing_ok=True)
        self._unlock()

    def count(self) -> None:
        """Increment the counter. If the lock file was removed, create it again."""
        if self._file is None or not self._path(self.id).exists():
            self._unlock()
            self._lock()
        assert self._file is not None  # noqa: S101 - just locked
        self._count += 1
        os.pwrite(self._file, b"%0*d" % (_DIGITS, self._count), 0)

    def ended(self, worker: str) -> bool:
        return worker != self.id and super().ended(worker)

    def _lock(self) -> None:
        path = self._path(self.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another process is reading it now
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            raise RequestWrong(
                f"Files of the home cannot be locked ({error.strerror})",
                to=str(path.parent),
                hint="Set BUCKETLIFT_HOME to a folder on a file system with file locks (flock).",
            ) from error

    def _unlock(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file = None
