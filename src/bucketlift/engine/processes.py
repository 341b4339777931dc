"""Which worker processes of this home are dead: a live one holds an OS lock on a file of its own."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class Process:
    """This process as a worker. The kernel drops the lock when it dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.id = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self._path(self.id).open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._path(self.id).unlink(missing_ok=True)
            self._file.close()

    def ended(self, worker: str) -> bool:
        """Whether no process of this home has this id any more."""
        return worker != self.id and (self.dead(worker) or not self._path(worker).exists())

    def dead(self, worker: str) -> bool:
        """Whether the kernel knows that a worker of this home ended without a word.

        False of one that runs, that left in order, or whose home is another.
        """
        try:
            with self._path(worker).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return False
        return True

    def forget(self, worker: str) -> None:
        """Remove the lock file of a dead worker."""
        self._path(worker).unlink(missing_ok=True)

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"
