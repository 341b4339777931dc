"""Starts, retries, cancels, previews and lists runs."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bucketlift.errors import LedgerUnavailable, RequestWrong
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import ATTENTION, Outcome
from bucketlift.model.run import Run
from bucketlift.ports import Progress
from bucketlift.rules.document import OpenWork, cut_short, not_started, run_outcome, time_text
from bucketlift.rules.health.outcome import outcome_of_run
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import at_work, require_reach
from bucketlift.service.core.run_waits import Waiting, unreported, waits_for
from bucketlift.service.directory import people
from bucketlift.service.directory.changed_loads import with_notes
from bucketlift.service.files import decisions

MANY = 100_000
"""Maximum number of files in one decision."""
_BY_A_USER = frozenset({HeldReason.ON_HOLD, HeldReason.UNLOADED, HeldReason.UNLOADING})
POLL = 0.3
"""Seconds between two reads of a run that a worker executes."""
TIMEOUT = 60.0
"""Maximum seconds for which the ledger may be unavailable while a run is followed."""


def start(
    app: App,
    workflow: str,
    *,
    trigger: str = "demand",
    progress: Progress = no_progress,
    report: Callable[[str], None] = unreported,
) -> Run:
    """Run a workflow and wait for the end of the run. If a run is queued already, that run is executed.
    Unfinished runs are finished first.

    If a live worker exists, it executes the run and this process waits; this process executes the run if no
    worker is left. ``report`` gets messages about what this process waits for, and for how long.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: only a worker that is not running can reach the workflow's destinations.
    """
    asked = _request(app, workflow, trigger)
    waits = Waiting(app, asked.id, report)
    if (followed := _follow(app, asked, waits)) is not None:
        return followed
    with app.engine(progress) as engine:
        return engine.end(asked.id, waits=waits)


def leave(app: App, workflow: str, *, trigger: str = "demand") -> Run:
    """Queue a run, and leave it to a live worker.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: no live worker can execute the run.
    """
    if not at_work(app, app.ledger.catalog.workflow(workflow).workflow.key):
        raise RequestWrong(
            "No worker is running that can execute this run",
            to=workflow,
            hint="Start one with `bucketlift serve` or `bucketlift worker`, or omit --no-wait.",
        )
    return _request(app, workflow, trigger)


def _request(app: App, workflow: str, trigger: str) -> Run:
    definition = app.ledger.catalog.workflow(workflow)
    if not at_work(app, workflow):
        require_reach(app, workflow)
    return app.ledger.runs.ask(workflow, definition.version, trigger=trigger, now=app.now())


def _follow(app: App, run: Run, waits: Waiting) -> Run | None:
    """Wait until a worker has ended the run. Returns None if no live worker can execute it."""
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
            if time.monotonic() - seen > TIMEOUT:
                raise
        threading.Event().wait(POLL)


def leave_retry(app: App, run: str) -> Run:
    """Queue another run of the same workflow in the same way as ``retry``, and leave it to a live worker.

    Raises:
        NotFound: there is no such run, or its workflow was deleted.
        RequestWrong: the run has not ended, or no live worker can execute the new run.
    """
    return leave(app, _over(app, run).workflow)


def retry(
    app: App,
    run: str,
    *,
    held: bool = False,
    progress: Progress = no_progress,
    report: Callable[[str], None] = unreported,
) -> Run:
    """Run the workflow of a run again, to load what that run left unfinished or failed to load.

    ``held``: also retry the files and actions that this run held, except those that a user held or unloaded.

    Raises:
        NotFound: there is no such run, or its workflow was deleted.
        RequestWrong: the run has not ended, or only a worker that is not running can reach its destinations.
    """
    former = _over(app, run)
    if held:
        waiting = app.ledger.claims.find(manifest=former.id, states=ATTENTION, limit=MANY)
        mine = [claim.id for claim in waiting if claim.reason not in _BY_A_USER]
        decisions.decide(app, decisions.retry, mine)
    return start(app, former.workflow, progress=progress, report=report)


def _over(app: App, run: str) -> Run:
    former = app.ledger.runs.get(run)
    if former.finished_at is None:
        raise RequestWrong(
            "The run has not ended yet",
            to=run,
            hint=f"If its worker died, `bucketlift run {former.workflow}` continues it.",
        )
    app.ledger.catalog.workflow(former.workflow)
    return former


def cancel(app: App, run: str) -> Run:
    """End a queued run, or request that a running run stops after its current step.

    The next run loads the uncommitted files. The actions of committed files are still executed.

    Raises:
        NotFound: there is no such run.
        RequestWrong: the run has already ended.
    """
    asked = app.ledger.runs.get(run)
    if asked.finished_at is not None:
        raise RequestWrong(
            f"The run has already ended: {asked.state.value}", to=run, hint=f"See: bucketlift runs show {run}"
        )
    return app.ledger.runs.cancel(run, document=_never_started(app, asked), now=app.now())


def end_cancelled(app: App, run: Run) -> Run:
    """End a run that a user has cancelled, if its worker is dead and no live worker can take the run over."""
    holder = app.ledger.runs.holder(run.workflow)
    if run.finished_at is not None or (holder is not None and app.ledger.workers.fresh(holder)):
        return run
    if at_work(app, run.workflow):
        return run
    require_reach(app, run.workflow)
    with app.engine(no_progress) as engine:
        engine.take(run.workflow, only=run.id)
    return app.ledger.runs.get(run.id)


def _never_started(app: App, run: Run) -> dict[str, Any]:
    workflow = app.ledger.catalog.of_run(run).workflow
    tasks = [not_started(task) for task in workflow.tasks]
    return run_outcome(
        run,
        workflow,
        cut_short(workflow, tasks, pinned=False),
        (),
        work=OpenWork(attention=app.ledger.counts.attention(run.workflow)),
        following=None,
        finished_at=app.now(),
        cancelled=True,
    )


def lines(app: App, run: str, *, after: int = 0) -> list[dict[str, Any]]:
    """The log lines of a run after the line ``after``, oldest first.

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
    """Preview which files a run would load, and why it would leave the others. Changes nothing.

    Raises:
        NotFound: there is no such workflow.
        AccessRefused, StoreUnavailable: the bucket could not be listed.
    """
    from bucketlift.engine.dry_run import dry_run  # noqa: PLC0415 - slow import

    definition = app.ledger.catalog.workflow(workflow)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        services = app.services(Path(folder), progress)
        looked = dry_run(services, definition, partial(people.opened, app), now=app.now())
    return with_notes(app, definition.workflow, looked)


def exit_code(run: Run) -> int:
    """The exit code for a run: 0 if it succeeded, 1 if it failed, 3 if it succeeded but held files or
    actions, or if the outbox is paused.
    """
    outcome = outcome_of_run(run)
    return {Outcome.SUCCEEDED: 0, Outcome.SUCCEEDED_WITH_ISSUES: 3}.get(outcome, 1)


def shown(run: Run) -> dict[str, Any]:
    """The summary of a run; if the run has not ended, the parts of it that are known."""
    if run.document is not None:
        # The workflow may have been renamed since the run, and earlier versions recorded no outcome.
        return run.document | {"workflow": run.workflow, "outcome": outcome_of_run(run).value}
    return {
        "format": 1,
        "run": run.id,
        "workflow": run.workflow,
        "trigger": run.trigger,
        "state": run.state.value,
        "outcome": outcome_of_run(run).value,
        "attention": 0,
        "started_at": time_text(run.started_at),
        "finished_at": None,
        "tasks": [],
        "files": [],
        "next": None,
    }


def listed(app: App, run: Run) -> dict[str, Any]:
    """A run as JSON values, for a list of runs."""
    brief = shown(run)
    return {
        key: brief[key]
        for key in ("run", "workflow", "trigger", "state", "outcome", "started_at", "finished_at")
    } | {
        "newly_held": run.newly_held,
        "asked_at": time_text(run.asked_at),
        "cancel_asked_at": time_text(run.cancel_asked_at),
        "worker": run.worker,
        "waits_for": waits_for(app, run),
    }
