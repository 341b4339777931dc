"""Evaluates a run's conditions once, and records the result."""

from __future__ import annotations

from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import Measure
from bucketlift.rules.condition import allowed_tasks, governed, is_met


def decide(context: RunContext) -> None:
    """Choose the load tasks of this run by its conditions. If the ledger has a decision of this run already,
    it stays.

    Files of which a load was started keep its load tasks, unless this run executes all of them.
    """
    if context.ledger.runs.get(context.run).answers is None:
        _record_answers(context)
    context.ledger.claims.free_choices(context.lease, context.run, context.chosen)


def _record_answers(context: RunContext) -> None:
    counts = {task.id: _counts(context, task.id) for task in context.workflow.extracts}
    answers = {condition.id: is_met(condition.test, counts) for condition in context.workflow.conditions}
    chosen = [load.id for load in governed(context.workflow, answers)]
    reached = allowed_tasks(context.workflow, answers)
    met = {condition: answer for condition, answer in answers.items() if condition in reached}
    context.ledger.runs.record_answers(context.run, context.lease, {"met": met, "chosen": chosen})
    for condition, answer in met.items():
        context.log("met" if answer else "not met", task=condition)


def _counts(context: RunContext, task: str) -> dict[Measure, int]:
    """The counts of the files of a manifest.

    Held files are counted only under HELD, which is the number of files that this run held.
    """
    counts = dict.fromkeys(Measure, 0)
    for tally in context.ledger.counts.tally(context.run, task):
        if tally.state in (FileState.HELD, FileState.ARCHIVED_TIER):
            counts[Measure.HELD] += tally.files
        elif tally.state is FileState.STAGED:
            counts[Measure.FILES] += tally.files
            counts[Measure.ROWS] += tally.rows
            counts[Measure.REJECTED] += tally.rejected
            counts[Measure.BYTES] += tally.bytes
    return counts
