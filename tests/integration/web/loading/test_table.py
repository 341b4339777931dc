"""The page of a load into a table, from what a browser sends to what the draft says."""

import re
from dataclasses import replace

import duckdb
import pytest

from bucketlift.errors import RequestWrong
from bucketlift.loaders.process_locks import exclusive
from bucketlift.model.account import Destination, DuckdbDestination
from bucketlift.model.user import Role
from bucketlift.service.destinations import destinations, own_destinations
from bucketlift.service.destinations.own_destinations import DestinationInput
from bucketlift.service.editor import drafts
from bucketlift.service.secrets.typed import TypedSecret

NEW = "/workflows/{key}/tasks/new/table?after=files"
EXTRACT = {
    "id": "files",
    "extract": {
        "kind": "s3",
        "account": "acme",
        "bucket": "drop",
        "columns": ["UniqueID", "First name", "City"],
        "after_import": "delete",
    },
}


@pytest.fixture
def workflow(page):
    """A draft whose extract has three fields; a destination is there."""
    file = page.app.home / "warehouse.duckdb"
    destinations.add(page.app, Destination(name="warehouse", settings=DuckdbDestination(path=str(file))))
    key = drafts.create(page.app, "schedule")
    drafts.change(page.app, key, lambda document: document | {"tasks": [EXTRACT]})
    return key


def number(page, key):
    return str(drafts.get(page.app, key).number)


def filled(page, workflow, **more):
    """What a browser sends of the form as a person has filled it in."""
    return {
        "number": number(page, workflow),
        "source": "files",
        "to": "warehouse",
        "table": "employees",
        "mode": "append",
        "lineage": "auto",
        "field-0": "UniqueID",
        "column-0": "employee_id",
        "field-1": "UniqueID",
        "column-1": "UniqueID",
        "field-2": "City",
        "column-2": "City",
    } | more


def test_a_new_load_begins_with_the_nearest_extract_the_only_destination_and_all_fields(
    page, as_editor, workflow
):
    answer = as_editor.get(NEW.format(key=workflow))

    assert answer.status_code == 200
    assert re.findall(r'<option(?: value="[^"]*")? selected>([^<]+)<', answer.text)[:2] == [
        "files",
        "warehouse (DuckDB)",
    ]
    assert re.findall(r'name="column-\d+" value="([^"]+)"', answer.text) == ["UniqueID", "First name", "City"]


def test_what_is_saved_is_what_a_workflow_file_would_say(page, as_editor, workflow):
    answer = as_editor.post(
        NEW.format(key=workflow), data=filled(page, workflow, mode="upsert", key="UniqueID")
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"/workflows/{workflow}")
    assert drafts.get(page.app, workflow).document["tasks"] == [
        EXTRACT,
        {
            "id": "employees",
            "load": {
                "from": "files",
                "to": "warehouse",
                "table": "employees",
                "mode": "upsert",
                "key": ["UniqueID"],
                "map": {"UniqueID": ["employee_id", "UniqueID"], "First name": []},
            },
        },
    ]


def test_what_was_saved_is_shown_again_and_changed_in_its_place(page, as_editor, workflow):
    as_editor.post(NEW.format(key=workflow), data=filled(page, workflow))

    shown = as_editor.get(f"/workflows/{workflow}/tasks/employees/table")
    as_editor.post(
        f"/workflows/{workflow}/tasks/employees/table", data=filled(page, workflow, table="people")
    )

    assert re.findall(r'name="column-\d+" value="([^"]+)"', shown.text) == ["employee_id", "UniqueID", "City"]
    tasks = drafts.get(page.app, workflow).document["tasks"]
    assert [(task["id"], task.get("load", {}).get("table")) for task in tasks] == [
        ("files", None),
        ("employees", "people"),
    ]


def test_a_second_load_of_one_extract_into_one_table_is_not_saved(page, as_editor, workflow):
    same = str(page.app.home / "x" / ".." / "warehouse.duckdb")
    destinations.add(page.app, Destination(name="copy", settings=DuckdbDestination(path=same)))
    as_editor.post(NEW.format(key=workflow), data=filled(page, workflow))
    other = f"/workflows/{workflow}/tasks/others/table"

    again = as_editor.post(
        NEW.format(key=workflow), data=filled(page, workflow, to="copy", table="EMPLOYEES")
    )
    as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, table="others"))
    changed = as_editor.post(other, data=filled(page, workflow, to="copy"))
    first = as_editor.post(
        f"/workflows/{workflow}/tasks/employees/table", data=filled(page, workflow, table="Others")
    )

    assert [each.status_code for each in (again, changed, first)] == [422] * 3
    both = "and “employees” both load the rows of “files” into the table “EMPLOYEES” of “copy”"
    assert both in again.text
    assert "(also “employees” of “warehouse”)" in again.text
    assert "load one of them into another table" in changed.text
    tasks = drafts.get(page.app, workflow).document["tasks"]
    assert [(each["id"], each.get("load", {}).get("table")) for each in tasks] == [
        ("files", None),
        ("others", "others"),
        ("employees", "employees"),
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"to": ""}, "destination"),
        ({"table": ""}, "table"),
        ({"mode": "upsert"}, "Upsert needs a key"),
        ({"column-1": "employee_id", "field-1": "City"}, "Two fields are mapped to one column"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_kept_in_the_form(page, as_editor, workflow, wrong, told):
    answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, **wrong))

    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="employee_id"' in answer.text
    assert drafts.get(page.app, workflow).document["tasks"] == [EXTRACT]


def test_a_form_that_somebody_overtook_is_shown_again_and_nothing_is_lost(page, as_editor, workflow):
    typed = filled(page, workflow)
    drafts.change(page.app, workflow, lambda document: document | {"triggers": []}, by="ann")

    answer = as_editor.post(NEW.format(key=workflow), data=typed)

    assert answer.status_code == 422
    assert "The workflow has been changed by someone else" in answer.text
    assert drafts.get(page.app, workflow).document["tasks"] == [EXTRACT]


@pytest.mark.parametrize(
    ("doing", "columns"),
    [
        ("add", ["employee_id", "UniqueID", "City", ""]),
        ("remove:1", ["employee_id", "City"]),
        ("remove:99", ["employee_id", "UniqueID", "City"]),
        ("all", ["UniqueID", "First name", "City"]),
    ],
)
def test_rows_of_the_mapping_are_added_deleted_and_made_by_name(page, as_editor, workflow, doing, columns):
    answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, do=doing))

    assert answer.status_code == 200
    assert re.findall(r'name="column-\d+" value="([^"]*)"', answer.text) == columns
    assert drafts.get(page.app, workflow).document["tasks"] == [EXTRACT]


def test_fields_find_the_like_named_columns_of_a_table_that_is_there(page, as_editor, workflow):
    with duckdb.connect(str(page.app.home / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE employees (unique_id VARCHAR, first_name VARCHAR, left_at DATE)")

    answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, do="all"))

    assert re.findall(r'name="column-\d+" value="([^"]*)"', answer.text) == ["unique_id", "first_name"]
    assert "Not loaded: City" in answer.text


def test_the_form_of_a_destination_that_does_not_answer_says_so_and_stays_usable(
    page, as_editor, workflow, monkeypatch
):
    monkeypatch.setattr(own_destinations, "LONGEST", 0.2)
    file = page.app.home / "warehouse.duckdb"
    duckdb.connect(str(file)).close()
    with exclusive(file):  # as during a load
        answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, do="add"))

    assert answer.status_code == 200
    assert "did not answer" in answer.text
    assert 'value="employee_id"' in answer.text


def test_a_destination_is_added_from_the_side_panel_and_tried(page, as_editor, workflow):
    answer = as_editor.post(
        "/destinations/added",
        data={"new-name": "second", "new-kind": "sqlite"},
        headers={"HX-Request": "true"},
    )

    assert answer.status_code == 200
    assert "Destination added" in answer.text
    assert page.app.ledger.catalog.destination("second").settings.path == str(
        page.app.home / "destinations" / "second.sqlite"
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"new-name": "../../etc/passwd", "new-kind": "duckdb"}, "The name is not valid"),
        ({"new-name": "warehouse", "new-kind": "duckdb"}, "There is already a destination with this name"),
        (
            {
                "new-name": "pg",
                "new-kind": "postgresql",
                "new-url": "postgresql://u:canary@169.254.169.254/db",
            },
            "The operator does not allow this database",
        ),
        (
            {"new-name": "pg", "new-kind": "postgresql", "new-url": "file:///etc/passwd"},
            "This is not the URL",
        ),
        (
            {"new-name": "pg", "new-kind": "postgresql", "new-url": "postgresql://[canary/db"},
            "This is not the URL",
        ),
    ],
)
def test_a_destination_that_cannot_be_is_not_made(page, as_editor, workflow, said, told):
    answer = as_editor.post("/destinations/added", data=said)

    assert answer.status_code == 422
    assert told in answer.text
    assert "canary" not in answer.text
    assert list(page.app.ledger.catalog.destinations()) == ["warehouse"]


@pytest.mark.parametrize("after", ["?host=elsewhere", "#?host=elsewhere", "?hostaddr=10.0.0.1"])
def test_a_database_of_the_operators_list_stands_for_no_other(page, after):
    app = replace(page.app, allowed=replace(page.app.allowed, databases=("warehouse.example:5432",)))
    url = TypedSecret("url", f"postgresql://warehouse.example/db{after}")
    wanted = DestinationInput(name="pg", kind="postgresql", settings={"url": url})

    with pytest.raises(RequestWrong, match="does not allow this database"):
        own_destinations.add(app, page.person(Role.EDITOR), wanted)
    assert "pg" not in app.ledger.catalog.destinations()


def test_rows_of_the_form_that_no_page_of_ours_has_are_passed_over(page, as_editor, workflow):
    answer = as_editor.post(
        f"/workflows/{workflow}/tasks/new/table?after=files",
        data={"field-01": "ID", "field-" + "9" * 5000: "ID", "do": "remove:" + "9" * 5000},
    )

    assert answer.status_code == 200
