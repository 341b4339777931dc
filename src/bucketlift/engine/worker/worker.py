"""Takes and executes the runs that wait in the ledger. Runs of several workflows can be executed at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from bucketlift.engine.worker.engine import Engine
from bucketlift.errors import LedgerUnavailable, LedgerUpgraded, places_of
from bucketlift.ledger.runs.runs import Runs
from bucketlift.logs import log

MAX_WORKFLOWS = 4
"""Maximum number of workflows that one worker runs at once."""
DRAIN = 25.0
"""Seconds after a shutdown request in which runs in progress may end. Afterwards they stop before their next
step.
"""
HAND_OVER_TIMEOUT = 60.0
"""Further seconds that a shutdown waits until each run has reached the end of its present step."""
MAX_BACKOFF = 60.0
"""Maximum wait in seconds before a workflow is tried again.

The wait follows a failure by a defect or an unavailable ledger.
"""


class Worker:
    """Takes workflows with waiting runs, and executes the runs.

    Each ``look`` takes the free workflows. ``mine`` decides whether this worker can run a workflow.
    """

    def __init__(
        self,
        engine: Engine,
        runs: Runs,
        *,
        mine: Callable[[str], bool],
        side_by_side: int = MAX_WORKFLOWS,
        drain: float = DRAIN,
    ) -> None:
        self._engine = engine
        self._runs = runs
        self._mine = mine
        self._drain = drain
        self._places = threading.Semaphore(side_by_side)
        self._pool = ThreadPoolExecutor(side_by_side, thread_name_prefix="run")
        self._busy: set[str] = set()
        self._backoffs: dict[str, tuple[float, float]] = {}
        self._begun: set[Future[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no new runs, and wait for the runs in progress.

        Runs that do not end in time stop before their next step, and other workers continue them.
        """
        begun = set(self._begun)
        if wait(begun, timeout=self._drain).not_done:
            self._engine.hand_over()
            wait(begun, timeout=HAND_OVER_TIMEOUT)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def busy(self) -> tuple[str, ...]:
        """The workflows that this worker runs now."""
        return tuple(self._busy)

    def look(self) -> None:
        """Take every free workflow while this worker has capacity.

        Raises:
            LedgerUnavailable: the ledger is unavailable now; try again later.
        """
        for workflow in self._runs.free(self._engine.at):
            if workflow in self._busy or self._is_backing_off(workflow) or not self._mine(workflow):
                continue
            if not self._places.acquire(blocking=False):
                return
            self._busy.add(workflow)
            begun = self._pool.submit(self._take, workflow)
            self._begun.add(begun)
            begun.add_done_callback(self._begun.discard)

    def _take(self, workflow: str) -> None:
        try:
            self._engine.take(workflow)
        except (LedgerUnavailable, LedgerUpgraded) as error:
            log.warning("a run was interrupted, and will be continued", workflow=workflow, why=error.what)
            self._back_off(workflow)
        except Exception as error:  # noqa: BLE001 - a defect in one workflow must not stop the others
            # Without the error's text: it may contain a secret.
            log.error(
                "a run of a workflow failed",
                workflow=workflow,
                error=type(error).__name__,
                places=places_of(error),
            )
            self._back_off(workflow)
        else:
            self._backoffs.pop(workflow, None)
        finally:
            self._busy.discard(workflow)
            self._places.release()

    def _back_off(self, workflow: str) -> None:
        """Do not take the workflow for a while after an unexpected failure.

        The wait becomes longer with each failure.
        """
        _, waited = self._backoffs.get(workflow, (0.0, 0.5))
        pause = min(2 * waited, MAX_BACKOFF)
        self._backoffs[workflow] = (time.monotonic() + pause, pause)

    def _is_backing_off(self, workflow: str) -> bool:
        until, _ = self._backoffs.get(workflow, (0.0, 0.0))
        return time.monotonic() < until
