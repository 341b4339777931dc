"""The page of a condition, from what a browser sends to what the draft says."""

import re

import pytest

from bucketlift.service.editor import drafts

EXTRACT = {
    "id": "files",
    "extract": {"kind": "s3", "account": "acme", "bucket": "drop", "columns": ["id"], "after_import": "keep"},
}


def load(task):
    return {"id": task, "load": {"from": "files", "to": "warehouse", "table": task}}


@pytest.fixture
def workflow(page):
    key = drafts.create(page.app, "schedule")
    tasks = [EXTRACT, load("people"), load("leavers")]
    drafts.change(page.app, key, lambda document: document | {"tasks": tasks})
    return key


def address(key, task="new", after="?after=files"):
    return f"/workflows/{key}/tasks/{task}/condition{after}"


def asked(path, measure="rows", operator=">", number="0"):
    return {
        f"task.{path}": "files",
        f"measure.{path}": measure,
        f"operator.{path}": operator,
        f"number.{path}": number,
    }


def filled(page, key, *parts, **more):
    said = {"number": str(drafts.get(page.app, key).number), "word.r": "all"}
    for part in parts:
        said |= part
    return said | {"answer.people": "then", "answer.leavers": "then"} | more


def tasks_of(page, key):
    return drafts.get(page.app, key).document["tasks"]


def test_a_new_condition_asks_for_rows_and_lets_every_later_task_wait_for_it(page, as_editor, workflow):
    shown = as_editor.get(address(workflow))

    as_editor.post(address(workflow), data=filled(page, workflow, asked("r.0")))

    assert re.findall(r'value="then" checked aria-label="([^"]+)"', shown.text) == [
        "people: if true",
        "leavers: if true",
    ]
    assert tasks_of(page, workflow)[1] == {
        "id": "condition",
        "condition": {"all": ["files.rows > 0"]},
    }


def test_groups_nest_and_answers_branch(page, as_editor, workflow):
    said = filled(
        page,
        workflow,
        asked("r.0", "files", ">=", "1"),
        {"word.r.1": "any"},
        asked("r.1.0", "rejected", "<=", "100"),
        asked("r.1.1", "held", "=", "0"),
        **{"answer.leavers": "else"},
    )

    answer = as_editor.post(address(workflow), data=said)

    assert answer.status_code == 303
    assert tasks_of(page, workflow)[1] == {
        "id": "condition",
        "condition": {
            "all": ["files.files >= 1", {"any": ["files.rejected <= 100", "files.held = 0"]}],
            "then": ["people"],
            "else": ["leavers"],
        },
    }


def test_a_saved_condition_is_shown_as_it_was_saved(page, as_editor, workflow):
    said = filled(page, workflow, asked("r.0"), {"word.r.1": "any"}, asked("r.1.0", "bytes", "<", "5"))
    as_editor.post(address(workflow), data=said | {"answer.leavers": ""})

    shown = as_editor.get(address(workflow, "condition", ""))

    assert re.findall(r'name="(?:word|number)\.[^"]+"', shown.text) == [
        'name="word.r"',
        'name="number.r.0"',
        'name="word.r.1"',
        'name="number.r.1.0"',
    ]
    assert re.findall(r'checked aria-label="([^"]+)"', shown.text) == [
        "people: if true",
        "leavers: always",
    ]


@pytest.mark.parametrize(
    ("doing", "left"),
    [
        ("test:r", ["word.r", "number.r.0", "word.r.1", "number.r.1.0", "number.r.2"]),
        ("test:r.1", ["word.r", "number.r.0", "word.r.1", "number.r.1.0", "number.r.1.1"]),
        ("group:r", ["word.r", "number.r.0", "word.r.1", "number.r.1.0", "word.r.2", "number.r.2.0"]),
        ("remove:r.0", ["word.r", "word.r.0", "number.r.0.0"]),
        ("remove:r.1", ["word.r", "number.r.0"]),
        ("remove:r.7", ["word.r", "number.r.0", "word.r.1", "number.r.1.0"]),
        ("nonsense", ["word.r", "number.r.0", "word.r.1", "number.r.1.0"]),
    ],
)
def test_tests_and_groups_are_added_and_deleted_in_the_form(page, as_editor, workflow, doing, left):
    said = filled(page, workflow, asked("r.0"), {"word.r.1": "any"}, asked("r.1.0"), do=doing)

    answer = as_editor.post(address(workflow), data=said)

    assert re.findall(r'name="((?:word|number)\.[^"]+)"', answer.text) == left
    assert [task["id"] for task in tasks_of(page, workflow)] == ["files", "people", "leavers"]


@pytest.mark.parametrize(
    "wrong",
    [
        asked("r.0", number="many"),
        asked("r.0", number="-1"),
        asked("r.0", measure="rainfall"),
        asked("r.0", operator="~"),
        asked("r.0") | {"task.r.0": "elsewhere"},
        {},
    ],
    ids=["words", "negative", "measure", "operator", "task", "nothing"],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_saved(page, as_editor, workflow, wrong):
    answer = as_editor.post(address(workflow), data=filled(page, workflow, wrong))

    assert answer.status_code == 422
    assert "This cannot be saved yet" in answer.text
    assert [task["id"] for task in tasks_of(page, workflow)] == ["files", "people", "leavers"]


def test_a_condition_that_was_deleted_meanwhile_is_not_saved(page, as_editor, workflow):
    before = tasks_of(page, workflow)

    answer = as_editor.post(
        address(workflow, "gone", after=""), data=filled(page, workflow, asked("r.0"), number="0")
    )

    assert (answer.status_code, tasks_of(page, workflow)) == (404, before)


def test_a_part_of_the_form_that_is_not_there_is_not_removed(as_editor, workflow):
    answer = as_editor.post(address(workflow), data=asked("r.0") | {"do": f"remove:r.{'9' * 5000}"})

    assert answer.status_code == 200
