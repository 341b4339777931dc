"""The summary of a run: the files that it found, their results, and the files that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bucketlift.model.claim import Claim, Delayed, Tally
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.pause import Pause
from bucketlift.model.run import Fault, Run
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.workflow import ConditionTask, ExtractTask, LoadTask, Task, Workflow
from bucketlift.rules.health.outcome import outcome_of

FORMAT = 1

COUNTED_AS = {
    FileState.COMMITTED: "loaded",
    FileState.ACTING: "loaded",
    FileState.DONE: "loaded",
    FileState.ACTION_HELD: "loaded",
    FileState.HELD: "held",
    FileState.ARCHIVED_TIER: "held",
    FileState.SKIPPED: "skipped",
    FileState.GONE: "gone",
    FileState.SUPERSEDED: "superseded",
}
"""For each state, the count in a run's summary. A file in any other state counts as failed."""

FILE_WORDS = ("loaded", "held", "skipped", "failed", "gone", "superseded")
ROW_WORDS = ("loaded", "rejected", "held", "skipped", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """What waits for a person when a run ends."""

    attention: int
    """Number of files of the workflow that need a decision."""
    newly_held: int = 0
    """Number of files that this run held, and of files whose action it held."""
    paused: Pause | None = None
    """Why the outbox is paused; set only if actions of the workflow are due."""


def files_and_rows(tallies: Sequence[Tally], known: int) -> dict[str, Any]:
    """The counts of the files and rows of one manifest. The number of rows read is the sum of the other row
    counts.

    ``rejected`` counts only rows of loaded files. All rows of another file are counted under the result of
    that file.
    """
    files, rows = dict.fromkeys(FILE_WORDS, 0), dict.fromkeys(ROW_WORDS, 0)
    for tally in tallies:
        word = COUNTED_AS.get(tally.state, "failed")
        files[word] += tally.files
        if word == "loaded":
            rows["loaded"] += tally.rows
            rows["rejected"] += tally.rejected
        elif word in rows:
            rows[word] += tally.rows + tally.rejected
    return {
        "files": {"found": sum(files.values()), "known": known, **files},
        "rows": {"read": sum(rows.values()), **rows},
        "bytes": sum(tally.bytes for tally in tallies),
    }


def extract_outcome(task: ExtractTask, counts: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    failed = fault is not None or counts["files"]["failed"] > 0
    state = RunState.FAILED if failed else RunState.SUCCEEDED
    return _with_error({"id": task.id, "state": state.value, **counts}, fault)


def condition_outcome(task: ConditionTask, answers: Mapping[str, Any]) -> dict[str, Any]:
    met = answers["met"].get(task.id)
    if met is None:
        return {"id": task.id, "state": RunState.SKIPPED.value}
    return {"id": task.id, "state": RunState.SUCCEEDED.value, "met": met}


def transform_outcome(task: TransformTask, *, ran: bool) -> dict[str, Any]:
    """The outcome of a transform. A transform runs if a load that uses it runs.

    The rows that the transform rejects are counted with its extract task.
    """
    return {"id": task.id, "state": (RunState.SUCCEEDED if ran else RunState.SKIPPED).value}


def load_outcome(
    task: LoadTask,
    rows: Mapping[str, int],
    fault: Fault | None,
    *,
    ran: bool,
    mended: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The outcome of a load.

    The load is "skipped" if no condition selected it, or if its extract task failed before it read a file.

    ``mended``: the number of replays, and of their rows. These rows are not part of the files' ``rows``.
    """
    state = RunState.SUCCEEDED if ran else RunState.SKIPPED
    outcome = {
        "id": task.id,
        "state": (RunState.FAILED if fault else state).value,
        "destination": task.destination,
        "table": task.target.table,
        "rows": dict(rows),
    }
    return _with_error(outcome if mended is None else outcome | {"mended": dict(mended)}, fault)


def not_started(task: Task) -> dict[str, Any]:
    """The outcome of a task that the run did not reach before it ended."""
    match task:
        case ExtractTask():
            return extract_outcome(task, files_and_rows([], 0), None)
        case TransformTask():
            return transform_outcome(task, ran=False)
        case ConditionTask():
            return condition_outcome(task, {"met": {}})
        case LoadTask():
            return load_outcome(task, dict.fromkeys(("inserted", "updated", "unchanged"), 0), None, ran=False)


def cut_short(workflow: Workflow, tasks: Sequence[dict[str, Any]], *, pinned: bool) -> list[dict[str, Any]]:
    """The outcomes of a cancelled run's tasks.

    A task that has unfinished files and no error counts as cancelled, not as failed.
    """
    cut = {each["id"] for each in tasks if "files" in each and (not pinned or each["files"]["failed"])}
    behind: tuple[TransformTask | LoadTask, ...] = (*workflow.transforms, *workflow.loads)
    cut |= {task.id for task in behind if workflow.extract_of(task.source) in cut}
    return [
        each | {"state": RunState.CANCELLED.value} if each["id"] in cut and "error" not in each else each
        for each in tasks
    ]


_DONE_TO_IT = {"delete": "deleted", "move": "moved", "rename": "renamed"}


def file_outcome(claim: Claim, delayed: Delayed | None = None) -> dict[str, Any]:
    """The entry of a file in the summary. ``delayed``: the delayed action on the file's object."""
    due_at = None if delayed is None else time_text(delayed.due_at)
    what = claim.what
    if delayed is not None and claim.state is FileState.COMMITTED and what is None:
        what = f"The object will be {_DONE_TO_IT[delayed.action]} at {due_at}"
    return {
        "id": claim.id,
        "bucket": claim.source.bucket,
        "key": claim.source.key,
        "etag": claim.source.etag,
        "occurrence": claim.source.occurrence,
        "state": claim.state.value,
        "rows": claim.rows,
        "rejected": claim.rejects,
        "mended": claim.mended,
        "reason": claim.reason,
        "what": what,
        "hint": claim.hint,
        "moved_to": claim.moved_to,
        "due_at": due_at,
    }


def run_outcome(
    run: Run,
    workflow: Workflow,
    tasks: Sequence[dict[str, Any]],
    files: Sequence[dict[str, Any]],
    *,
    work: OpenWork,
    following: str | None,
    finished_at: datetime,
    cancelled: bool = False,
) -> dict[str, Any]:
    fault = run.faults.get("") or next(iter(run.faults.values()), None)
    failed = fault is not None or any(task["state"] == RunState.FAILED.value for task in tasks)
    state = RunState.CANCELLED if cancelled else RunState.FAILED if failed else RunState.SUCCEEDED
    document = {
        "format": FORMAT,
        "run": run.id,
        "workflow": workflow.key,
        "trigger": run.trigger,
        "state": state.value,
        "outcome": outcome_of(state, newly_held=work.newly_held, paused=work.paused is not None).value,
        "attention": work.attention,
        "started_at": time_text(run.started_at),
        "finished_at": time_text(finished_at),
        "tasks": list(tasks),
        "files": list(files),
        "next": following,
    }
    if work.paused is not None:
        document["paused"] = {"what": work.paused.what, "hint": work.paused.hint}
    return _with_error(document, fault)


def time_text(moment: datetime | None) -> str | None:
    """A time in UTC as RFC 3339, to the millisecond."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_error(document: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    if fault is not None:
        document["error"] = {"what": fault.what, "to": fault.to, "hint": fault.hint}
    return document
