"""This process among the others: it says that it lives, and tells who else does."""

from __future__ import annotations

import platform
import threading
from types import TracebackType
from typing import Self

from bucketlift.engine.worker.processes import Process
from bucketlift.errors import LedgerUnavailable, places_of
from bucketlift.ledger.runs.workers import Workers
from bucketlift.logs import log
from bucketlift.model.worker import BEAT, WorkerKind


class Presence:
    """A worker is alive while it gives signs of life and the kernel does not know it to be dead.

    The signs go to the lock file first: a ledger that is slow to answer makes no worker look dead on one machine.

    A frozen one falls silent and is taken for dead. What it does when it wakes is harmless: the ledger refuses
    its writes, destinations its receipts, and what it may still send to a bucket is pinned and was decided before.
    """

    def __init__(self, process: Process, workers: Workers, *, name: str, kind: WorkerKind) -> None:
        self.id = process.id
        self.name = name
        self.kind = kind
        self._process = process
        self._workers = workers
        self.draining = False
        self.going = threading.Event()
        """Set when begun runs are to be left at their next step."""
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="signs of life", daemon=True)

    def __enter__(self) -> Self:
        self._enter()
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
        self.draining = True
        self._give_sign()

    def alive(self, worker: str) -> bool:
        if worker == self.id:
            return True
        return not self._process.dead(worker) and self._workers.fresh(worker)

    def gone(self, worker: str) -> bool:
        """Whether a process of this home has ended, so that its local copies may go.

        Only the kernel knows: one that was silent for long may still be there.
        """
        if not self._process.ended(worker):
            return False
        self._process.forget(worker)
        return True

    def _beat(self) -> None:
        while not self._leaving.wait(BEAT):
            self._give_sign()

    def _give_sign(self) -> None:
        """Whatever goes wrong, the next sign is given in its time: others take a silent worker for dead."""
        try:
            self._process.count()
            if not self._workers.beat(self.id, draining=self.draining):
                self._enter()  # we were silent for so long that we were forgotten
        except LedgerUnavailable as error:
            log.warning("no sign of life could be given", worker=self.id, why=error.what)
        except Exception as error:  # noqa: BLE001 - see above
            # Without the error's own words.
            log.error(
                "no sign of life could be given",
                worker=self.id,
                error=type(error).__name__,
                places=places_of(error),
            )

    def _enter(self) -> None:
        self._process.count()
        self._workers.enter(self.id, name=self.name, host=platform.node(), kind=self.kind)
