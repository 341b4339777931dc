"""A run's answer: what it found, what became of it, and what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bucketlift.model.claim import Claim, Tally
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.run import Fault, Run
from bucketlift.model.workflow import ConditionTask, ExtractTask, LoadTask, Workflow

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
"""What each state counts as in a run's answer; a file in any other state has failed in this run."""

FILE_WORDS = ("loaded", "held", "skipped", "failed", "gone", "superseded")
ROW_WORDS = ("loaded", "rejected", "held", "skipped", "failed")


def files_and_rows(tallies: Sequence[Tally], known: int) -> dict[str, Any]:
    """Counts of one manifest. Rows read are the sum of the other row counts.

    ``rejected`` are those of loaded files; of the others, all rows read count under the file's word.
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


def load_outcome(
    task: LoadTask, rows: Mapping[str, int], fault: Fault | None, *, ran: bool
) -> dict[str, Any]:
    """A load that no condition chose, or whose extract failed before any file, was skipped."""
    state = RunState.SUCCEEDED if ran else RunState.SKIPPED
    outcome = {
        "id": task.id,
        "state": (RunState.FAILED if fault else state).value,
        "destination": task.destination,
        "table": task.target.table,
        "rows": dict(rows),
    }
    return _with_error(outcome, fault)


def file_outcome(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "bucket": claim.source.bucket,
        "key": claim.source.key,
        "etag": claim.source.etag,
        "occurrence": claim.source.occurrence,
        "state": claim.state.value,
        "rows": claim.rows,
        "rejected": claim.rejected,
        "reason": claim.reason,
        "what": claim.what,
        "hint": claim.hint,
        "moved_to": claim.moved_to,
    }


def run_outcome(
    run: Run,
    workflow: Workflow,
    tasks: Sequence[dict[str, Any]],
    files: Sequence[Claim],
    *,
    attention: int,
    following: str | None,
    finished_at: datetime,
) -> dict[str, Any]:
    fault = run.faults.get("") or next(iter(run.faults.values()), None)
    failed = fault is not None or any(task["state"] == RunState.FAILED.value for task in tasks)
    document = {
        "format": FORMAT,
        "run": run.id,
        "workflow": workflow.key,
        "trigger": run.trigger,
        "state": (RunState.FAILED if failed else RunState.SUCCEEDED).value,
        "attention": attention,
        "started_at": time_text(run.started_at),
        "finished_at": time_text(finished_at),
        "tasks": list(tasks),
        "files": [file_outcome(claim) for claim in files],
        "next": following,
    }
    return _with_error(document, fault)


def time_text(moment: datetime | None) -> str | None:
    """RFC 3339, in UTC, to the millisecond."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_error(document: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    if fault is not None:
        document["error"] = {"what": fault.what, "to": fault.to, "hint": fault.hint}
    return document
