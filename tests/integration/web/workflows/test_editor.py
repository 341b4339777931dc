"""A workflow as a chain of cards."""

from __future__ import annotations

import re
from dataclasses import replace

from bucketlift.service.editor import drafts
from bucketlift.service.editor.cards import summary_of
from builders import NOON, a_workflow

from .conftest import EXTRACT, FILES, PEOPLE

DAILY = {"schedule": {"every": "day", "at": ["02:00"], "timezone": "UTC"}}
ENOUGH = {"id": "enough", "condition": {"all": ["files.rows > 0"], "then": ["people"]}}


def ids(app, key):
    return [task["id"] for task in drafts.get(app, key).document["tasks"]]


def test_each_card_says_in_one_line_what_it_does(make, client, text):
    told = text(client.get(f"/workflows/{make(tasks=[FILES, ENOUGH, PEOPLE])}"))

    assert "files CSV files under in/ in drop (account acme), then delete them" in told
    assert "enough If files.rows > 0" in told
    assert "people Rows of files into table people of warehouse, appending" in told


def test_lines_of_other_tasks():
    moved = EXTRACT | {"file_type": "tsv", "prefix": "", "after_import": {"action": "move", "bucket": "old"}}
    renamed = EXTRACT | {"pgp": {"keys": ["a"]}, "after_import": {"action": "rename", "prefix": "done-"}}
    upsert = {"from": "files", "to": "w", "table": "t", "mode": "upsert", "key": ["id", "day"]}
    nested = {"any": ["files.rows > 0", {"all": ["files.held = 0", "files.files > 1"]}]}

    assert [
        summary_of(task)
        for task in ({"extract": moved}, {"extract": renamed}, {"load": upsert}, {"condition": nested})
    ] == [
        "TSV files in drop (account acme), then move them to old",
        "CSV files encrypted with PGP under in/ in drop (account acme), then rename them to done-…",
        "Rows of files into table t of w, updating rows by id, day",
        "If files.rows > 0 or (files.held = 0 and files.files > 1)",
    ]


def test_a_card_shows_its_own_problems(make, client, text):
    wrong = {"id": "files", "extract": EXTRACT | {"account": "acmee"}}

    told = text(client.get(f"/workflows/{make(tasks=[wrong, PEOPLE])}"))

    assert "then delete them There is no account “acmee” . Did you mean “acme”?" in told.replace("”.", "” .")
    assert "1 issue to fix." in told


def test_the_title_is_changed_in_its_place(app, make, as_editor):
    key = make("New workflow")

    form = as_editor.get(f"/workflows/{key}/title", headers={"HX-Request": "true"})
    answer = as_editor.post(f"/workflows/{key}/title", data={"title": "  Nightly   employees "})

    assert 'value="New workflow"' in form.text
    assert "<html" not in form.text
    assert answer.headers["location"] == "/workflows/nightly-employees"
    assert drafts.get(app, "nightly-employees").title == "Nightly employees"


def test_an_empty_title_is_told_beside_it(make, as_editor):
    answer = as_editor.post(f"/workflows/{make()}/title", data={"title": " "})

    assert answer.status_code == 422
    assert "Enter a name." in answer.text


def test_between_all_cards_something_can_be_added(make, client):
    page = client.get(f"/workflows/{make(tasks=[FILES, ENOUGH, PEOPLE])}").text

    places = re.findall(r"tasks/new\?after=([^&]*)&amp;kind=task", page)
    assert places == ["", "files", "enough.then", "people", "enough.else", "enough"]


def test_the_catalogue_leads_to_each_form(make, as_editor):
    key = make()

    page = as_editor.get(f"/workflows/{key}/tasks/new?after=files&kind=task")
    found = as_editor.get(f"/workflows/{key}/tasks/new?after=files&q=amazon").text
    condition = as_editor.get(f"/workflows/{key}/tasks/new?after=files&kind=condition")

    assert re.findall(r'href="(/workflows/[^"]*after=files)&amp;form=[\w-]+"', page.text) == [
        "/workflows/nightly/tasks/new/extract?after=files",
        "/workflows/nightly/tasks/new/extract?after=files",
        "/workflows/nightly/tasks/new/transform?after=files",
        "/workflows/nightly/tasks/new/table?after=files",
        "/workflows/nightly/tasks/new/contacts?after=files",
        "/workflows/nightly/tasks/new/employees?after=files",
        "/workflows/nightly/tasks/new/responses?after=files",
        "/workflows/nightly/tasks/new/records?after=files",
        "/workflows/nightly/tasks/new/objects?after=files",
        "/workflows/nightly/tasks/new/rows?after=files",
    ]
    assert re.findall(r'choice-title">([^<]*)<', found) == [
        "Extract data from Amazon S3",
        "Write files to S3, SFTP or a folder",
    ]
    led = condition.headers["location"].partition("&form=")[0]
    assert led == "/workflows/nightly/tasks/new/condition?after=files"


def test_a_card_opens_the_form_of_its_kind(make, as_editor):
    key = make(tasks=[FILES, ENOUGH, PEOPLE])

    opened = [as_editor.get(f"/workflows/{key}/tasks/{task}") for task in ("files", "enough", "people")]

    assert [answer.headers["location"] for answer in opened] == [
        "/workflows/nightly/tasks/files/extract",
        "/workflows/nightly/tasks/enough/condition",
        "/workflows/nightly/tasks/people/table",
    ]


def test_tasks_are_moved_and_deleted(app, make, as_editor):
    other = {"id": "other", "load": {"from": "files", "to": "warehouse", "table": "other"}}
    key = make(tasks=[FILES, PEOPLE, other])

    as_editor.post(f"/workflows/{key}/tasks/other/move", data={"by": "-1"})
    moved = ids(app, key)
    as_editor.post(f"/workflows/{key}/tasks/people/delete")

    assert (moved, ids(app, key)) == (["files", "other", "people"], ["files", "other"])


def test_a_change_of_an_older_page_is_refused(app, make, as_editor):
    key = make()
    seen = drafts.get(app, key).number
    drafts.change(app, key, lambda document: document | {"title": "Theirs"}, by="ada")

    answer = as_editor.post("/workflows/theirs/tasks/people/delete", data={"number": seen})

    assert answer.status_code == 422
    assert "ada changed the workflow meanwhile" in answer.text
    assert ids(app, "theirs") == ["files", "people"]


def test_changes_rest_until_they_are_used(app, published, as_editor, text):
    key = published("Nightly")
    drafts.change(app, key, lambda document: document | {"title": "Other"})

    before = text(as_editor.get(f"/workflows/{key}"))
    answer = as_editor.post(f"/workflows/{key}/use")

    assert "Unpublished changes" in before
    assert answer.headers["location"] == f"/workflows/{key}"
    assert app.ledger.catalog.workflow(key).workflow.title == "Other"
    assert "Unpublished changes" not in text(as_editor.get(f"/workflows/{key}"))


def test_changes_can_be_discarded_and_a_draft_is_gone_then(app, make, published, as_editor):
    key, draft = published("Nightly"), make("Draft")
    drafts.change(app, key, lambda document: document | {"title": "Other"})

    answers = [as_editor.post(f"/workflows/{each}/discard") for each in (key, draft)]

    assert [answer.headers["location"] for answer in answers] == ["/workflows/nightly", "/workflows"]
    assert drafts.get(app, key).title == "Nightly"
    assert as_editor.get(f"/workflows/{draft}").status_code == 404


def test_a_workflow_of_a_file_can_be_looked_at_and_detached(app, as_editor, text):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)

    page = as_editor.get("/workflows/nightly")
    refused = as_editor.post("/workflows/nightly/tasks/people/delete")
    as_editor.post("/workflows/nightly/detach")

    assert "This workflow is managed by the workflow file of project hr." in text(page)
    assert "tasks/new" not in page.text
    assert refused.status_code == 422
    assert app.ledger.catalog.workflow("nightly").workflow == a_workflow(project=None)


def test_a_viewer_is_offered_nothing_that_changes(make, as_viewer):
    page = as_viewer.get(f"/workflows/{make()}").text

    acts = re.findall(r'action="([^"]*)"', page.partition("<main")[2])
    assert (acts, "tasks/new" in page, "Run now" in page) == ([], False, False)


def test_changes_on_an_older_version_are_used_only_on_purpose(app, published, as_editor):
    key = published("Nightly")
    drafts.change(app, key, lambda document: document | {"title": "Mine"})
    theirs = replace(app.ledger.catalog.workflow(key).workflow, title="Theirs")
    app.ledger.catalog.save(workflows=(theirs,), now=NOON)

    asked = as_editor.post(f"/workflows/{key}/use")
    before = app.ledger.catalog.workflow(key).workflow.title
    as_editor.post(f"/workflows/{key}/use", data={"over": "yes"})

    assert (asked.status_code, before) == (422, "Theirs")
    assert "Version 2 was published after you started these changes" in asked.text
    assert app.ledger.catalog.workflow(key).workflow.title == "Mine"


def test_what_somebody_else_changed_since_is_not_put_to_use_unseen(app, published, as_editor):
    key = published()
    seen = drafts.change(app, key, lambda document: document | {"title": "Seen"}).number
    drafts.change(app, key, lambda document: document | {"title": "Half done"}, by="bo")

    refused = as_editor.post(f"/workflows/{key}/use", data={"number": seen})
    used = as_editor.post(f"/workflows/{key}/use", data={"number": drafts.get(app, key).number})

    assert (refused.status_code, "bo changed the workflow meanwhile" in refused.text) == (422, True)
    assert (used.status_code, app.ledger.catalog.workflow(key).workflow.title) == (303, "Half done")


def test_a_deleted_task_comes_back_by_undo_which_the_next_page_offers_once(app, make, as_editor):
    key = make(tasks=[FILES, PEOPLE])
    before = drafts.get(app, key).document

    as_editor.post(f"/workflows/{key}/tasks/people/delete")
    pages = [as_editor.get(f"/workflows/{key}").text for _ in range(2)]
    undone = as_editor.post(f"/workflows/{key}/undo")
    again = as_editor.post(f"/workflows/{key}/undo")

    assert [f'action="/workflows/{key}/undo"' in page for page in pages] == [True, False]
    assert (undone.status_code, again.status_code) == (303, 422)
    assert drafts.get(app, key).document == before


def test_undo_does_not_drop_a_later_change(app, make, as_editor):
    key = make(tasks=[FILES, PEOPLE])
    as_editor.post(f"/workflows/{key}/tasks/people/delete")
    drafts.change(app, key, lambda document: document | {"triggers": [DAILY]})

    answer = as_editor.post(f"/workflows/{key}/undo")

    assert (answer.status_code, ids(app, key)) == (422, ["files"])
