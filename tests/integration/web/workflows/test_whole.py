"""What is done to a workflow as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.parse import parse
from bucketlift.errors import RequestWrong
from bucketlift.model.lifecycle import RunState
from bucketlift.model.worker import WorkerKind
from bucketlift.service.core.app import no_progress
from bucketlift.service.editor import drafts
from bucketlift.service.projects import projects
from bucketlift.service.workflows import workflows
from builders import NOON, a_workflow

from .conftest import EXTRACT, FILES, PEOPLE


def test_run_now_puts_a_draft_to_use_and_leaves_it_off(app, make, as_operator):
    key = make()

    with app.engine(no_progress, WorkerKind.SERVE):
        answer = as_operator.post(f"/workflows/{key}/run", data={"sure": "yes"})

    (run,) = app.ledger.runs.find(workflow=key)
    assert answer.headers["location"] == f"/runs/{run.id}"
    assert (run.version, app.ledger.catalog.workflow(key).workflow.enabled) == (1, False)


def test_a_run_that_nobody_could_do_is_refused(published, as_operator):
    answer = as_operator.post(f"/workflows/{published()}/run", data={"sure": "yes"})

    assert answer.status_code == 422
    assert "No worker is running that can execute this run" in answer.text


def test_a_duplicate_says_the_same_but_shares_no_secret(app, make, as_editor):
    after = {"schedule": {"cron": "0 2 * * *"}}
    key = make(triggers=[after, {"event": {"token": {"secret": "mine"}}}])

    answer = as_editor.post(f"/workflows/{key}/duplicate")

    assert answer.headers["location"] == "/workflows/nightly-copy"
    assert drafts.get(app, "nightly-copy").document == {
        "title": "Nightly (copy)",
        "triggers": [after],
        "tasks": [FILES, PEOPLE],
    }


def test_a_deleted_workflow_keeps_its_history(app, published, as_editor):
    key = published()
    run = app.ledger.runs.ask(key, 1, trigger="demand", now=NOON)

    asked = as_editor.get(f"/workflows/{key}/delete")
    answer = as_editor.post(f"/workflows/{key}/delete")

    assert "Its history stays" in asked.text
    assert answer.headers["location"] == "/workflows"
    assert workflows.listed(app) == ()
    assert [each.id for each in app.ledger.runs.find(workflow=key)] == [run.id]


def test_a_run_that_waits_is_not_done_after_its_workflow_was_deleted(app, published, as_editor):
    key = published()
    run = app.ledger.runs.ask(key, 1, trigger="demand", now=NOON)

    told = as_editor.get(f"/workflows/{key}/delete").text
    as_editor.post(f"/workflows/{key}/delete")

    assert "1 run is queued or running and will be cancelled" in told
    assert app.ledger.runs.get(run.id).state is RunState.CANCELLED


def test_a_new_workflow_never_takes_over_the_history_of_a_deleted_one(app, published, make):
    workflows.delete(app, published("Nightly"))

    assert make("Nightly") == "nightly-2"


def test_an_export_is_a_workflow_file(app, published, as_viewer):
    key = published(triggers=[{"schedule": {"every": "day", "at": ["02:00"], "timezone": "UTC"}}])

    answer = as_viewer.get(f"/workflows/{key}/export")

    parsed = parse(answer.content, name="nightly.yaml", folder=Path.cwd())
    (made,) = compile_definition(parsed, projects.installed(app)).workflows
    assert answer.headers["content-disposition"] == 'attachment; filename="nightly.yaml"'
    assert made.tasks == app.ledger.catalog.workflow(key).workflow.tasks
    assert (made.triggers, made.enabled) == (app.ledger.catalog.workflow(key).workflow.triggers, False)


def test_a_file_does_not_silently_take_back_what_was_detached(app, tmp_path):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)
    path = tmp_path / "hr.yaml"
    path.write_text(workflows.exported(app, "nightly"))
    workflows.detach(app, "nightly")

    with pytest.raises(
        RequestWrong, match="is managed on the page: it was created there, or detached"
    ) as refused:
        projects.plan(app, [path])
    assert refused.value.to == "nightly"
    workflows.delete(app, "nightly")
    assert [change.step.value for change in projects.plan(app, [path]).changes] == ["create"]


def test_what_follows_a_workflow_is_told_before_it_is_deleted(app, published, as_editor):
    key = published("Nightly")
    follower = published(
        "Weekly",
        tasks=[{"id": "files", "extract": EXTRACT | {"prefix": "other/"}}, PEOPLE],
        triggers=[{"after": {"workflow": key}}],
    )

    page = as_editor.get(f"/workflows/{key}/delete")

    assert follower == "weekly"
    assert "will no longer be started by it: Weekly." in page.text
