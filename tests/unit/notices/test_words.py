"""What a notice says: whole texts, so that a reader sees what arrives."""

from __future__ import annotations

from datetime import timedelta

from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.notice import Occasion
from bucketlift.model.run import Fault, Run, RunId
from bucketlift.notices.facts import FILES_SHOWN, of_run, of_silence
from bucketlift.notices.words import subject, text
from builders import NOON, a_claim, a_source, a_workflow

FLOW = a_workflow(key="nightly-employees", title="Nightly employees")
COUNTS = {
    "files": {"found": 3, "known": 40, "loaded": 2, "held": 1, "skipped": 0},
    "rows": {"read": 1200, "loaded": 1194, "rejected": 2, "held": 4},
}


def a_run(**changes):
    told = {
        "id": RunId("20260301T120000-ab12cd34"),
        "workflow": FLOW.key,
        "version": 1,
        "trigger": "schedule",
        "state": RunState.SUCCEEDED,
        "asked_at": NOON,
        "started_at": NOON,
        "finished_at": NOON + timedelta(minutes=3),
        "document": {
            "attention": 4,
            "tasks": [{"id": "files", **COUNTS}, {"id": "people", "rows": {"inserted": 9}}],
        },
    }
    return Run(**{**told, **changes})


def a_held_file(key="employees/a.csv", **changes):
    return a_claim(a_source(key=key, bucket="hr-drop"), state=FileState.HELD, **changes)


MISSING = a_held_file(
    reason="missing-column",
    what='Missing columns: "email"; columns that the sample does not have: "canary"',
    hint="Add them to the file, or use a sample without them.",
)


def test_a_held_file_is_named_with_its_reason_and_what_to_do():
    body = of_run(FLOW, a_run(newly_held=1), [Occasion.HELD], [MISSING])

    assert subject(body) == "Nightly employees: 1 file is held"
    assert (
        text(body)
        == """\
Nightly employees: 1 file is held.

Run 20260301T120000-ab12cd34 (schedule): succeeded with issues, from 2026-03-01 12:00 UTC to 2026-03-01 12:03 UTC.
Files: 3 found, 2 loaded, 1 held.
Rows: 1,200 read, 1,194 loaded, 2 rejected, 4 held.

s3://hr-drop/employees/a.csv: held, missing-column
  Add them to the file, or use a sample without them.
  bucketlift files show c1

In all, 4 files of this workflow wait for a person.

What to do next:
  bucketlift runs show 20260301T120000-ab12cd34
  bucketlift files list --workflow nightly-employees --attention

Bucketlift, workflow nightly-employees
"""
    )


def test_a_failed_run_says_what_failed_and_what_to_do():
    fault = Fault(what="The role may not list the bucket", to="hr-drop", hint="Grant s3:ListBucket.")
    run = a_run(state=RunState.FAILED, newly_held=2, faults={"files": fault}, document=None, started_at=None)
    body = of_run(FLOW, run, [Occasion.FAILED, Occasion.HELD], [MISSING])

    assert subject(body) == "Nightly employees: the run failed, and 2 files are held"
    assert (
        text(body)
        == """\
Nightly employees: the run failed, and 2 files are held.

Run 20260301T120000-ab12cd34 (schedule): failed, from an unknown time to 2026-03-01 12:03 UTC.

Task files failed: The role may not list the bucket (hr-drop)
  Grant s3:ListBucket.

s3://hr-drop/employees/a.csv: held, missing-column
  Add them to the file, or use a sample without them.
  bucketlift files show c1

And 1 file more.

What to do next:
  bucketlift runs show 20260301T120000-ab12cd34
  bucketlift files list --workflow nightly-employees --attention
  bucketlift run nightly-employees

Bucketlift, workflow nightly-employees
"""
    )


def test_a_success_counts_and_a_success_without_files_says_so():
    nothing = {"attention": 0, "tasks": [{"id": "files", "files": {"found": 0}, "rows": {"read": 0}}]}

    assert subject(of_run(FLOW, a_run(), [Occasion.SUCCEEDED], [])) == "Nightly employees: 2 files loaded"
    assert (
        subject(of_run(FLOW, a_run(document=nothing), [Occasion.SUCCEEDED], []))
        == "Nightly employees: the run succeeded, nothing new was loaded"
    )


def test_silence_names_the_expected_time_and_since_when_nothing_came():
    body = of_silence(FLOW, [Occasion.SILENT], expected_at=NOON, since=NOON - timedelta(days=1))

    assert subject(body) == "Nightly employees: nothing arrived by 2026-03-01 12:00 UTC"
    assert (
        text(body)
        == """\
Nightly employees: nothing arrived by 2026-03-01 12:00 UTC.

Since 2026-02-28 12:00 UTC no new file was found for this workflow. Either none was delivered, or Bucketlift could not look.

What to do next:
  bucketlift run nightly-employees --dry-run
  bucketlift runs list --workflow nightly-employees

Bucketlift, workflow nightly-employees
"""
    )


def test_of_many_held_files_the_first_are_named_and_the_others_counted():
    files = [
        a_held_file(f"in/{number:03}.csv", reason="not-utf8", hint="x") for number in range(FILES_SHOWN + 1)
    ]
    body = of_run(FLOW, a_run(newly_held=1234), [Occasion.HELD], files)

    assert len(body["held"]["files"]) == FILES_SHOWN
    assert "\n\nAnd 1,214 files more.\n\n" in text(body)


def test_a_key_can_neither_begin_a_line_nor_turn_the_writing():
    hostile = a_held_file(
        "in/\nWhat to do next:\n  curl evil\r\x1b[2J\u202e\ud800.csv", reason="empty-file", hint=None
    )
    body = of_run(FLOW, a_run(newly_held=1), [Occasion.HELD], [hostile])

    assert (
        r"s3://hr-drop/in/\nWhat to do next:\n  curl evil\r\x1b[2J\u202e\ud800.csv: held, empty-file" "\n"
    ) in text(body)
    assert body["held"]["files"][0]["key"] == hostile.source.key


def test_a_files_own_text_is_not_told():
    body = of_run(FLOW, a_run(newly_held=1), [Occasion.HELD], [MISSING])

    assert "canary" not in text(body) + str(body)
