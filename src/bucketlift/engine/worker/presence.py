"""Records the heartbeat of this process as a worker, and finds out which other workers are alive."""

from __future__ import annotations

import platform
import threading
from types import TracebackType
from typing import Self

from bucketlift.engine.worker.processes import Process
from bucketlift.errors import LedgerUnavailable, LedgerUpgraded, places_of
from bucketlift.ledger.runs.workers import Workers
from bucketlift.logs import log
from bucketlift.model.worker import BEAT, WorkerKind


class Presence:
    """The presence of this worker.

    A worker is alive if its heartbeat is recent and the kernel does not report that its process has ended.
    The heartbeat is written to the lock file first, so that a slow ledger does not make a worker look dead on
    this machine.

    A frozen process has no heartbeat and counts as dead. It does no harm when it continues: the ledger
    refuses its writes, destinations refuse its receipts, and its calls to a bucket are pinned to bytes that
    were loaded.
    """

    def __init__(self, process: Process, workers: Workers, *, name: str, kind: WorkerKind) -> None:
        self.id = process.id
        self.name = name
        self.kind = kind
        self._process = process
        self._workers = workers
        self.draining = False
        self.going = threading.Event()
        """Set when each run in progress must stop before its next step."""
        self.refused: LedgerUpgraded | None = None
        """Why this process must end: it was frozen while the ledger was upgraded to a newer version.
        Otherwise None.
        """
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

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
        except LedgerUpgraded:
            pass  # the upgrade does not need this row, and its columns may be unknown to this version
        except LedgerUnavailable:
            log.warning(
                "stopped without removing the worker from the ledger: it is unavailable", worker=self.id
            )

    def drain(self) -> None:
        """Record that this process is shutting down and takes no new runs."""
        self.draining = True
        self._send_heartbeat()

    def alive(self, worker: str) -> bool:
        if worker == self.id:
            return True
        return not self._process.dead(worker) and self._workers.fresh(worker)

    def has_ended(self, worker: str) -> bool:
        """Whether a process of this home has ended, so that its local copies can be removed.

        Only the kernel knows this: a process without a heartbeat may still exist.
        """
        if not self._process.ended(worker):
            return False
        self._process.forget(worker)
        return True

    def _beat(self) -> None:
        while not self._leaving.wait(BEAT):
            self._send_heartbeat()

    def _send_heartbeat(self) -> None:
        """Record a heartbeat.

        The error LedgerUpgraded is stored in ``refused``. Other errors are ignored, so that the next
        heartbeat is on time.
        """
        try:
            self._process.count()
            if not self._workers.beat(self.id, draining=self.draining):
                self._enter()  # the ledger removed this worker after a long pause
        except LedgerUpgraded as error:
            self.refused, self.draining = error, True
            self.going.set()
        except LedgerUnavailable as error:
            log.warning("a heartbeat could not be recorded", worker=self.id, why=error.what)
        except Exception as error:  # noqa: BLE001 - see above
            # Without the error's text: it may contain a secret.
            log.error(
                "a heartbeat could not be recorded",
                worker=self.id,
                error=type(error).__name__,
                places=places_of(error),
            )

    def _enter(self) -> None:
        self._process.count()
        self._workers.enter(self.id, name=self.name, host=platform.node(), kind=self.kind)
