"""The list of workflows, and a new one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bucketlift.ledger import tables
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import workflows
from bucketlift.service.workflows.workflows import ListedWorkflow, State
from builders import NOON, a_workflow
from integration.web.workflows.conftest import tasks_of

NIGHTLY = {"schedule": {"every": "weekday", "at": ["02:00"], "timezone": "America/Denver"}}


def titles(answer):
    return re.findall(r'class="fw-medium" href="[^"]*">([^<]*)<', answer.text)


def test_lines_say_how_each_workflow_stands(app, make, published):
    key = published("Nightly", triggers=[NIGHTLY])
    app.ledger.catalog.enable(key, enabled=True, now=NOON)
    make("Weekly", triggers=[{"after": {"workflow": key}}])
    app.ledger.catalog.save(workflows=(a_workflow(key="owned", title="Owned", enabled=False),), now=NOON)

    nightly, owned, weekly = workflows.listed(app)

    assert replace(nightly, next=None) == ListedWorkflow(
        key="nightly",
        title="Nightly",
        state=State.ON,
        begins=("Every weekday at 02:00, America/Denver",),
    )
    assert nightly.next is not None
    assert owned == ListedWorkflow(key="owned", title="Owned", state=State.OFF, project="hr")
    assert weekly == ListedWorkflow(
        key="weekly", title="Weekly", state=State.DRAFT, begins=("After nightly succeeded",)
    )


def test_a_line_links_its_last_run(app, published, client):
    run = app.ledger.runs.ask(published("Nightly"), 1, trigger="demand", now=NOON)

    answer = client.get("/workflows")

    assert f'href="/runs/{run.id}"' in answer.text
    assert "queued" in answer.text


def test_changes_of_a_workflow_in_use_are_told(app, published):
    drafts.change(app, published("Nightly"), lambda document: document | {"title": "Other"})

    assert [(line.title, line.changed) for line in workflows.listed(app)] == [("Nightly", True)]


def test_a_search_finds_words_of_the_title_in_any_order(make, client):
    for title in ("Nightly employees", "Nightly survey", "Contacts"):
        make(title)

    found = client.get("/workflows?q=employees+night")
    none = client.get("/workflows?q=nobody")

    assert titles(found) == ["Nightly employees"]
    assert "No workflow matches “nobody”" in none.text


def test_while_somebody_types_only_the_lines_come(make, client):
    make("Nightly")

    answer = client.get("/workflows?q=night", headers={"HX-Request": "true"})

    assert titles(answer) == ["Nightly"]
    assert "<html" not in answer.text


def test_an_empty_list_says_what_to_do_next(client, as_viewer, text):
    assert "No workflow yet" in text(client.get("/workflows"))
    assert "A user with the role editor can create one." in text(as_viewer.get("/workflows"))


def test_a_new_scheduled_workflow_asks_for_its_schedule_at_once(app, as_editor):
    answer = as_editor.post("/workflows/-new", data={"kind": "schedule", "form": "abcdefgh"})

    asked = "/workflows/new-workflow/triggers/new?kind=schedule&form=abcdefgh"
    assert (answer.status_code, answer.headers["location"]) == (303, asked)
    assert drafts.get(app, "new-workflow").document == {"title": "New workflow", "triggers": [], "tasks": []}


def test_both_ways_are_explained(as_editor, text):
    told = text(as_editor.get("/workflows/-new"))

    assert "Scheduled recommended for extract tasks Runs at set times" in told
    assert "Event-based Runs when an event occurs" in told


def test_filters_leave_the_workflows_that_fit_all_of_them(on, make, client):
    on("Nightly", tags=["payroll", "emea"])
    on("Weekly", tags=["payroll"])
    make("Draft", tags=["emea"])

    def found(query):
        return titles(client.get(f"/workflows?{query}"))

    assert found("tag=payroll") == ["Nightly", "Weekly"]
    assert found("tag=emea&state=on") == ["Nightly"]
    assert found("state=draft") == ["Draft"]
    assert found("q=emea&state=nonsense") == ["Draft", "Nightly"]
    assert found("tag=none") == []


def test_the_list_is_sorted_and_has_pages(on, make, ran, client, monkeypatch):
    monkeypatch.setattr("bucketlift.web.workflows.lists.PAGE", 2)
    ran(on("First"))
    ran(on("Second"), at=NOON + timedelta(hours=1))
    make("Third")

    by_title = [titles(client.get(f"/workflows?page={page}")) for page in (1, 2, 3)]
    by_run = [titles(client.get(f"/workflows?sort=last&page={page}")) for page in (1, 2)]

    assert by_title == [["First", "Second"], ["Third"], []]
    assert by_run == [["Second", "First"], ["Third"]]
    assert "Page 1, 3 workflows" in client.get("/workflows").text


def test_several_workflows_are_switched_at_once_and_refusals_are_listed(app, on, make, as_operator, text):
    keys = [on("Nightly"), on("Weekly"), make("New", tasks=tasks_of("New"))]

    off = as_operator.post("/workflows/-many", data={"do": "off", "workflow": keys[:2]})
    on_again = as_operator.post("/workflows/-many", data={"do": "on", "workflow": keys})

    assert "2 workflows switched off." in text(off)
    assert "0 workflows switched on. 3 workflows could not be switched on." in text(on_again)
    assert "Open the workflow to switch it on for the first time." in text(on_again)
    assert not any(each.workflow.enabled for each in app.ledger.catalog.workflows().values())


def test_a_workflow_that_ran_is_switched_on_with_others(app, on, as_operator, text):
    key = on("Nightly")
    app.ledger.catalog.enable(key, enabled=False, now=NOON)
    with app.ledger.database.writing() as connection:
        listed = {"workflow": key, "task": "files", "first_listed_at": NOON}
        connection.execute(tables.listings.insert().values(**listed))

    answer = as_operator.post("/workflows/-many", data={"do": "on", "workflow": [key]})

    assert "1 workflow switched on." in text(answer)
    assert app.ledger.catalog.workflow(key).workflow.enabled


def test_an_action_needs_a_workflow_and_a_known_name(as_operator):
    nothing = as_operator.post("/workflows/-many", data={"do": "off"})
    unknown = as_operator.post("/workflows/-many", data={"do": "drop", "workflow": ["w"]})

    assert [each.status_code for each in (nothing, unknown)] == [422, 422]
