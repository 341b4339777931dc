"""The pages of loads that are no tables, from what a browser sends to what the draft says."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bucketlift.model.account import (
    Account,
    AwsRole,
    Destination,
    DestinationSettings,
    DirectoryDestination,
    DuckdbDestination,
    HttpDestination,
    LocalFolder,
    QualtricsDestination,
    S3Prefix,
    VaultSecret,
)
from bucketlift.model.pgp import KeyKind, PgpKey
from bucketlift.service.editor import drafts
from bucketlift.service.editor.documents import compiled, document_of
from builders import NOON
from integration.web.loading.form_inputs import inputs_of

NEW = "/workflows/{key}/tasks/new/{path}?after=files"
SELECTION = {
    "kind": "s3",
    "account": "acme",
    "bucket": "drop",
    "prefix": "staff/",
    "columns": ["ID", "Start date", "City", "Pay"],
    "fields": {"Pay": {"type": "decimal", "scale": 2}},
    "after_import": "keep",
}
EXTRACT = {"id": "files", "extract": SELECTION}
MAP = {"ID": ["id", "badge"], "Pay": []}
NAMES = {"Start date": ["FirstName"], "City": ["LastName"], "Pay": ["Email"]}
RESPONSES = {"from": "files", "to": "people", "survey": "SV_1"}
RECORDS = {"from": "files", "to": "people", "project": "staff-2027"}
ROWS = {"from": "files", "to": "hook"}
OBJECTS = {"from": "files", "to": "out", "format": "csv"}
DIALECT = {
    "delimiter": "\t",
    "quote": "'",
    "quoting": "all",
    "header": False,
    "line_end": "crlf",
    "bom": True,
    "null_text": r"\N",
}
LOADS = [
    ("responses", RESPONSES),
    (
        "responses",
        RESPONSES
        | {"to": "platform", "time_zone": "America/Denver", "date_format": "%m/%d/%Y %H:%M", "map": MAP},
    ),
    ("records", RECORDS),
    (
        "records",
        RECORDS
        | {
            "key": "ID",
            "map": {"ID": ["id", "badge"]},
            "types": {"City": "open-text", "Pay": "number-set"},
        },
    ),
    ("records", RECORDS | {"to": "platform", "accept_at_least_once": True}),
    ("rows", ROWS),
    ("rows", ROWS | {"batch": 10000, "map": MAP, "accept_at_least_once": True}),
    ("objects", OBJECTS),
    (
        "objects",
        OBJECTS
        | {
            "name": "{task}/{load} ",
            "compression": "gzip",
            "dialect": DIALECT,
            "pgp": {"recipients": ["partner"]},
            "on_collision": "hold",
            "map": MAP,
        },
    ),
    (
        "contacts",
        {
            "from": "files",
            "to": "platform",
            "list": "All staff",
            "accept_at_least_once": True,
            "map": {"ID": ["ExternalReference"], "Start date": [], "City": []},
            "transactions": {"date": {"field": "Start date"}, "fields": ["City"]},
        },
    ),
    ("contacts", {"from": "files", "to": "people", "merge": []}),
    (
        "contacts",
        {
            "from": "files",
            "to": "people",
            "merge": [["ID"], ["City", "Pay"]],
            "list": "Staff {date}",
            "flag_invalid": ["Email"],
            "map": {"Start date": ["Email"]},
        },
    ),
    ("employees", {"from": "files", "to": "platform", "key": "ID", "directory": "ED_1", "map": NAMES}),
    ("employees", {"from": "files", "to": "people", "key": "ID", "map": NAMES | {"ID": ["Badge"]}}),
    ("objects", OBJECTS | {"dialect": {"delimiter": "\\t\\"}}),
    ("objects", OBJECTS | {"to": "local", "format": "parquet", "compression": "zstd"}),
]


@pytest.fixture
def workflow(page):
    """A draft with an extract of four fields, and a destination of each kind."""
    settings: dict[str, DestinationSettings] = {
        "people": DirectoryDestination(path=str(page.app.home / "people.sqlite")),
        "platform": QualtricsDestination(
            datacenter="iad1", token=VaultSecret(secret="QX"), directory="POOL_1"
        ),
        "hook": HttpDestination(url="https://example.com/rows"),
        "out": S3Prefix(account="acme", bucket="exports", prefix="hr/"),
        "local": LocalFolder(path="/srv/exports"),
        "warehouse": DuckdbDestination(path=str(page.app.home / "warehouse.duckdb")),
    }
    role = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")
    page.app.ledger.catalog.save(
        accounts=(Account(name="acme", settings=role),),
        destinations=tuple(Destination(name=name, settings=each) for name, each in settings.items()),
        now=NOON,
    )
    page.app.ledger.keys.put(
        PgpKey(
            name="partner",
            kind=KeyKind.SIGNER,
            fingerprint="F" * 40,
            user_id="Partner <p@example.com>",
            public="",
            made_at=NOON,
        )
    )
    return with_load(page, drafts.create(page.app, "schedule"))


def with_load(page, key, *tasks):
    drafts.change(page.app, key, lambda document: document | {"tasks": [EXTRACT, *tasks]})
    return key


def saved(page, workflow):
    (_, *others) = drafts.get(page.app, workflow).document["tasks"]
    return others


def sent(answer, **changed):
    return inputs_of(answer.text) | changed


def marked(answer):
    """The problem at each input that is marked as invalid."""
    found = re.findall(r'<div class="invalid-feedback d-block" id="([^"]+)-wrong">([^<]*)<', answer.text)
    return {name: unescape(text) for name, text in found}


@pytest.mark.parametrize(("path", "document"), LOADS)
def test_a_load_of_a_workflow_file_is_the_same_after_its_form_is_saved(
    page, as_editor, workflow, path, document
):
    task = {"id": "end", f"load_{path}": document}
    whole = document_of(compiled(page.app, workflow, {"title": "x", "tasks": [EXTRACT, task]}))
    with_load(page, workflow, *whole["tasks"][1:])
    address = f"/workflows/{workflow}/tasks/end/{path}"

    opened = as_editor.get(f"/workflows/{workflow}/tasks/end")
    answer = as_editor.post(address, data=sent(as_editor.get(address)))

    assert opened.headers["location"] == address
    assert (answer.status_code, saved(page, workflow)) == (303, [task])


@pytest.mark.parametrize(
    ("path", "chosen", "entered", "task"),
    [
        ("responses", "", {"to": "people", "survey": " SV_1 "}, {"id": "responses", "load_responses": RESPONSES | {"map": {"Start date": ["StartDate"]}}}),
        ("records", "", {"to": "people", "project": "staff-2027"}, {"id": "records", "load_records": RECORDS}),
        ("rows", "hook", {}, {"id": "rows", "load_rows": ROWS}),
        ("objects", "", {"to": "out"}, {"id": "objects", "load_objects": OBJECTS}),
    ],
)  # fmt: skip
def test_a_new_load_has_all_fields_and_is_saved_edited_and_deleted(
    page, as_editor, workflow, path, chosen, entered, task
):
    new = as_editor.get(NEW.format(key=workflow, path=path))
    as_editor.post(NEW.format(key=workflow, path=path), data=sent(new, **entered))
    first = saved(page, workflow)
    address = f"/workflows/{workflow}/tasks/{task['id']}/{path}"
    row = {"field-3": "Pay", "column-3": "salary"}
    as_editor.post(address, data=sent(as_editor.get(address), **row))
    ((_, load),) = (list(each.items()) for each in saved(page, workflow))
    as_editor.post(f"/workflows/{workflow}/tasks/{task['id']}/delete")

    assert (inputs_of(new.text)["to"], first) == ([chosen], [task])
    assert load[1]["map"]["Pay"] == ["salary"]
    assert saved(page, workflow) == []


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("responses", ["people", "platform"]),
        ("records", ["people", "platform"]),
        ("rows", ["hook"]),
        ("objects", ["local", "out"]),
    ],
)
def test_only_destinations_that_take_the_load_are_offered(page, as_editor, workflow, path, offered):
    answer = as_editor.get(NEW.format(key=workflow, path=path))

    choices = answer.text.partition('name="to"')[2].partition("</select>")[0]
    assert sorted(re.findall(r'value="([^"]+)"', choices)) == offered


@pytest.mark.parametrize(
    ("path", "wrong", "marks"),
    [
        ("responses", {"to": "people"}, {"survey": "“Survey” is missing"}),
        ("responses", {"to": "people", "survey": "SV_1", "time_zone": "Denver"}, {"time_zone": ""}),
        ("responses", {"to": "people", "survey": "SV_1", "date_format": "%H"}, {"date_format": ""}),
        ("records", {"to": "people", "project": ""}, {"project": ""}),
        ("records", {"to": "people", "key": "Gone"}, {"key": ""}),
        ("records", {"to": "people", "type-2": "number"}, {"mapping": ""}),
        ("records", {"to": "people", "column-2": "ID"}, {"mapping": ""}),
        ("rows", {"batch": "0"}, {"batch": ""}),
        ("rows", {"batch": "many"}, {"batch": ""}),
        ("rows", {"to": ""}, {"to": ""}),
        ("objects", {"to": "out", "name": "{day}"}, {"name": ""}),
        ("objects", {"to": "out", "name": "all"}, {"name": ""}),
        ("objects", {"to": "out", "name": ""}, {"name": ""}),
        ("objects", {"to": "out", "dialect-quote": ""}, {"dialect-quote": ""}),
        ("objects", {"to": "out", "dialect-delimiter": '"'}, {"dialect": ""}),
        ("objects", {"to": "out", "recipients": ["nobody"]}, {"recipients": ""}),
        ("objects", {"to": "out", "format": "xlsx"}, {"format": ""}),
    ],
)
def test_a_problem_stands_at_its_input_and_what_was_typed_is_kept(
    page, as_editor, workflow, path, wrong, marks
):
    form = sent(as_editor.get(NEW.format(key=workflow, path=path)), **wrong)

    answer = as_editor.post(NEW.format(key=workflow, path=path), data=form)

    kept = inputs_of(answer.text)
    assert answer.status_code == 422
    assert set(marked(answer)) == set(marks)
    assert {name: kept.get(name) for name in wrong} == {
        name: value if isinstance(value, list) else [value] for name, value in wrong.items()
    }
    assert saved(page, workflow) == []


def test_a_load_that_may_repeat_rows_is_saved_only_if_that_is_accepted(page, as_editor, workflow):
    deleting = EXTRACT | {"extract": SELECTION | {"after_import": "delete"}}
    drafts.change(page.app, workflow, lambda document: document | {"tasks": [deleting]})
    form = sent(as_editor.get(NEW.format(key=workflow, path="rows")))

    refused = as_editor.post(NEW.format(key=workflow, path="rows"), data=form)
    accepted = as_editor.post(
        NEW.format(key=workflow, path="rows"), data=sent(refused, accept_at_least_once="on")
    )

    assert marked(refused) == {
        "accept_at_least_once": "“rows” delivers rows at least once: after a lost answer, a row may be there twice, "
        "and “files” deletes the object that could show it"
    }
    assert (accepted.status_code, saved(page, workflow)) == (
        303,
        [{"id": "rows", "load_rows": ROWS | {"accept_at_least_once": True}}],
    )


@pytest.mark.parametrize(
    ("changed", "example"),
    [
        ({}, "s3://exports/hr/objects/2026-11-30/example.csv"),
        ({"name": "{file}-{task}", "compression": "gzip"}, "s3://exports/hr/example-objects.csv.gz"),
        ({"format": "jsonl", "recipients": ["partner"], "to": "local", "name": "a/{file}"}, "/srv/exports/a/example.jsonl.pgp"),
        ({"to": "", "name": "x/{file}"}, "x/example.csv"),
        ({"name": "{day}"}, ""),
    ],
)  # fmt: skip
def test_the_form_shows_the_name_that_a_file_would_get(page, as_editor, workflow, changed, example):
    new = NEW.format(key=workflow, path="objects")

    answer = as_editor.post(new, data=sent(as_editor.get(new)) | {"to": "out", "do": "look"} | changed)

    today = f"{page.app.now():%Y-%m-%d}"
    shown = answer.text.partition('id="example"')[2].partition("</div>")[0]
    found = re.findall(r"<strong[^>]*>([^<]*)<", shown)
    assert [name.replace(today, "2026-11-30") for name in found] == ([example] if example else [])
