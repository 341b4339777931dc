"""Which worker processes of this home are alive: each holds an OS lock on a file of its own."""

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

    def alive(self, worker: str) -> bool:
        """Whether a worker of this home still runs."""
        if worker == self.id:
            return True
        try:
            with self._path(worker).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        self._path(worker).unlink(missing_ok=True)
        return False

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"
