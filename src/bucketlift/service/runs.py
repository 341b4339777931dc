"""Run a workflow now, look without touching, and look back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bucketlift.model.run import Run
from bucketlift.ports import Progress
from bucketlift.service.app import App, unheard


def start(app: App, workflow: str, *, progress: Progress = unheard) -> Run:
    """Run a workflow to its end. A run that waits already is joined; unfinished ones are finished first.

    Raises:
        NotFound: there is no such workflow.
    """
    definition = app.catalog.workflow(workflow)
    with app.engine(progress) as engine:
        asked = app.runs.ask(workflow, definition.version, trigger="demand", now=app.now())
        return engine.end(asked.id)


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
    """0 done, 1 something failed, 3 done, but this run newly held a file or an action."""
    if run.state.value != "succeeded":
        return 1
    return 3 if run.newly_held else 0


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
