"""Run a workflow now, look without touching, and look back."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.run import Run
from bucketlift.ports import Progress
from bucketlift.service.app import App, unheard
from bucketlift.service.fleet import at_work, require_reach

POLL = 0.3
"""Seconds between two looks at a run that a worker does."""


def start(app: App, workflow: str, *, progress: Progress = unheard) -> Run:
    """Run a workflow to its end. A run that waits already is joined; unfinished ones are finished first.

    A live worker does it where there is one; this process only follows it then, and takes over where no worker
    is left.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: only a worker that is not at work can reach its destinations.
    """
    asked = _ask(app, workflow)
    if (followed := _follow(app, asked)) is not None:
        return followed
    with app.engine(progress) as engine:
        return engine.end(asked.id)


def leave(app: App, workflow: str) -> Run:
    """Ask for a run, and leave it to a live worker.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: no worker is at work that could do it.
    """
    if not at_work(app, app.catalog.workflow(workflow).workflow.key):
        raise RequestWrong(
            "No worker is at work that could do this run",
            to=workflow,
            hint="Start one with `bucketlift serve` or `bucketlift worker`, or leave --no-wait out.",
        )
    return _ask(app, workflow)


def _ask(app: App, workflow: str) -> Run:
    definition = app.catalog.workflow(workflow)
    if not at_work(app, workflow):
        require_reach(app, workflow)
    return app.runs.ask(workflow, definition.version, trigger="demand", now=app.now())


def _follow(app: App, run: Run) -> Run | None:
    """The run once a worker ended it; None where no worker is at work that could."""
    while at_work(app, run.workflow):
        run = app.runs.get(run.id)
        if run.finished_at is not None:
            return run
        threading.Event().wait(POLL)
    return None


def look(app: App, workflow: str, *, progress: Progress = unheard) -> dict[str, Any]:
    """What a run would take, and of every other key why not. Writes nothing anywhere.

    Raises:
        NotFound: there is no such workflow.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    from bucketlift.engine.dry import dry_run  # noqa: PLC0415 - imports what reads files

    definition = app.catalog.workflow(workflow)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        return dry_run(app.tools(Path(folder), progress), definition, now=app.now())


def exit_code(run: Run) -> int:
    """0 done, 1 something failed, 3 done, but this run newly held a file or an action, or the outbox is paused."""
    if run.state.value != "succeeded":
        return 1
    waits = run.newly_held or "paused" in (run.document or {})
    return 3 if waits else 0


def shown(run: Run) -> dict[str, Any]:
    """A run's document, or what can be said of one that has none yet."""
    if run.document is not None:
        return run.document
    return {
        "format": 1,
        "run": run.id,
        "workflow": run.workflow,
        "trigger": run.trigger,
        "state": run.state.value,
        "started_at": run.started_at and run.started_at.isoformat(),
        "finished_at": None,
        "tasks": [],
        "files": [],
        "next": None,
    }


def listed(run: Run) -> dict[str, Any]:
    """One line of a list of runs."""
    brief = shown(run)
    return {
        key: brief[key] for key in ("run", "workflow", "trigger", "state", "started_at", "finished_at")
    } | {"newly_held": run.newly_held}
