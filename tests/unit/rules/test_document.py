"""A run's answer."""

from __future__ import annotations

from bucketlift.model.claim import Tally
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.run import Fault, Run, RunId
from bucketlift.rules.document import OpenWork, files_and_rows, run_outcome, time_text
from builders import NOON, a_workflow


def test_every_file_and_row_of_a_manifest_is_counted_once():
    tallies = [
        Tally(state=FileState.DONE, files=2, rows=10, rejected=1, bytes=100),
        Tally(state=FileState.ACTION_HELD, files=1, rows=4, rejected=0, bytes=10),
        Tally(state=FileState.HELD, files=1, rows=3, rejected=2, bytes=5),
        Tally(state=FileState.SKIPPED, files=1, rows=6, rejected=0, bytes=5),
        Tally(state=FileState.RETRYING, files=1, rows=7, rejected=1, bytes=5),
        Tally(state=FileState.GONE, files=1, rows=0, rejected=0, bytes=5),
        Tally(state=FileState.SUPERSEDED, files=1, rows=0, rejected=0, bytes=5),
        Tally(state=FileState.ARCHIVED_TIER, files=1, rows=0, rejected=0, bytes=5),
    ]

    assert files_and_rows(tallies, known=40) == {
        "files": {
            "found": 9,
            "known": 40,
            "loaded": 3,
            "held": 2,
            "skipped": 1,
            "failed": 1,
            "gone": 1,
            "superseded": 1,
        },
        "rows": {"read": 34, "loaded": 14, "rejected": 1, "held": 5, "skipped": 6, "failed": 8},
        "bytes": 140,
    }


def test_a_run_with_a_fault_has_failed_and_says_why():
    run = Run(
        id=RunId("r1"),
        workflow="nightly",
        version=1,
        trigger="demand",
        state=RunState.RUNNING,
        asked_at=NOON,
        started_at=NOON,
        faults={"files": Fault(what="Refused", to="s3://drop", hint="Grant it.")},
    )

    document = run_outcome(
        run, a_workflow(), [], [], work=OpenWork(attention=2), following=None, finished_at=NOON
    )

    assert document == {
        "format": 1,
        "run": "r1",
        "workflow": "nightly",
        "trigger": "demand",
        "state": "failed",
        "outcome": "failed",
        "attention": 2,
        "started_at": "2026-03-01T12:00:00.000Z",
        "finished_at": "2026-03-01T12:00:00.000Z",
        "tasks": [],
        "files": [],
        "next": None,
        "error": {"what": "Refused", "to": "s3://drop", "hint": "Grant it."},
    }


def test_a_time_that_is_not_known_is_null():
    assert time_text(None) is None
