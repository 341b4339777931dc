"""The content of a notice as data: the documented body of a webhook, from which the text of an e-mail is
made.

Text of a file is left out, even the names in its header, because the first row of a wrong file may be data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bucketlift.model.claim import Claim
from bucketlift.model.notice import Occasion
from bucketlift.model.run import Run
from bucketlift.model.workflow import Workflow
from bucketlift.rules.document import time_text
from bucketlift.rules.health.outcome import outcome_of_run

FORMAT = 1

FILES_SHOWN = 20
"""Maximum number of held files that a notice names. If there are more, the notice contains only their number."""

TEST = "test"
"""The occasion of a test notice, which a person requested."""


def of_run(
    workflow: Workflow, run: Run, occasions: Sequence[Occasion], held: Sequence[Claim]
) -> dict[str, Any]:
    """The facts of a notice that a run ended. ``occasions``: the occasions of the channel that apply to this
    run, the most urgent first.
    """
    document = run.document or {}
    return _run_started(workflow, [occasion.value for occasion in occasions]) | {
        "run": run.id,
        "trigger": run.trigger,
        "state": run.state.value,
        "outcome": outcome_of_run(run).value,
        "started_at": time_text(run.started_at),
        "finished_at": time_text(run.finished_at),
        "files": _summed(document, "files"),
        "rows": _summed(document, "rows"),
        "usual_rows": run.usual_rows,
        "attention": document.get("attention", 0),
        "held": {"count": run.newly_held, "files": [_held(claim) for claim in held[:FILES_SHOWN]]},
        "faults": [
            {"task": task, "what": fault.what, "to": fault.to, "hint": fault.hint}
            for task, fault in run.faults.items()
        ],
        "next": _after(workflow.key, run, occasions),
    }


def of_silence(
    workflow: Workflow, occasions: Sequence[Occasion], *, expected_at: datetime, since: datetime
) -> dict[str, Any]:
    """The facts of a notice that no file arrived between ``since`` and the expected time."""
    return _run_started(workflow, [occasion.value for occasion in occasions]) | {
        "late": "file",
        "expected_at": time_text(expected_at),
        "since": time_text(since),
        "next": [
            f"bucketlift run {workflow.key} --dry-run",
            f"bucketlift runs list --workflow {workflow.key}",
        ],
    }


def of_late_run(workflow: Workflow, *, expected_at: datetime, is_running: bool) -> dict[str, Any]:
    """The facts of a notice that a scheduled run did not end in time."""
    return _run_started(workflow, [Occasion.LATE.value]) | {
        "late": "run",
        "expected_at": time_text(expected_at),
        "running": is_running,
        "next": [f"bucketlift runs list --workflow {workflow.key}", "bucketlift db status"],
    }


def of_test(workflow: str, title: str) -> dict[str, Any]:
    return _started(workflow, title, [TEST]) | {"next": []}


def _run_started(workflow: Workflow, occasions: Sequence[str]) -> dict[str, Any]:
    return _started(workflow.key, workflow.title, occasions)


def _started(workflow: str, title: str, occasions: Sequence[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "occasion": occasions[0],
        "occasions": list(occasions),
        "workflow": workflow,
        "title": title,
    }


def _summed(document: dict[str, Any], what: str) -> dict[str, int]:
    """The sums of the counts ``what`` over all extract tasks of a run."""
    total: dict[str, int] = {}
    for task in document.get("tasks", ()):
        counts = task.get(what, {}) if "files" in task else {}
        for word, count in counts.items():
            total[word] = total.get(word, 0) + count
    return total


def _held(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "bucket": claim.source.bucket,
        "key": claim.source.key,
        "state": claim.state.value,
        "reason": claim.reason,
        "hint": claim.hint,
    }


def _after(workflow: str, run: Run, occasions: Sequence[Occasion]) -> list[str]:
    """The commands that the recipient can run next."""
    commands = [f"bucketlift runs show {run.id}"]
    if Occasion.HELD in occasions:
        commands.append(f"bucketlift files list --workflow {workflow} --attention")
    if Occasion.FAILED in occasions:
        commands.append(f"bucketlift run {workflow}")
    return commands
