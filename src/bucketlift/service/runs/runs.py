"""Run a workflow now or again, end a run before its time, look without touching, and look back."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bucketlift.errors import LedgerUnavailable, RequestWrong
from bucketlift.model.contract import HeldReason
from bucketlift.model.lifecycle import ATTENTION
from bucketlift.model.run import Run
from bucketlift.ports import Progress
from bucketlift.rules.document import cut_short, run_outcome, time_text, unbegun
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import at_work, require_reach
from bucketlift.service.core.run_waits import Waiting, unsaid, waits_for
from bucketlift.service.files import files

MANY = 100_000
"""Files that are decided about at once."""
_BY_A_PERSON = frozenset({HeldReason.ASKED, HeldReason.UNLOADED, HeldReason.UNLOADING})
POLL = 0.3
"""Seconds between two looks at a run that a worker does."""
PATIENCE = 60.0
"""Seconds that a ledger may be away while a run is followed."""


def start(
    app: App,
    workflow: str,
    *,
    trigger: str = "demand",
    progress: Progress = no_progress,
    say: Callable[[str], None] = unsaid,
) -> Run:
    """Run a workflow to its end. A run that waits already is joined; unfinished ones are finished first.

    A live worker does it where there is one; this process only follows it then, and takes over where no worker
    is left. ``say`` is told for whom this process waits, and how long it has waited.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: only a worker that is not at work can reach its destinations.
    """
    asked = _ask(app, workflow, trigger)
    waits = Waiting(app, asked.id, say)
    if (followed := _follow(app, asked, waits)) is not None:
        return followed
    with app.engine(progress) as engine:
        return engine.end(asked.id, waits=waits)


def leave(app: App, workflow: str, *, trigger: str = "demand") -> Run:
    """Ask for a run, and leave it to a live worker.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: no worker is at work that could do it.
    """
    if not at_work(app, app.ledger.catalog.workflow(workflow).workflow.key):
        raise RequestWrong(
            "No worker is at work that could do this run",
            to=workflow,
            hint="Start one with `bucketlift serve` or `bucketlift worker`, or leave --no-wait out.",
        )
    return _ask(app, workflow, trigger)


def _ask(app: App, workflow: str, trigger: str) -> Run:
    definition = app.ledger.catalog.workflow(workflow)
    if not at_work(app, workflow):
        require_reach(app, workflow)
    return app.ledger.runs.ask(workflow, definition.version, trigger=trigger, now=app.now())


def _follow(app: App, run: Run, waits: Waiting) -> Run | None:
    """The run once a worker ended it; None where no worker is at work that could."""
    seen = time.monotonic()
    while True:
        try:
            if not at_work(app, run.workflow):
                return None
            run = app.ledger.runs.get(run.id)
            seen = time.monotonic()
            if run.finished_at is not None:
                return run
            waits()
        except LedgerUnavailable:
            if time.monotonic() - seen > PATIENCE:
                raise
        threading.Event().wait(POLL)


def leave_retry(app: App, run: str) -> Run:
    """Ask for another run of a run's workflow, as ``retry`` does, and leave it to a live worker.

    Raises:
        NotFound: there is no such run, or its workflow was deleted.
        RequestWrong: it is not over yet, or no worker is at work that could do it.
    """
    return leave(app, _over(app, run).workflow)


def retry(
    app: App,
    run: str,
    *,
    held: bool = False,
    progress: Progress = no_progress,
    say: Callable[[str], None] = unsaid,
) -> Run:
    """Run the workflow of a run again: it takes what that one left unfinished, or failed to load.

    ``held``: the files and actions that it held are tried again too. What a person put on hold or unloaded is not.

    Raises:
        NotFound: there is no such run, or its workflow was deleted.
        RequestWrong: it is not over yet, or only a worker that is not at work can reach its destinations.
    """
    former = _over(app, run)
    if held:
        waiting = app.ledger.claims.find(manifest=former.id, states=ATTENTION, limit=MANY)
        mine = [claim.id for claim in waiting if claim.reason not in _BY_A_PERSON]
        files.decide(app, files.retry, mine)
    return start(app, former.workflow, progress=progress, say=say)


def _over(app: App, run: str) -> Run:
    former = app.ledger.runs.get(run)
    if former.finished_at is None:
        raise RequestWrong(
            "The run is not over yet",
            to=run,
            hint=f"`bucketlift run {former.workflow}` goes on with it where its worker died.",
        )
    app.ledger.catalog.workflow(former.workflow)
    return former


def cancel(app: App, run: str) -> Run:
    """End a run that waits; ask one that was begun to end at its next piece of work, whoever is at it.

    What is not committed then is left to the next run; what is committed still gets its action.

    Raises:
        NotFound: there is no such run.
        RequestWrong: it is over.
    """
    asked = app.ledger.runs.get(run)
    if asked.finished_at is not None:
        raise RequestWrong(
            f"The run is over: it {asked.state.value}", to=run, hint=f"See: bucketlift runs show {run}"
        )
    return app.ledger.runs.cancel(run, document=_never_begun(app, asked), now=app.now())


def end_cancelled(app: App, run: Run) -> Run:
    """End a run that was asked to end, if its worker is dead and no standing worker takes it up."""
    holder = app.ledger.runs.holder(run.workflow)
    if run.finished_at is not None or (holder is not None and app.ledger.workers.fresh(holder)):
        return run
    if at_work(app, run.workflow):
        return run
    require_reach(app, run.workflow)
    with app.engine(no_progress) as engine:
        engine.take(run.workflow, only=run.id)
    return app.ledger.runs.get(run.id)


def _never_begun(app: App, run: Run) -> dict[str, Any]:
    workflow = app.ledger.catalog.of_run(run).workflow
    tasks = [unbegun(task) for task in workflow.tasks]
    return run_outcome(
        run,
        workflow,
        cut_short(workflow, tasks, pinned=False),
        (),
        attention=app.ledger.counts.attention(run.workflow),
        following=None,
        finished_at=app.now(),
        cancelled=True,
    )


def lines(app: App, run: str, *, after: int = 0) -> list[dict[str, Any]]:
    """A run's log behind a line of it, oldest first.

    Raises:
        NotFound: there is no such run.
    """
    return [
        {
            "id": line.id,
            "at": time_text(line.at),
            "level": line.level,
            "task": line.task,
            "what": line.what,
        }
        for line in app.ledger.logs.find(app.ledger.runs.get(run).id, after=after)
    ]


def look(app: App, workflow: str, *, progress: Progress = no_progress) -> dict[str, Any]:
    """What a run would take, and of every other key why not. Writes nothing anywhere.

    Raises:
        NotFound: there is no such workflow.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    from bucketlift.engine.dry_run import dry_run  # noqa: PLC0415 - imports what reads files

    definition = app.ledger.catalog.workflow(workflow)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        return dry_run(app.services(Path(folder), progress), definition, now=app.now())


def exit_code(run: Run) -> int:
    """0 done, 1 something failed, 3 done, but this run newly held a file or an action, or the outbox is paused."""
    if run.state.value != "succeeded":
        return 1
    waits = run.newly_held or "paused" in (run.document or {})
    return 3 if waits else 0


def shown(run: Run) -> dict[str, Any]:
    """A run's document, or what can be said of one that has none yet."""
    if run.document is not None:
        return run.document | {"workflow": run.workflow}  # it may have been renamed since
    return {
        "format": 1,
        "run": run.id,
        "workflow": run.workflow,
        "trigger": run.trigger,
        "state": run.state.value,
        "attention": 0,
        "started_at": time_text(run.started_at),
        "finished_at": None,
        "tasks": [],
        "files": [],
        "next": None,
    }


def listed(app: App, run: Run) -> dict[str, Any]:
    """One line of a list of runs."""
    brief = shown(run)
    return {
        key: brief[key] for key in ("run", "workflow", "trigger", "state", "started_at", "finished_at")
    } | {
        "newly_held": run.newly_held,
        "asked_at": time_text(run.asked_at),
        "cancel_asked_at": time_text(run.cancel_asked_at),
        "worker": run.worker,
        "waits_for": waits_for(app, run),
    }
