"""Reports what a queued run waits for, and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import Run, RunId
from bucketlift.model.worker import WorkerInfo
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App

FIRST_REPORT = 2.0
"""Seconds after which the first message is sent that a run waits."""
EVERY = 30.0
"""Seconds between two messages that a run waits."""


def unreported(words: str) -> None:
    """Ignore messages, because this process has no user who reads them."""


class Waiting:
    """Reports what a run waits for. Call this repeatedly: it reports after 2 seconds, then every 30 seconds."""

    def __init__(
        self,
        app: App,
        run: RunId,
        report: Callable[[str], None],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._run = run
        self._report = report
        self._seconds = seconds
        self._since = seconds()
        self._next = FIRST_REPORT

    def __call__(self) -> None:
        waited = self._seconds() - self._since
        if waited < self._next:
            return
        self._next = waited + EVERY
        self._report(f"{_words(self._app, self._app.ledger.runs.get(self._run))} Waited: {waited:.0f} s.")


def waits_for(app: App, run: Run) -> dict[str, Any] | None:
    """What a queued run waits for: another run, and the worker that executes that run. None if it does not
    wait for another run.
    """
    holder = app.ledger.runs.holder(run.workflow) if run.state is RunState.QUEUED else None
    if holder is None:
        return None
    begun = _running(app, run.workflow)
    known = _worker(app, holder)
    return {
        "run": None if begun is None else begun.id,
        "worker": holder,
        "name": known and known.name,
        "alive": app.ledger.workers.fresh(holder),
        "since": time_text(begun.started_at) if begun else None,
    }


def _words(app: App, run: Run) -> str:
    holder = app.ledger.runs.holder(run.workflow)
    if holder is None:
        return f"Run {run.id} waits for a worker."
    worker = _named(_worker(app, holder), holder)
    begun = _running(app, run.workflow)
    if begun is None:
        return f"Run {run.id} waits until {worker} has finished its run of workflow {run.workflow}."
    if begun.id == run.id:
        return f"Run {run.id} is running on {worker}."
    return (
        f"Run {run.id} waits for run {begun.id}, which has been running on {worker} since {time_text(begun.started_at)}. "
        f"To end that run: bucketlift runs cancel {begun.id}."
    )


def _running(app: App, workflow: str) -> Run | None:
    unfinished = app.ledger.runs.unfinished(workflow)
    return next((each for each in unfinished if each.state is RunState.RUNNING), None)


def _worker(app: App, holder: str) -> WorkerInfo | None:
    return next((each for each in app.ledger.workers.all() if each.id == holder), None)


def _named(worker: WorkerInfo | None, holder: str) -> str:
    if worker is None:
        return f"process {holder}"
    return f"{worker.name} ({worker.kind.value}, process {worker.id})"
