"""Makes runs survive their process: DBOS remembers which steps of a run are done.

The ledger alone decides what is loaded and what is done to objects. Dropping every table of the engine costs
only that finished steps are looked at again.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._serialization import DBOSPortableJSONSerializer

from bucketlift.engine.drive import drive
from bucketlift.engine.finish import finish
from bucketlift.engine.processes import Process
from bucketlift.engine.work import Tools, Work, fault_of
from bucketlift.errors import BucketliftError, LeaseLost, OurFault
from bucketlift.model.run import Lease, Run, RunId

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

_UNFINISHED = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
VERSION = "1"
"""Of the steps' names and order, not of the program: a run begun by one version is ended by the next."""
POLL = 0.2
"""Seconds between two looks for what another process does."""


class Engine:
    """One worker process: begins runs, and goes on with those of dead processes."""

    def __init__(self, *, file: Path, process: Process, tools: Tools) -> None:
        self._config: DBOSConfig = {
            "name": "bucketlift",
            "system_database_url": f"sqlite:///{file}",
            "application_version": VERSION,
            "executor_id": process.id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "CRITICAL",
            "notification_listener_polling_interval_sec": POLL,
        }
        self._process = process
        self._tools = tools
        self._leases: dict[str, Lease] = {}
        self._run: Callable[[str], None] | None = None

    def __enter__(self) -> Self:
        DBOS(config=self._config)

        @DBOS.workflow(name="bucketlift.run")
        def run(run_id: str) -> None:
            self._drive(run_id)

        self._run = run
        DBOS.launch()
        self._tools.spool.clear_dead(self._process.alive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        DBOS.destroy(destroy_registry=True)
        self._tools.spool.clear()

    def end(self, run: RunId) -> Run:
        """Bring a run to its end, after the earlier ones of its workflow; wait where another worker is at it."""
        runs = self._tools.runs
        while True:
            asked = runs.get(run)
            if asked.finished_at is not None:
                return asked
            lease = runs.take_lease(asked.workflow, self._process.id, self._process.alive)
            if lease is None:
                threading.Event().wait(POLL)
                continue
            self._leases[asked.workflow] = lease
            try:
                for each in runs.unfinished(asked.workflow):
                    self._execute(each, lease)
                    if each.id == run:
                        break
            except LeaseLost:
                continue  # another worker has it now: wait for what comes of it
            finally:
                runs.drop_lease(lease)

    def _execute(self, run: Run, lease: Lease) -> None:
        """Begin a run, or go on where a dead process left it."""
        self._tools.runs.begin(run.id, lease, worker=self._process.id, now=self._tools.clock.now())
        known = DBOS.get_workflow_status(run.id)
        if known is not None and known.status in _UNFINISHED:
            # Another process may take it from the queue and, without the lease, give it back as an error.
            with suppress(Exception):
                DBOS.resume_workflow(run.id).get_result(polling_interval_sec=POLL)
            if self._tools.runs.get(run.id).finished_at is not None:
                return
        # A name the engine does not know yet: the first try, or its tables were dropped, or it gave up.
        name = run.id if known is None else f"{run.id}.{lease.token}"
        assert self._run is not None  # noqa: S101 - execute is only called inside `with`
        with SetWorkflowID(name):
            self._run(run.id)

    def _drive(self, run_id: str) -> None:
        run = self._tools.runs.get(run_id)
        lease = self._leases.get(run.workflow)
        if lease is None:
            raise LeaseLost("This worker holds no lease on the run's workflow", to=run.workflow)
        work = Work(
            tools=self._tools, run=run.id, lease=lease, definition=self._tools.definitions.of_run(run)
        )
        try:
            drive(work, _step)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - a run must end, whatever the defect
            self._give_up(work, error)

    def _give_up(self, work: Work, error: Exception) -> None:
        """A run must not hang on a defect: it ends as failed, and says why."""
        if not isinstance(error, BucketliftError):
            # Where it happened, but not the error's own words: they may hold the content of a cell.
            places = traceback.format_tb(error.__traceback__)
            log.error("run broke off", run=work.run, error=type(error).__name__, places=places)
            error = OurFault(f"The run broke off: {type(error).__name__}", to=work.workflow.key)
        work.tools.runs.record_fault(work.run, work.lease, "", fault_of(error))
        finish(work)


def _step(name: str, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return DBOS.run_step({"name": name}, do, *args, **kwargs)
