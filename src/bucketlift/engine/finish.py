"""Ends a run: counts what became of its files and keeps the answer."""

from __future__ import annotations

from typing import Any

from bucketlift.engine.context.run_context import Work
from bucketlift.model.lifecycle import RunState
from bucketlift.model.workflow import ConditionTask, ExtractTask, Task
from bucketlift.rules.document import (
    condition_outcome,
    cut_short,
    extract_outcome,
    file_outcome,
    files_and_rows,
    load_outcome,
    run_outcome,
)

FILES_SHOWN = 1_000


def finish(work: Work, *, cancelled: bool = False) -> None:
    """Write the run's document; the run is over with it."""
    tools = work.tools
    ended = "was cancelled" if cancelled else "ended"
    tools.manifests.release(
        work.run, work.lease, what=f"The run {ended} before the file was through", now=work.now()
    )
    run = tools.runs.get(work.run)
    shown = tools.files.find(workflow=work.workflow.key, run=work.run, limit=FILES_SHOWN + 1)
    delayed = tools.outbox.delayed([claim.id for claim in shown])
    tasks = [_outcome(work, task) for task in work.workflow.tasks]
    document = run_outcome(
        run,
        work.workflow,
        cut_short(work.workflow, tasks, pinned=run.manifest is not None) if cancelled else tasks,
        [file_outcome(claim, delayed.get(claim.id)) for claim in shown[:FILES_SHOWN]],
        attention=tools.counts.attention(work.workflow.key),
        following=str(FILES_SHOWN) if len(shown) > FILES_SHOWN else None,
        finished_at=work.now(),
        cancelled=cancelled,
    )
    pause = tools.pauses.paused()
    if pause is not None and tools.outbox.due(work.workflow.key, now=work.now(), limit=1):
        document["paused"] = {"what": pause.what, "hint": pause.hint}
    newly_held = tools.counts.newly_held(work.run)
    state = RunState(document["state"])
    work.say(f"The run {'was ' if cancelled else ''}{state.value}")
    tools.runs.finish(
        work.run, work.lease, state=state, document=document, newly_held=newly_held, now=work.now()
    )


def _outcome(work: Work, task: Task) -> dict[str, Any]:
    run = work.tools.runs.get(work.run)
    fault = run.faults.get(task.id)
    if isinstance(task, ExtractTask):
        known = (run.known or {}).get(task.id, 0)
        return extract_outcome(task, files_and_rows(work.tools.counts.tally(work.run, task.id), known), fault)
    answers = run.answers or {"met": {}, "chosen": []}
    if isinstance(task, ConditionTask):
        return condition_outcome(task, answers)
    rows = work.tools.counts.loaded_rows(work.run, task.id)
    ran = task.id in answers["chosen"] and task.source not in run.faults
    mended = work.tools.replays.loaded(work.run, task.id)
    ran = ran or any(rows.values()) or any(mended.values())
    return load_outcome(task, rows, fault, ran=ran, mended=mended if any(mended.values()) else None)
