"""The JSON answers of commands: an example made by the code, and a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bucketlift.model.claim import Claim, ClaimId, Tally
from bucketlift.model.contract import Contract, Field
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.model.run import Run, RunId
from bucketlift.model.source import Selection, SourceObject, StoreId
from bucketlift.model.workflow import (
    Comparison,
    ConditionTask,
    Delete,
    ExtractTask,
    LoadTask,
    Measure,
    Workflow,
)
from bucketlift.rules.document import (
    OpenWork,
    condition_outcome,
    extract_outcome,
    file_outcome,
    files_and_rows,
    load_outcome,
    run_outcome,
)
from tools.pages import markdown
from tools.pages.markdown import fenced

_BEGAN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

_COUNTS = """
`found` = the occurrences of this run's manifest = loaded + held + skipped + failed + gone + superseded; `known` =
selected keys that were not taken. Rows `read` = loaded + rejected + held + skipped + failed. `rejected` counts
rejects of loaded files. `held`, `skipped` and `failed` count all rows that were read from held, skipped and failed files. `archived-tier` counts as held, `retrying` as failed,
`action-held` as loaded.

`state` says whether the run did its work. `outcome` is what the page shows: the state, or `succeeded_with_issues` if the run
succeeded but newly held files or actions, or if its actions wait because the outbox is paused (exit code 3). `attention` = files of the workflow that are held or action-held now. `files` lists
the first 1,000 files of this run's manifest and of earlier held files; `next` is the offset of the first file that is left out. A failed run and its failed task
have `error` too. A run whose actions wait because the outbox is paused has
`"paused": {"what", "hint"}`. Files that a cancelled run left count as failed; its state, and that of its unfinished
tasks, is `cancelled`. A file whose action waits for its delay has `due_at`.

`trigger` is `demand`, `outbox` (a run that only acts on files loaded earlier), `schedule` with the scheduled time,
or `after` with the other workflow and its run.

A dry run has the same keys with `"dry_run": true`, `"run": null` and a
[`decision`](reasons.md#what-a-dry-run-decides-about-a-key) per key. A load of people also has
`"trial": {"rows", "complete", "counts": {"new", "updated", "unchanged", "ambiguous"}, "examples": [{"effect", "file", "line", "people", "fields"}]}`,
or an `error` if its directory cannot be read, and `notes` on what its merge rules mean for known contacts.
"""

_LISTS = """
| command | answer |
| --- | --- |
| `accounts list`, `destinations list`, `workflows list`, `secrets list` | `{"accounts": [...]}` and so on |
| `workflows show` | as in the list, with `begins` (its triggers in words), `next_run`, `next_runs`, `tasks` and `notify` |
| `runs list` | `{"runs": [{"run", "workflow", "trigger", "state", "started_at", "finished_at", "newly_held", "asked_at", "cancel_asked_at", "worker", "waits_for"}], "next"}` |
| `runs cancel` | the run, as in the list |
| `runs logs` | `{"run", "lines": [{"id", "at", "level", "task", "what"}]}` |
| `files list`, and the decisions `accept`, `retry`, `ignore`, `hold` | `{"files": [...]}`, each as in a run's document |
| `files unload`, `files reload` | `{"files": [...], "rows": {"DESTINATION.TABLE": rows removed}}` |
| `verify` | `{"workflow", "agrees", "began_at", "files", "checked", "found", "differences": [{"kind", "task", "file", "bucket", "key", "what", "hint"}], "next"}` |
| `files show` | one file, with `workflow`, `task`, `store`, `size`, `sha256`, `notes`, `receipts`, `deliveries` and `replays` |
| `deliveries list` | `deliveries`: each with `file`, `workflow`, `key`, `task`, `destination`, and the number of `chunks` by state |
| `deliveries show` | `chunks` of one file, each with `task`, `chunk`, `lines`, `rows`, `state`, `refused`, `key` and `what` |
| `rejects list` | `{"file", "rejects": [{"line", "offset", "reason", "field", "cells", "text", "raw_base64", "mended_in"}]}`: those that the ledger keeps |
| `rejects export` without `--to` | the same for all rejects that are not mended yet; each has `file`. If `complete` is false, the answer has only the rejects that the ledger keeps, and the command ends with exit code 1 |
| `rejects export --to` | `{"file", "to", "written", "complete"}` |
| `rejects replay` | `{"file", "rows", "again", "left", "changed", "unfit": [{"line", "offset", "reason", "field"}], "replay", "state", "run", "receipts"}`; `again` is the number of rows that were loaded before, `left` the number of rejects that are not mended; with `--dry-run` without the last four; if rows do not fit: `{"error", "unfit"}` |
| `validate` | `{"valid": true, "files": [...]}` |
| `plan`, `apply` | `{"applied", "pruned", "changes": [{"project", "kind", "name", "change"}], "notes"}`; `change` is `create`, `update`, `rename` (with `renamed_from`), `unchanged` or `remove`; a plan also has `"questions": [{"workflow", "task", "like", "line", "what", "hint"}]` |
| `accounts policy` | `{"account", "workflow", "trust", "permissions"}`, in JSON with and without `--json` |
| `demo` | `{"home", "nothing_new", "as_expected", "runs", "tables", "files", "page", ...}`; without `--once`, `page` has `address`, `sign_in`, a link that works once, and `name` and `password` of the administrator |
| `secrets list` | also `"details": [{"name", "kept", "used_by"}]`; `kept` is false if a secret is named but not set |
| `secrets rotate` | `{"secrets", "taken_up", "old_keys_left"}`; `taken_up` is true if the new key was already the first key of the file |
| `db upgrade` | `{"ledger", "from", "to"}` |
| `db backup` | `{"file", "revision", "installation", "made_at", "rows"}` |
| `db restore` | `{"file", "installation", "made_at", "paused", "key_fits"}` |
| `db status` | `{"ledger", "revision", "installation", "paused", "destinations": [{"destination", "since", "unknown", "loads"}]}` |
| `db confirm` | `{"confirmed", "destinations"}` |
| any command that fails before a run | `{"error": {"what", "to", "hint"}}` |
"""


def page() -> str:
    return markdown.page(
        "JSON answers",
        "## run, runs show, load",
        fenced("json", json.dumps(_example(), indent=2)),
        _COUNTS,
        "## Other commands",
        _LISTS,
    )


def _example() -> dict[str, Any]:
    workflow, extract, condition, load = _workflow()
    loaded = Tally(state=FileState.DONE, files=1, rows=6, rejected=0, bytes=402)
    held = Tally(state=FileState.HELD, files=1, rows=4, rejected=1, bytes=331)
    run = Run(
        id=RunId("20260302T020000-1a2b3c4d"),
        workflow=workflow.key,
        version=1,
        trigger="demand",
        state=RunState.SUCCEEDED,
        asked_at=_BEGAN,
        started_at=_BEGAN,
    )
    tasks = [
        extract_outcome(extract, files_and_rows([loaded, held], 40), None),
        condition_outcome(condition, {"met": {condition.id: True}}),
        load_outcome(load, {"inserted": 4, "updated": 2, "unchanged": 0}, None, ran=True),
    ]
    finished = _BEGAN + timedelta(seconds=2)
    return run_outcome(
        run,
        workflow,
        tasks,
        [file_outcome(each) for each in _files()],
        work=OpenWork(attention=1, newly_held=1),
        following=None,
        finished_at=finished,
    )


def _workflow() -> tuple[Workflow, ExtractTask, ConditionTask, LoadTask]:
    extract = ExtractTask(
        id="files",
        account="acme",
        selection=Selection(bucket="hr-drop", prefix="employees/"),
        contract=Contract(fields=(Field(name="UniqueID"),)),
        after_import=Delete(),
    )
    enough = Comparison(task="files", measure=Measure.ROWS, operator=">", number=0)
    condition = ConditionTask(id="enough", test=enough, then=("people",))
    columns = (Column(name="UniqueID", field="UniqueID"),)
    target = Target(table="employees", columns=columns, mode=WriteMode.UPSERT, key=("UniqueID",))
    load = LoadTask(id="people", source="files", destination="warehouse", target=target)
    tasks = (extract, condition, load)
    workflow = Workflow(key="nightly-employees", title="Nightly employees", project="hr", tasks=tasks)
    return workflow, extract, condition, load


def _files() -> list[Claim]:
    return [
        _file("5f0c2d6a9b3e4817", "employees/a.csv", FileState.DONE, rows=6),
        _file(
            "c81e728d9d4c2f63",
            "employees/b.csv",
            FileState.HELD,
            rows=4,
            rejected=1,
            reason="too-many-rejects",
            what="1 of 5 records is a reject; max_rejected allows 0",
            hint="Look at the rejects, correct the file and upload it again, or raise max_rejected.",
        ),
    ]


def _file(name: str, key: str, state: FileState, **known: Any) -> Claim:
    source = SourceObject(
        store=StoreId("aws"),
        bucket="hr-drop",
        key=key,
        etag="9b2cf535f27731c974343645a3985328",
        size=402,
        occurrence=1,
    )
    return Claim(
        id=ClaimId(name), source=source, workflow="nightly-employees", task="files", state=state, **known
    )
