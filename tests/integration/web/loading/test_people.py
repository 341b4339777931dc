"""The pages of loads of contacts and employees, from what a browser sends to what the draft says."""

from __future__ import annotations

import re

import pytest

from bucketlift.model.account import Destination, DirectoryDestination
from bucketlift.service.destinations import destinations
from bucketlift.service.editor import drafts
from contract.directories import in_sqlite, rows, some_contacts

CONTACTS = "/workflows/{key}/tasks/new/contacts?after=files"
EMPLOYEES = "/workflows/{key}/tasks/new/employees?after=files"
EXTRACT = {
    "id": "files",
    "extract": {
        "kind": "s3",
        "account": "acme",
        "bucket": "drop",
        "columns": ["UniqueID", "First name", "LastName", "E-mail", "City", "Hired"],
        "after_import": "delete",
    },
}
MAPPED = {
    "field-0": "UniqueID",
    "column-0": "ExternalReference",
    "field-1": "UniqueID",
    "column-1": "Badge",
    "field-2": "First name",
    "column-2": "FirstName",
    "field-3": "E-mail",
    "column-3": "Email",
    "field-4": "City",
    "column-4": "City",
}
RULES = {
    "has-rules": "yes",
    "rule-0": ["ExternalReference", ""],
    "rule-1": ["FirstName", "Email", ""],
}
WHOLE = {
    "has-rules": "yes",
    "list": "Staff {date}",
    "date": "Hired",
    "date-format": "%d.%m.%Y",
    "transaction": ["City"],
    "flag": ["Email"],
}
DOCUMENT = {
    "from": "files",
    "to": "people",
    "merge": [["ExternalReference"], ["FirstName", "Email"]],
    "list": "Staff {date}",
    "map": {
        "UniqueID": ["ExternalReference", "Badge"],
        "First name": ["FirstName"],
        "LastName": [],
        "E-mail": ["Email"],
        "Hired": [],
    },
    "transactions": {"date": {"field": "Hired", "format": "%d.%m.%Y"}, "fields": ["City"]},
    "flag_invalid": ["Email"],
}


@pytest.fixture
def directory(page):
    """The file of the directory."""
    file = page.app.home / "people.sqlite"
    settings = DirectoryDestination(path=str(file))
    destinations.add(page.app, Destination(name="people", settings=settings))
    return file


@pytest.fixture
def workflow(page, directory):
    key = drafts.create(page.app, "schedule")
    drafts.change(page.app, key, lambda document: document | {"tasks": [EXTRACT]})
    return key


def filled(page, workflow, *parts, **more):
    sent = {"number": str(drafts.get(page.app, workflow).number), "source": "files", "to": "people"}
    for part in parts:
        sent |= part
    return sent | more


def saved(page, workflow):
    (_, *others) = drafts.get(page.app, workflow).document["tasks"]
    return others


def columns_of(answer):
    return re.findall(r'name="column-\d+" value="([^"]*)"', answer.text)


def rules_of(answer):
    """The chosen fields of each merge rule."""
    found: dict[str, list[str]] = {}
    for name, options in re.findall(
        r'<select[^>]* name="(rule-\d)"[^>]*>(.*?)</select>', answer.text, re.DOTALL
    ):
        found.setdefault(name, []).extend(re.findall(r"<option selected>([^<]+)<", options))
    return list(found.values())


def test_a_new_load_maps_by_name_and_proposes_rules_for_fields_that_identify_a_person(
    page, as_editor, workflow
):
    answer = as_editor.get(CONTACTS.format(key=workflow))

    assert columns_of(answer) == ["UniqueID", "FirstName", "LastName", "Email", "City", "Hired"]
    assert rules_of(answer) == [["Email"]]
    assert "people (Directory of people)" in answer.text


def test_saved_contacts_are_as_in_a_workflow_file_and_are_shown_again(page, as_editor, workflow):
    sent = filled(page, workflow, MAPPED, RULES, WHOLE)

    answer = as_editor.post(CONTACTS.format(key=workflow), data=sent)
    shown = as_editor.get(f"/workflows/{workflow}/tasks/contacts/contacts")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/workflows/{workflow}")
    assert saved(page, workflow) == [{"id": "contacts", "load_contacts": DOCUMENT}]
    assert columns_of(shown) == ["ExternalReference", "Badge", "FirstName", "Email", "City"]
    assert rules_of(shown) == [["ExternalReference"], ["FirstName", "Email"]]
    assert 'value="Staff {date}"' in shown.text
    assert 'value="%d.%m.%Y"' in shown.text
    assert "Not loaded: LastName, Hired" in shown.text


@pytest.mark.parametrize(
    ("doing", "rules"),
    [
        ("rule", [["ExternalReference"], ["FirstName", "Email"], []]),
        ("unrule:0", [["FirstName", "Email"]]),
        ("ruleup:1", [["FirstName", "Email"], ["ExternalReference"]]),
        ("ruleup:0", [["ExternalReference"], ["FirstName", "Email"]]),
        ("unrule:9", [["ExternalReference"], ["FirstName", "Email"]]),
        ("unrule:x", [["ExternalReference"], ["FirstName", "Email"]]),
    ],
)
def test_rules_are_added_moved_and_deleted(page, as_editor, workflow, doing, rules):
    answer = as_editor.post(
        CONTACTS.format(key=workflow), data=filled(page, workflow, MAPPED, RULES, do=doing)
    )

    assert (answer.status_code, rules_of(answer)) == (200, rules)
    assert ("Add a rule" in answer.text) == (len(rules) < 3)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"to": ""}, "destination"),
        ({"rule-2": [""]}, "Merge rule 3 has no field"),
        ({"rule-1": ["Phone"]}, "A merge rule names “Phone”, and the load does not fill this field"),
        ({"rule-1": ["ExternalReference"]}, "Two merge rules are equal"),
        ({"column-4": "Email"}, "Several fields fill “Email”"),
        ({"column-4": "x" * 201}, "has 201 characters"),
        ({"transaction": []}, "A transaction has no field"),
        ({"list": "Staff {day}"}, "day"),
    ],
)
def test_what_cannot_be_loaded_is_shown_and_not_saved(page, as_editor, workflow, wrong, text):
    answer = as_editor.post(
        CONTACTS.format(key=workflow), data=filled(page, workflow, MAPPED, RULES, WHOLE, wrong)
    )

    assert (answer.status_code, text in answer.text) == (422, True)
    assert saved(page, workflow) == []


def test_the_page_says_what_other_rules_mean_for_known_contacts_before_it_saves(
    page, as_editor, workflow, directory
):
    known = rows(("1", "Ada", "a@example.com"), ("2", "Eva", "A@example.com"))
    in_sqlite(directory.parent).load(some_contacts(["ExternalReference"], list="Staff"), {"load": known})
    rules = {"has-rules": "yes", "rule-0": ["ExternalReference"], "rule-1": ["Email"]}

    answer = as_editor.post(
        CONTACTS.format(key=workflow), data=filled(page, workflow, MAPPED, rules, do="look", list="Stuff")
    )

    said = re.findall(r"<li>([^<]*)</li>", answer.text)
    assert said[-3:] == [
        (
            "The rule Email is new in this directory: it also finds the 2 contacts that earlier loads added. It changes no "
            "contact until a row is loaded"
        ),
        (
            "2 contacts have the same Email as another contact: a row that matches several by this rule is a reject "
            "(ambiguous), until all but one of them are deleted"
        ),
        "The directory has no mailing list “Stuff”: the next load creates it, with the contacts of its rows only",
    ]


def test_employees_are_saved_as_in_a_workflow_file_and_are_shown_again(page, as_editor, workflow):
    new = as_editor.get(EMPLOYEES.format(key=workflow))
    names = {"First name": "FirstName", "LastName": "LastName", "E-mail": "Email"}
    mapped = {"field-0": "UniqueID", "column-0": "Badge"}
    for at, (field, column) in enumerate(names.items(), 1):
        mapped |= {f"field-{at}": field, f"column-{at}": column}
    as_editor.post(EMPLOYEES.format(key=workflow), data=filled(page, workflow, mapped, key="UniqueID"))

    shown = as_editor.get(f"/workflows/{workflow}/tasks/employees/employees")

    assert columns_of(new) == ["FirstName", "LastName", "Email", "City", "Hired"]
    assert "<option selected>UniqueID</option>" in new.text
    document = {
        "from": "files",
        "to": "people",
        "key": "UniqueID",
        "map": {
            "First name": ["FirstName"],
            "E-mail": ["Email"],
            "City": [],
            "Hired": [],
            "UniqueID": ["Badge"],
        },
    }
    assert saved(page, workflow) == [{"id": "employees", "load_employees": document}]
    assert columns_of(shown) == ["Badge", "FirstName", "LastName", "Email"]


def test_an_employee_without_required_fields_or_key_is_not_saved(page, as_editor, workflow):
    sent = filled(page, workflow, {"field-0": "UniqueID", "column-0": "Badge"}, key="")

    answer = as_editor.post(EMPLOYEES.format(key=workflow), data=sent)

    assert answer.status_code == 422
    assert saved(page, workflow) == []


def test_another_key_gives_its_former_targets_up(page, as_editor, workflow):
    sent = filled(page, workflow, MAPPED, key="E-mail", do="key")

    answer = as_editor.post(EMPLOYEES.format(key=workflow), data=sent)

    assert columns_of(answer) == ["ExternalReference", "Badge", "FirstName", "City"]


def test_a_directory_is_added_from_the_side_panel(page, as_editor):
    answer = as_editor.post("/destinations/added", data={"new-name": "staff", "new-kind": "directory"})

    assert "Destination added" in answer.text
    file = page.app.home / "destinations" / "staff.sqlite"
    assert page.app.ledger.catalog.destination("staff").settings == DirectoryDestination(path=str(file))


def test_a_directory_on_a_server_that_the_operator_does_not_allow_is_refused(page, as_editor):
    answer = as_editor.post(
        "/destinations/added",
        data={"new-name": "staff", "new-kind": "directory", "new-url": "postgresql://u:canary@10.0.0.1/db"},
    )

    assert (answer.status_code, "canary" in answer.text) == (422, False)
    assert "The operator does not allow this database" in answer.text
