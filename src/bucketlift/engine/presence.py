"""This process among the others: it says that it lives, and tells who else does."""

from __future__ import annotations

import platform
import threading
from types import TracebackType
from typing import Self

import structlog

from bucketlift.engine.processes import Process
from bucketlift.errors import LedgerUnavailable
from bucketlift.model.worker import BEAT, WorkerKind
from bucketlift.ports import Workers

log = structlog.get_logger()


class Presence:
    """A worker is alive while it gives signs of life and the kernel does not know it to be dead.

    A frozen one falls silent and is taken for dead. What it does when it wakes is harmless: the ledger refuses
    its writes, destinations its receipts, and what it may still send to a bucket is pinned and was decided before.
    """

    def __init__(self, process: Process, workers: Workers, *, name: str, kind: WorkerKind) -> None:
        self.id = process.id
        self.name = name
        self.kind = kind
        self._process = process
        self._workers = workers
        self._draining = False
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="signs of life", daemon=True)

    def __enter__(self) -> Self:
        self._workers.enter(self.id, name=self.name, host=platform.node(), kind=self.kind)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._thread.join()
        try:
            self._workers.leave(self.id)
        except LedgerUnavailable:
            log.warning("left without a word: the ledger is away", worker=self.id)

    def drain(self) -> None:
        """Say that this process takes nothing new."""
        self._draining = True
        self._workers.beat(self.id, draining=True)

    def alive(self, worker: str) -> bool:
        if worker == self.id:
            return True
        return not self._process.dead(worker) and self._workers.fresh(worker)

    def gone(self, worker: str) -> bool:
        """Whether a worker of this home is dead or left, so that its local copies may go."""
        if self.alive(worker):
            return False
        self._process.forget(worker)
        return True

    def _beat(self) -> None:
        while not self._leaving.wait(BEAT):
            try:
                self._workers.beat(self.id, draining=self._draining)
            except LedgerUnavailable as error:
                log.warning("no sign of life could be given", worker=self.id, why=error.what)
