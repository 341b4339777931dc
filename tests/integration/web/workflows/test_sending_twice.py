"""A form that makes something is sent again: by the back button, a double click, another tab or a repeated request."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from bucketlift.model.user import Role
from bucketlift.service.editor import drafts, extracts
from bucketlift.service.editor.tasks import TaskPosition

FILES_ONLY: list[dict[str, Any]] = [
    {
        "id": "files",
        "extract": {
            "kind": "s3",
            "account": "acme",
            "bucket": "drop",
            "columns": ["id", "name"],
            "after_import": "delete",
        },
    }
]
DAILY = {"schedule": {"every": "day", "at": ["02:00"], "timezone": "UTC"}}
TABLE = {"source": "files", "to": "warehouse", "table": "people", "field-0": "id", "column-0": "id"}
CONDITION = {
    "word.r": "all",
    "task.r.0": "files",
    "measure.r.0": "rows",
    "operator.r.0": ">",
    "number.r.0": "0",
}
TRANSFORM = {
    "source": "files",
    "name-0": "name",
    "origin-0": "field",
    "from-0": "name",
    "step-0.0": "trim",
}
TASKS = {
    "table": (TABLE, {"table": "staff"}),
    "condition": (CONDITION, {"number.r.0": "9"}),
    "transform": (TRANSFORM, {"name-0": "name", "step-0.0": "trim", "required-0": "on"}),
}
DAILY_PLAIN = {"how": "plain", "every": "day", "timezone": "UTC", "at": "02:00"}
TRIGGERS: dict[str, tuple[dict[str, Any], ...]] = {
    "schedule": (DAILY_PLAIN, DAILY_PLAIN | {"at": "03:00"}),
    "after": (
        {"workflow": "first", "when": "succeeded"},
        {"workflow": "first", "when": ["succeeded", "failed"]},
    ),
}


def number(app, key):
    return str(drafts.get(app, key).number)


def tasks(app, key):
    return {each["id"]: each for each in drafts.get(app, key).document["tasks"] if each["id"] != "files"}


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("with_old_number", [False, True], ids=["back", "double click"])
def test_a_form_of_a_new_task_that_is_sent_again_changes_the_task_that_it_made(
    app, make, as_editor, kind, with_old_number
):
    key = make(tasks=FILES_ONLY)
    form, change = TASKS[kind]
    address = f"/workflows/{key}/tasks/new/{kind}?after=files&form=abcdefgh"
    before = number(app, key)
    as_editor.post(address, data=form | {"number": before})
    (made,) = tasks(app, key)

    shown = as_editor.get(address)
    again = as_editor.post(
        address, data=form | change | {"number": before if with_old_number else number(app, key)}
    )

    assert (shown.status_code, again.status_code) == (200, 303)
    assert f"/tasks/{made}/{kind}" in shown.text
    assert list(tasks(app, key)) == [made]


def test_a_form_that_is_sent_again_does_not_overwrite_the_change_of_another_person(app, make, as_editor):
    key = make(tasks=FILES_ONLY)
    address = f"/workflows/{key}/tasks/new/table?after=files&form=abcdefgh"
    before = number(app, key)
    as_editor.post(address, data=TABLE | {"number": before})
    drafts.change(app, key, lambda document: document | {"triggers": [DAILY]}, by="grace")

    again = as_editor.post(address, data=TABLE | {"number": before, "table": "staff"})

    assert (again.status_code, tasks(app, key)["people"]["load"]["table"]) == (422, "people")


def test_a_form_whose_task_was_deleted_makes_it_again(app, make, as_editor):
    key = make(tasks=FILES_ONLY)
    address = f"/workflows/{key}/tasks/new/table?after=files&form=abcdefgh"
    as_editor.post(address, data=TABLE | {"number": number(app, key)})
    as_editor.post(f"/workflows/{key}/tasks/people/delete")

    as_editor.post(address, data=TABLE | {"number": number(app, key)})

    assert list(tasks(app, key)) == ["people"]


def test_two_forms_make_two_tasks_and_each_link_to_a_new_form_has_another_key(app, make, as_editor):
    key = make(tasks=FILES_ONLY)
    pages = [as_editor.get(f"/workflows/{key}/tasks/new?after=files").text for _ in range(2)]
    links = [unescape(re.findall(r'href="([^"]+/new/table[^"]+)"', each)[0]) for each in pages]

    for link, table in zip(links, ("one", "two"), strict=True):
        as_editor.post(link, data=TABLE | {"number": number(app, key), "table": table})

    assert (len(set(links)), len(tasks(app, key))) == (2, 2)


def test_an_extract_that_is_saved_again_changes_the_one_that_was_made(app, make, page, as_editor):
    key = make(tasks=[])
    extract = FILES_ONLY[0]["extract"]
    place = TaskPosition(workflow=key, task=None, form="abcdefgh")
    user = page.person(Role.ADMINISTRATOR)

    made = [extracts.save(app, place, {"extract": extract | {"bucket": each}}, user=user) for each in "ab"]

    assert made == ["files", "files"]
    assert [each["extract"]["bucket"] for each in drafts.get(app, key).document["tasks"]] == ["b"]


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_that_is_sent_again_replaces_the_one_that_was_added(app, make, published, as_editor, kind):
    published(title="First")
    key = make()
    before = number(app, key)

    answers = [
        as_editor.post(
            f"/workflows/{key}/triggers/new/{kind}", data=each | {"form": "abcdefgh", "number": before}
        )
        for each in TRIGGERS[kind]
    ]
    back = as_editor.get(f"/workflows/{key}/triggers/new?kind={kind}&form=abcdefgh")

    assert [each.status_code for each in answers] == [303, 303]
    (trigger,) = drafts.get(app, key).document["triggers"]
    assert trigger[kind].get("at", trigger[kind].get("when")) in (["03:00"], ["succeeded", "failed"])
    assert back.headers["location"] == f"/workflows/{key}/triggers/0"


def test_an_event_that_is_made_again_is_the_same_and_its_secret_is_not_shown_again(app, make, as_editor):
    key = make()

    first, again = (
        as_editor.post(f"/workflows/{key}/triggers/event", data={"proof": "token", "form": "abcdefgh"})
        for _ in range(2)
    )

    (trigger,) = drafts.get(app, key).document["triggers"]
    shown = [re.findall(r'id="secret"[^>]*>([^<]*)<', each.text) for each in (first, again)]
    assert (len(shown[0]), shown[1], again.status_code) == (1, [], 200)
    assert app.vault.names() == (trigger["event"]["token"]["secret"],)


def test_a_workflow_is_created_once_by_one_form(app, as_editor):
    answers = [
        as_editor.post("/workflows/-new", data={"kind": "event", "form": "abcdefgh"}) for _ in range(2)
    ]

    assert {each.headers["location"] for each in answers} == {"/workflows/new-workflow"}
    assert [each.key for each in app.ledger.drafts.all()] == ["new-workflow"]


@pytest.mark.parametrize("path", ["/", "/workflows"])
@pytest.mark.parametrize("is_first", [True, False], ids=["no workflow yet", "with a workflow"])
def test_each_link_to_the_form_of_a_new_workflow_carries_a_key(make, as_editor, path, is_first):
    if not is_first:
        make()

    links = re.findall(r'href="(/workflows/-new[^"]*)"', as_editor.get(path).text)

    assert links
    assert [each for each in links if not re.fullmatch(r"/workflows/-new\?form=[\w-]{8,}", each)] == []


SLACK = "https://hooks.slack.com/services/T0/B0/"


@pytest.mark.parametrize("with_old_number", [False, True], ids=["back", "double click"])
@pytest.mark.parametrize(
    "form",
    [
        {"kind": "email", "address": "a@x.example", "when": "failed"},
        {"kind": "slack", "address": f"{SLACK}one", "when": "failed"},
    ],
    ids=["email", "slack"],
)
def test_a_recipient_that_is_sent_again_is_added_once(app, make, as_editor, form, with_old_number):
    key = make()
    before = number(app, key)
    address, sent = f"/workflows/{key}/notices/add", form | {"form": "abcdefgh"}
    as_editor.post(address, data=sent | {"number": before})

    now = before if with_old_number else number(app, key)
    again = as_editor.post(address, data=sent | {"number": now})
    other = as_editor.post(address, data=form | {"form": "ijklmnop", "number": number(app, key)})

    entries = drafts.get(app, key).document["notify"]
    named = [each["slack"]["secret"] for each in entries if "slack" in each]
    assert (again.status_code, other.status_code, len(entries)) == (303, 303, 2)
    assert sorted(name for name in app.vault.names() if name.startswith("notice-")) == sorted(named)


def test_the_form_of_a_recipient_carries_a_key(make, as_editor):
    shown = as_editor.get(f"/workflows/{make()}/notices").text

    assert re.search(r'<input type="hidden" name="form" value="[\w-]{8,}">', shown)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("notices/add", {"kind": "slack", "address": f"{SLACK}one", "when": "failed"}),
        ("triggers/event", {"proof": "token"}),
    ],
)
def test_a_secret_that_cannot_be_stored_leaves_the_draft_unchanged(app, make, as_editor, path, form):
    key = make()
    app.vault.put("another", "value", now=app.now())
    before = drafts.get(app, key).document
    (app.home / "key").unlink()

    refused = as_editor.post(f"/workflows/{key}/{path}", data=form | {"form": "abcdefgh"})

    assert refused.status_code >= 400
    assert drafts.get(app, key).document == before
