"""Ends a run: counts the outcomes of its files, and records the summary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bucketlift.engine.context.run_context import RunContext
from bucketlift.ledger.runs.runs import loaded
from bucketlift.model.lifecycle import Outcome, RunState
from bucketlift.model.pause import Pause
from bucketlift.model.run import Run
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.workflow import ConditionTask, ExtractTask, Task
from bucketlift.rules.document import (
    OpenWork,
    condition_outcome,
    cut_short,
    extract_outcome,
    file_outcome,
    files_and_rows,
    load_outcome,
    run_outcome,
    transform_outcome,
)
from bucketlift.rules.health.volume import Usual, compared, of_weekday, zone_of

FILES_SHOWN = 1_000
COMPARED_SINCE = timedelta(weeks=26)
COMPARED = 500
"""How far back, and how many runs back, runs are searched for those of the same weekday."""


def finish(context: RunContext, *, cancelled: bool = False) -> None:
    """Write the run's summary. This ends the run."""
    services = context.services
    ended = "was cancelled" if cancelled else "ended"
    services.ledger.manifests.release(
        context.run, context.lease, what=f"The run {ended} before the file was loaded", now=context.now()
    )
    run = services.ledger.runs.get(context.run)
    shown = services.ledger.claims.find(workflow=context.workflow.key, run=context.run, limit=FILES_SHOWN + 1)
    delayed = services.ledger.outbox.delayed([claim.id for claim in shown])
    tasks = [_outcome(context, task) for task in context.workflow.tasks]
    newly_held = services.ledger.counts.newly_held(context.run)
    document = run_outcome(
        run,
        context.workflow,
        cut_short(context.workflow, tasks, pinned=run.manifest is not None) if cancelled else tasks,
        [file_outcome(claim, delayed.get(claim.id)) for claim in shown[:FILES_SHOWN]],
        work=OpenWork(
            attention=services.ledger.counts.attention(context.workflow.key),
            newly_held=newly_held,
            paused=_pause(context),
        ),
        following=str(FILES_SHOWN) if len(shown) > FILES_SHOWN else None,
        finished_at=context.now(),
        cancelled=cancelled,
    )
    state = RunState(document["state"])
    context.log(f"The run {'was ' if cancelled else ''}{state.value}")
    services.ledger.runs.finish(
        context.run,
        context.lease,
        state=state,
        document=document,
        newly_held=newly_held,
        now=context.now(),
        usual=_usual(context, run, document),
    )


def _usual(context: RunContext, run: Run, document: dict[str, Any]) -> Usual | None:
    """Compare the rows of a run that succeeded and loaded files to earlier runs of the same weekday."""
    counts = loaded(document)
    if document["outcome"] != Outcome.SUCCEEDED.value or not counts["files"]:
        return None
    earlier = context.ledger.history.loaded_rows(
        context.workflow.key, since=run.asked_at - COMPARED_SINCE, limit=COMPARED
    )
    return compared(counts["rows"], of_weekday(earlier, run.asked_at, zone_of(context.workflow)))


def _pause(context: RunContext) -> Pause | None:
    """The pause of the outbox, if actions of the workflow are due."""
    pause, outbox = context.ledger.pauses.paused(), context.ledger.outbox
    is_due = pause is not None and outbox.due(context.workflow.key, now=context.now(), limit=1)
    return pause if is_due else None


def _outcome(context: RunContext, task: Task) -> dict[str, Any]:
    run = context.ledger.runs.get(context.run)
    fault = run.faults.get(task.id)
    if isinstance(task, ExtractTask):
        known = (run.known or {}).get(task.id, 0)
        return extract_outcome(
            task, files_and_rows(context.ledger.counts.tally(context.run, task.id), known), fault
        )
    answers = run.answers or {"met": {}, "chosen": []}
    if isinstance(task, ConditionTask):
        return condition_outcome(task, answers)
    if isinstance(task, TransformTask):
        return transform_outcome(task, ran=_transformed(context, task, run))
    rows = context.ledger.counts.loaded_rows(context.run, task.id)
    ran = task.id in answers["chosen"] and context.workflow.extract_of(task.source) not in run.faults
    mended = context.ledger.replays.loaded(context.run, task.id)
    ran = ran or any(rows.values()) or any(mended.values())
    return load_outcome(task, rows, fault, ran=ran, mended=mended if any(mended.values()) else None)


def _transformed(context: RunContext, task: TransformTask, run: Run) -> bool:
    """Whether rows were transformed: a load that uses the transform was chosen, and the extract task has no
    error.
    """
    workflow, chosen = context.workflow, (run.answers or {"chosen": []})["chosen"]
    behind = {load.id for load in workflow.loads if task in workflow.transforms_to(load.source)}
    return bool(behind.intersection(chosen)) and workflow.extract_of(task.id) not in run.faults
