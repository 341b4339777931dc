"""The state of a run while it is running: tasks, files in progress, and counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bucketlift.errors import NotFound
from bucketlift.ledger.runs.logs import Line
from bucketlift.model.advance import Advance, FileAdvance, TaskAdvance
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import BEGUN, FileState, Outcome, RunState
from bucketlift.model.run import Run
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.workflow import ConditionTask, ExtractTask, LoadTask, Task, Workflow
from bucketlift.rules.document import (
    condition_outcome,
    extract_outcome,
    files_and_rows,
    load_outcome,
    transform_outcome,
)
from bucketlift.rules.health.outcome import outcome_of_run
from bucketlift.rules.pace import left, rate
from bucketlift.service.core.app import App

PAGE = 50
"""Number of files on a page."""
LINES = 100
"""Number of log lines on a page."""
_UNFINISHED = BEGUN | {FileState.FOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A file that is being processed, with its rate and remaining time."""

    file: FileAdvance
    rate: float | None
    left: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A task of a run. ``outcome`` is the task's part of the run's summary; during the run, the task's
    current state in the same form.
    """

    task: str
    kind: str
    state: str
    outcome: Mapping[str, Any]
    unfinished: int = 0
    """Number of selected files of the task that are not finished."""
    advance: TaskAdvance | None = None

    @property
    def shown(self) -> str:
        """The state; if the task succeeded but held files, the outcome of a run with issues."""
        held = self.outcome.get("files", {}).get("held", 0)
        has_issues = self.state == RunState.SUCCEEDED.value and held
        return Outcome.SUCCEEDED_WITH_ISSUES.value if has_issues else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    run: Run
    title: str
    steps: tuple[Step, ...]
    files: tuple[Pace, ...] = ()

    @property
    def outcome(self) -> Outcome:
        return outcome_of_run(self.run)

    @property
    def over(self) -> bool:
        return self.run.finished_at is not None

    @property
    def error(self) -> Mapping[str, str] | None:
        """The error if the run failed; otherwise None."""
        found: Mapping[str, str] | None = (self.run.document or {}).get("error")
        return found


def load(app: App, run: str) -> Live:
    """The current state of a run.

    Raises:
        NotFound: there is no such run.
    """
    found = app.ledger.runs.get(run)
    workflow = _workflow(app, found)
    advance = app.ledger.progress.of(run) if found.finished_at is None else None
    title = found.workflow if workflow is None else workflow.title
    if found.document is not None:
        kinds = {} if workflow is None else {task.id: _kind(task) for task in workflow.tasks}
        steps = tuple(_finished_step(task, kinds) for task in found.document["tasks"])
    else:
        steps = () if workflow is None else tuple(_current_steps(app, found, workflow, advance))
    return Live(run=found, title=title, steps=steps, files=_paces(advance))


def members(app: App, run: str, *, page: int = 1) -> list[Claim]:
    """A page of the files of a run. If there is another page, one more file is returned, so that the caller
    sees this.
    """
    return app.ledger.claims.find(
        manifest=app.ledger.runs.get(run).id, limit=PAGE + 1, offset=(page - 1) * PAGE
    )


def log(app: App, run: str, *, before: int | None = None) -> list[Line]:
    """The newest log lines, or the newest ones before the line ``before``. If there are more, one more line
    than a page is returned, so that the caller sees this.
    """
    return app.ledger.logs.newest(app.ledger.runs.get(run).id, before=before, limit=LINES + 1)


def _workflow(app: App, run: Run) -> Workflow | None:
    try:
        return app.ledger.catalog.of_run(run).workflow
    except NotFound:
        return None


def _paces(advance: Advance | None) -> tuple[Pace, ...]:
    if advance is None:
        return ()
    return tuple(
        Pace(file=each, rate=rate(each, advance.at), left=left(each, advance.at)) for each in advance.files
    )


def _kind(task: Task) -> str:
    """The key of the task's kind in a workflow file."""
    return task.target.task_kind if isinstance(task, LoadTask) else task.kind


def _finished_step(outcome: Mapping[str, Any], kinds: Mapping[str, str]) -> Step:
    guess = "extract" if "files" in outcome else "load" if "table" in outcome else "condition"
    return Step(
        task=outcome["id"], kind=kinds.get(outcome["id"], guess), state=outcome["state"], outcome=outcome
    )


def _current_steps(app: App, run: Run, workflow: Workflow, advance: Advance | None) -> list[Step]:
    doing = {each.task: each for each in advance.tasks} if advance else {}
    loading = {each.task for each in advance.files if each.doing == "loading"} if advance else set()
    steps: list[Step] = []
    for task in workflow.tasks:
        progress = doing.get(task.id)
        if isinstance(task, LoadTask) and workflow.extract_of(task.source) in loading:
            progress = progress or TaskAdvance(task=task.id, doing="loading", done=0, total=None)
        steps.append(_step(app, run, task, progress, {each.task: each for each in steps}))
    return steps


def _step(app: App, run: Run, task: Task, advance: TaskAdvance | None, before: Mapping[str, Step]) -> Step:
    answers, fault = run.answers or {"met": {}, "chosen": []}, run.faults.get(task.id)
    if isinstance(task, ExtractTask):
        tallies = app.ledger.counts.tally(run.id, task.id)
        unfinished = sum(each.files for each in tallies if each.state in _UNFINISHED)
        counts = files_and_rows(
            [each for each in tallies if each.state not in _UNFINISHED], (run.known or {}).get(task.id, 0)
        )
        counts["files"]["found"] += unfinished
        under_way = run.manifest is None or unfinished
        outcome = extract_outcome(task, counts, fault)
        state = _state(run, outcome["state"], under_way=bool(under_way), started=True)
        return Step(
            task=task.id,
            kind=_kind(task),
            state=state,
            outcome=outcome,
            unfinished=unfinished,
            advance=advance,
        )
    if isinstance(task, ConditionTask):
        outcome = condition_outcome(task, answers)
        state = _state(run, outcome["state"], under_way=run.answers is None, started=False)
        return Step(task=task.id, kind=_kind(task), state=state, outcome=outcome)
    if isinstance(task, TransformTask):
        return _transform(task, before.get(task.source))
    return _load(app, run, task, advance, before.get(task.source))


def _transform(task: TransformTask, source: Step | None) -> Step:
    """A transform as a step. It has the state of its source, because rows pass through it while they are read
    and loaded.
    """
    state = RunState.SUCCEEDED.value if source is None else source.state
    return Step(task=task.id, kind=task.kind, state=state, outcome=transform_outcome(task, ran=True))


def _load(app: App, run: Run, task: LoadTask, advance: TaskAdvance | None, source: Step | None) -> Step:
    rows = app.ledger.counts.loaded_rows(run.id, task.id)
    chosen = run.answers is None or task.id in run.answers["chosen"]
    outcome = load_outcome(task, rows, run.faults.get(task.id), ran=chosen)
    under_way = chosen and (source is None or source.state in ("queued", "running"))
    state = _state(
        run, outcome["state"], under_way=under_way, started=any(rows.values()) or advance is not None
    )
    return Step(task=task.id, kind=_kind(task), state=state, outcome=outcome, advance=advance)


def _state(run: Run, outcome: str, *, under_way: bool, started: bool) -> str:
    if outcome == RunState.FAILED.value:
        return outcome
    if run.state is RunState.QUEUED or (under_way and not started):
        return RunState.QUEUED.value
    return RunState.RUNNING.value if under_way else outcome
