"""*Extract data from Amazon S3*, step by step as a browser without scripts does it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bucketlift.model.user import Role
from bucketlift.service.editor import drafts
from visitors import opened

SAMPLE = b"id,name,hired\r\n1,Ana,2026-01-31\r\n2,Bo,2026-02-28\r\n3,Cy,soon\r\n"
SETUP = {"bucket": "drop", "prefix": "in/", "file_type": "csv", "after_import": "delete"}
pytestmark = pytest.mark.slow
HTMX = {"HX-Request": "true"}


def file(content: bytes = SAMPLE, name: str = "people.csv"):
    return {"sample": (name, content, "text/csv")}


def words(answer) -> str:
    """What stands on a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def cells(answer) -> list[str]:
    return [
        unescape(found).strip()
        for found in re.findall(r'<td class="as-is cell"[^>]*>(.*?)</td>', answer.text)
    ]


@pytest.fixture
def at(scene):
    """The wizard of a new first task, with an account chosen."""
    account, workflow = scene.connected(), scene.workflow()
    browser = scene.page.browser(Role.EDITOR)
    address = f"/workflows/{workflow}/tasks/new/extract"
    browser.post(f"{address}/account?after=", data={"account": account})
    return scene, browser, workflow, address


def test_the_three_steps_end_in_the_drafts_document(scene):
    account, workflow = scene.connected(), scene.workflow()
    browser = scene.page.browser(Role.EDITOR)
    at = f"/workflows/{workflow}/tasks/new/extract"

    steps = [
        browser.post(f"{at}/account?after=&form=abcdefgh", data={"account": account}),
        browser.post(f"{at}/setup?after=&form=abcdefgh", data=SETUP, files=file()),
        browser.post(
            f"{at}/fields?after=&form=abcdefgh",
            data={"type-2": "date", "wrong": "limit", "limit": "2", "unit": "%"},
        ),
    ]

    assert [(each.status_code, each.headers["location"]) for each in steps] == [
        (303, f"{at}/setup?after=&form=abcdefgh"),
        (303, f"{at}/fields?after=&form=abcdefgh"),
        (303, f"/workflows/{workflow}"),
    ]
    assert scene.tasks(workflow) == [
        {
            "id": "files",
            "extract": {
                "kind": "s3",
                "file_type": "csv",
                "account": account,
                "bucket": "drop",
                "prefix": "in/",
                "after_import": {"action": "delete"},
                "columns": ["id", "name", "hired"],
                "fields": {"hired": {"type": "date"}},
                "max_rejected": "2%",
            },
        }
    ]


def test_verify_fields_shows_the_headers_and_the_first_two_rows(at):
    _, browser, _, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    shown = browser.get(f"{address}/fields?after=")

    assert re.findall(r'<th scope="row" class="as-is">(.*?)</th>', shown.text) == ["id", "name", "hired"]
    assert cells(shown) == ["1", "2", "Ana", "Bo", "2026-01-31", "2026-02-28"]


def test_a_type_that_does_not_fit_the_sample_is_told_at_once(at):
    _, browser, _, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    told = browser.post(f"{address}/fields/keep?after=", data={"type-2": "date"}, headers=HTMX)

    assert "Line 4 of the sample would be rejected: not a date" in words(told)


def test_a_field_that_is_not_said_in_full_is_told_beside_it(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    refused = browser.post(f"{address}/fields?after=", data={"type-0": "decimal"})

    assert (refused.status_code, scene.tasks(workflow)) == (422, [])
    assert "“Decimal places” is missing" in words(refused)


def test_what_was_filled_in_survives_a_restart_of_the_server(at, tmp_path):
    scene, browser, workflow, address = at
    typed = SETUP | {"prefix": "employees/", "after_import": "move", "archive": "archive", "delay": "7d"}
    browser.post(f"{address}/setup/keep?after=", data=typed, headers=HTMX)

    with opened(tmp_path / "home") as again:
        known = drafts.scratch(again.app, workflow, "extract after ")
        shown = again.browser(Role.EDITOR).get(f"{address}?after=", follow_redirects=True)

    assert known is not None
    assert known["extract"]["after_import"] == {
        "action": "move",
        "bucket": "archive",
        "prefix": "",
        "delay": "7d",
    }
    assert 'value="employees/"' in shown.text
    assert scene.tasks(workflow) == []


def test_the_rows_of_a_sample_are_gone_once_the_task_is_saved(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    browser.post(f"{address}/fields?after=", data={})

    assert drafts.scratch(scene.page.app, workflow, "extract after ") is None
    assert "Ana" not in str(scene.page.app.ledger.drafts.get(workflow))


def test_a_task_that_is_there_is_changed_and_keeps_what_the_form_does_not_show(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())
    browser.post(f"{address}/fields?after=", data={"type-2": "date"})
    drafts.change(scene.page.app, workflow, lambda form: _with(form, start="now", compression="gzip"))
    there = f"/workflows/{workflow}/tasks/files/extract"

    browser.post(f"{there}/setup", data=SETUP | {"prefix": "other/"})
    browser.post(f"{there}/fields", data={"type-0": "integer", "aliases-0": "ID, Number"})

    (task,) = scene.tasks(workflow)
    kept = ("prefix", "start", "compression", "columns", "fields")
    assert {name: task["extract"][name] for name in kept} == {
        "prefix": "other/",
        "start": "now",
        "compression": "gzip",
        "columns": ["id", "name", "hired"],
        "fields": {"id": {"type": "integer", "aliases": ["ID", "Number"]}},
    }


def _with(form, **more):
    form["tasks"][0]["extract"] |= more
    return form


def test_a_second_task_comes_after_the_one_that_was_named(at):
    scene, browser, workflow, address = at
    account = scene.connected("Other", role="other")
    for after, prefix in (("", "a/"), ("files", "b/")):
        browser.post(f"{address}/account?after={after}", data={"account": account})
        browser.post(f"{address}/setup?after={after}", data=SETUP | {"prefix": prefix}, files=file())
        browser.post(f"{address}/fields?after={after}", data={})

    assert [(each["id"], each["extract"]["prefix"]) for each in scene.tasks(workflow)] == [
        ("files", "a/"),
        ("files-2", "b/"),
    ]


def test_advanced_choices_stand_in_the_document_where_they_differ_from_what_is_usual(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file(b"id;name\n1;Ana\n"))

    again = browser.get(f"{address}/fields?after=")
    browser.post(
        f"{address}/fields?after=",
        data={
            "delimiter": ";",
            "case-extra": "ignore",
            "case-missing": "hold",
            "all_null": "NULL, n/a",
            "encoding": "utf-8",
            "repeats": "skip",
            "order": "modified",
            "empty": "skip",
            "max_mb": "1000",
            "wrong": "limit",
            "limit": "3",
            "unit": "rows",
        },
    )

    assert cells(again) == ["1", "Ana"]
    (task,) = scene.tasks(workflow)
    assert {name: task["extract"][name] for name in task["extract"] if name not in SETUP} == {
        "kind": "s3",
        "account": "hr-drop",
        "columns": ["id", "name"],
        "dialect": {"delimiter": ";", "null": ["NULL", "n/a"]},
        "contract": {"extra": "ignore"},
        "repeats": "skip",
        "order": "modified",
        "empty": "skip",
        "max_bytes": 1_000_000_000,
        "max_rejected": 3,
    }


def test_fields_that_a_new_dialect_renames_are_shown_before_they_are_saved(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file(b"id,name\n1,Ana\n"))

    refused = browser.post(f"{address}/fields?after=", data={"delimiter": "n"})

    assert (refused.status_code, scene.tasks(workflow)) == (422, [])
    assert "The fields have changed" in words(refused)


def test_another_delimiter_changes_the_preview_and_the_fields_and_no_other_input(at):
    _, browser, _, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file(b"id;name\n1;Ana\n2;Bo\n"))
    browser.post(f"{address}/fields/keep?after=", data={"delimiter": ","}, headers=HTMX)

    told = browser.post(f"{address}/fields/keep?after=", data={"delimiter": ";"}, headers=HTMX)

    preview, _, rows = told.text.partition('<div id="field-rows"')
    assert re.findall(r'<td class="as-is">(.*?)</td>', preview) == ["1", "Ana", "2", "Bo"]
    assert 'name="type-1"' in rows
    assert 'name="delimiter"' not in told.text


def test_another_type_changes_the_inputs_of_its_field_alone(at):
    _, browser, _, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    told = browser.post(f"{address}/fields/keep?after=", data={"type-2": "date"}, headers=HTMX)

    assert re.findall(r'id="(settings-\d|field-rows)"', told.text) == ["settings-2"]
    assert 'name="format-2"' in told.text
    assert 'name="type-2"' not in told.text


def test_settings_that_the_form_has_no_input_for_stay(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())
    browser.post(f"{address}/fields?after=", data={})
    dialect = {"trim": True, "null": {"words": ["a, b"], "quoted": False}}
    drafts.change(
        scene.page.app, workflow, lambda form: _with(form, dialect=dialect, archive={"entries": "*.csv"})
    )

    browser.post(f"/workflows/{workflow}/tasks/files/extract/fields", data={"encoding": "cp1252"})

    (task,) = scene.tasks(workflow)
    assert task["extract"]["dialect"] == {**dialect, "encoding": "cp1252"}
    assert task["extract"]["archive"] == {"entries": "*.csv"}


def test_cancelling_leaves_nothing(at):
    scene, browser, workflow, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    browser.post(f"{address}/cancel?after=")

    assert scene.tasks(workflow) == []
    assert drafts.scratch(scene.page.app, workflow, "extract after ") is None


def test_an_account_of_somebody_else_cannot_be_used_by_its_name(scene):
    mine = scene.connected("Private", by=Role.ADMINISTRATOR)
    workflow = scene.workflow()
    browser = scene.page.browser(Role.EDITOR)

    refused = browser.post(f"/workflows/{workflow}/tasks/new/extract/account?after=", data={"account": mine})

    assert refused.status_code == 404
    assert mine not in browser.get(f"/workflows/{workflow}/tasks/new/extract/account?after=").text


def test_a_form_that_rested_while_the_task_was_changed_undoes_nothing(at):
    scene, browser, workflow, address = at
    app, task = scene.page.app, f"/workflows/{workflow}/tasks/files/extract"
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())
    browser.post(f"{address}/fields?after=")
    browser.post(f"{task}/setup", data=SETUP | {"prefix": "mine/"})
    renamed = ["id", "fullname", "hired"]

    def adopted(document):
        document["tasks"][0]["extract"]["columns"] = renamed
        return document

    drafts.change(app, workflow, adopted)
    refused = browser.post(f"{task}/fields")

    assert (refused.status_code, "changed since you started" in words(refused)) == (422, True)
    assert [each["extract"]["columns"] for each in scene.tasks(workflow)] == [renamed]


@pytest.mark.parametrize("part", ["account", "setup", "fields"])
def test_enter_in_an_input_never_presses_cancel(at, part):
    _, browser, _, address = at
    browser.post(f"{address}/setup?after=", data=SETUP, files=file())

    shown = browser.get(f"{address}/{part}?after=")

    first = re.findall(r'<button[^>]*type="submit"[^>]*>', shown.text.partition("<main")[2])[0]
    assert "formaction" not in first
    assert "accept" not in first
