"""Executes runs to their end in this process.

Only the ledger records what is done. An interrupted run starts again from its first step, and every step
reads from the ledger which part of its work is done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Self

from bucketlift.engine.context.progress_writer import write_progress
from bucketlift.engine.context.run_context import RunContext, Services, fault_of
from bucketlift.engine.drive import drive
from bucketlift.engine.finish import finish
from bucketlift.engine.worker.presence import Presence
from bucketlift.errors import (
    BucketliftError,
    LeaseLost,
    LedgerUnavailable,
    LedgerUpgraded,
    OurFault,
    RequestWrong,
    places_of,
)
from bucketlift.logs import log
from bucketlift.model.run import Lease, Run, RunId

TIMEOUT = 10.0
"""Maximum number of seconds that a person's command waits for a run to end."""
POLL = 0.2
"""Seconds between two checks of the progress of another process."""


def _nothing() -> None:
    """Do nothing: the default for ``waits``."""


class Engine:
    """One worker process. Several threads may use it at the same time, each for another workflow."""

    def __init__(self, *, presence: Presence, services: Services) -> None:
        self.presence = presence
        self._services = services
        self._mine: set[str] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._services.spool.clear_dead(self.presence.has_ended)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._services.spool.clear()

    def hand_over(self) -> None:
        """Stop every run before its next step, and leave the runs to other workers."""
        self.presence.going.set()

    def at(self, workflow: str, holder: str) -> bool:
        """Whether the holder of a workflow's lease is working on the workflow.

        If this process has the lease but no thread works on the workflow, the ledger was unavailable at the
        time when the lease should have been released.
        """
        return workflow in self._mine if holder == self.presence.id else self.presence.alive(holder)

    def end(self, run: RunId, *, waits: Callable[[], None] = _nothing) -> Run:
        """Execute a run to its end, after the earlier runs of its workflow.

        While another live worker executes the workflow, ``waits`` is called repeatedly. This ends when that
        worker finishes or dies, or when the run is cancelled.
        """
        while True:
            asked = self._services.ledger.runs.get(run)
            if asked.finished_at is not None:
                return asked
            if not self.take(asked.workflow, until=run):
                waits()
                threading.Event().wait(POLL)

    def take(self, workflow: str, *, until: RunId | None = None, only: RunId | None = None) -> bool:
        """Execute the unfinished runs of a workflow in order. Returns False if another worker has the lease.

        ``only``: execute only this run. ``until``: stop after this run.

        Raises:
            LedgerUnavailable: the ledger is unavailable. The next worker that takes the workflow continues.
        """
        lease = self._lease(workflow)
        if lease is None:
            return False
        try:
            for each in self._services.ledger.runs.unfinished(workflow):
                if only not in (None, each.id):
                    continue
                if self.presence.draining:
                    break
                self._do(each, lease)
                if each.id == until:
                    break
        except LeaseLost as lost:
            log.info("left to another worker", workflow=workflow, why=lost.what)
        finally:
            self._give_back(lease)
        return True

    @contextmanager
    def holding(self, workflow: str) -> Iterator[Lease]:
        """Prevent all runs of a workflow while the block lasts. A run in progress has a short time to end
        first.

        Raises:
            RequestWrong: the run is still in progress.
        """
        until = time.monotonic() + TIMEOUT
        while (lease := self._lease(workflow)) is None:
            if time.monotonic() >= until:
                raise RequestWrong(
                    "A run of the workflow is in progress",
                    to=workflow,
                    hint="Wait until it ends, or cancel it: `bucketlift runs cancel RUN`.",
                )
            threading.Event().wait(POLL)
        try:
            yield lease
        finally:
            self._give_back(lease)

    def _lease(self, workflow: str) -> Lease | None:
        """Get the lease for this process. Only one thread of this process gets a workflow."""
        with self._lock:
            if workflow in self._mine:
                return None
            self._mine.add(workflow)
        lease = None
        try:
            lease = self._services.ledger.runs.take_lease(workflow, self.presence.id, self.presence.alive)
        finally:
            if lease is None:
                self._mine.discard(workflow)
        return lease

    def _give_back(self, lease: Lease) -> None:
        self._mine.discard(lease.workflow)
        try:
            self._services.ledger.runs.drop_lease(lease)
        except (LedgerUnavailable, LedgerUpgraded):
            log.warning(
                "a lease could not be released; it ends when this worker ends", workflow=lease.workflow
            )

    def _do(self, run: Run, lease: Lease) -> None:
        run = self._services.ledger.runs.begin(
            run.id, lease, worker=self.presence.id, now=self._services.clock.now()
        )
        if run.finished_at is not None:
            return  # cancelled while it waited
        context = RunContext(
            services=self._services,
            run=run.id,
            lease=lease,
            definition=self._services.ledger.catalog.of_run(run),
            is_leaving=self.presence.going.is_set,
        )
        try:
            with write_progress(context.track, partial(self._services.ledger.progress.keep, run.id, lease)):
                drive(context)
        except (LeaseLost, LedgerUnavailable, LedgerUpgraded):
            raise
        except Exception as error:  # noqa: BLE001 - a run must end after any defect
            _give_up(context, error)


def _give_up(context: RunContext, error: Exception) -> None:
    """End the run as failed and record the reason, so that no defect leaves the run unfinished."""
    if not isinstance(error, BucketliftError):
        log.error("run failed", run=context.run, error=type(error).__name__, places=places_of(error))
        error = OurFault(f"The run failed unexpectedly: {type(error).__name__}", to=context.workflow.key)
    context.ledger.runs.record_fault(context.run, context.lease, "", fault_of(error))
    finish(context)
