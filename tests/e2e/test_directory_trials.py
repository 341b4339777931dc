"""What a load of people means for those who are in the directory is said before it is loaded."""

from __future__ import annotations

import pytest

from bucketlift.model.user import Role
from e2e.test_directory import PEOPLE, contacts, employees, listed
from e2e.world import extract, table_of
from integration.web.watching.test_attention import text_of
from visitors import opened

pytestmark = pytest.mark.slow
BY_NAME = [["FirstName"]]


def task_of(document, name="contacts"):
    (found,) = [each for each in document["tasks"] if each["id"] == name]
    return found


@pytest.fixture
def known(world):
    """A directory with two contacts of one name and a third one, and a second file that waits."""
    world.apply(extract("keep"), contacts(merge=[]), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "ada"), ("3", "Eva")))
    world.run()
    world.put("in/b.csv", table_of(("4", "ADA"), ("5", "Tony"), ("3", "Eva"), ("6", "EVA"), ("6", "EVA")))
    return world


def test_a_dry_run_says_what_each_row_would_do_by_new_rules_and_writes_nothing(known):
    known.apply(extract("keep"), contacts(merge=BY_NAME, list="New"), destinations=PEOPLE)
    before = (known.root / "people.sqlite").read_bytes()

    looked = known.command("run", "w", "--dry-run", "--json").json
    shown = known.command("run", "w", "--dry-run").out

    assert task_of(looked)["trial"] == {
        "rows": 5,
        "complete": True,
        "counts": {"new": 1, "updated": 1, "unchanged": 2, "ambiguous": 1},
        "examples": [
            _row("ambiguous", 2, ["1", "2"], ["FirstName"]),
            _row("new", 3, ["4"], ["ExternalReference", "FirstName"]),
            _row("unchanged", 4, ["3"], []),
            _row("updated", 5, ["3"], ["ExternalReference", "FirstName"]),
            _row("unchanged", 6, ["3"], []),
        ],
    }
    assert "into people.contacts: 1 new, 1 updated, 2 unchanged, 1 ambiguous" in shown
    assert "line 2 of in/b.csv matches contacts 1 and 2 by FirstName, so it would be a reject" in shown
    assert "note: 2 contacts have the same FirstName as another contact" in shown
    assert (known.root / "people.sqlite").read_bytes() == before
    assert len(listed(known)) == 3


def _row(effect, line, people, fields):
    return {"effect": effect, "file": "in/b.csv", "line": line, "people": people, "fields": fields}


def test_the_page_shows_the_trial_of_a_dry_run(known):
    known.apply(extract("keep"), contacts(merge=BY_NAME), destinations=PEOPLE)

    with opened(known.home) as page:
        shown = text_of(page.browser(Role.OPERATOR).post("/workflows/w/dry-run"))

    assert "Contacts of people contacts New 1 row Updated 1 row Unchanged 2 rows Ambiguous 1 row" in shown
    assert "updated: line 5 of in/b.csv changes contact 3: ExternalReference, FirstName" in shown


def test_applying_other_rules_says_what_they_mean_for_known_contacts(known):
    file = known.file(extract("keep"), contacts(merge=BY_NAME), destinations=PEOPLE)

    planned = known.command("plan", str(file), "--json").json
    known.apply(extract("keep"), contacts(merge=BY_NAME), destinations=PEOPLE)
    again = known.command("plan", str(file), "--json").json

    assert [each.removeprefix("workflow `w`, task `contacts`: ") for each in planned["notes"]] == [
        (
            "The rule FirstName is new in this directory: it also finds the 3 contacts that earlier loads added. It "
            "changes no contact until a row is loaded"
        ),
        (
            "2 contacts have the same FirstName as another contact: a row that matches several by this rule is a "
            "reject (ambiguous), until all but one of them are deleted"
        ),
    ]
    assert again["notes"] == []


def test_a_trial_of_employees_compares_identifiers(world):
    header = "id,first,last,mail,office"
    (world.root / "sample.csv").write_text(f"{header}\n")
    world.apply(extract("keep"), employees(), destinations=PEOPLE)
    world.put("in/a.csv", f"{header}\n7,Ada,L,a@x.org,Denver\n".encode())
    first = task_of(world.look(), "staff")["trial"]["counts"]
    world.run()
    world.put("in/b.csv", f"{header}\n7,Ada,L,a@x.org,Oslo\n8,Eva,B,e@x.org,Oslo\n".encode())

    trial = task_of(world.command("run", "w", "--dry-run", "--json").json, "staff")["trial"]

    assert first == {"new": 1, "updated": 0, "unchanged": 0, "ambiguous": 0}
    assert trial["counts"] == {"new": 1, "updated": 1, "unchanged": 0, "ambiguous": 0}
    assert trial["examples"][0] == _row("updated", 2, ["7"], ["office"])


def test_a_dated_list_has_the_day_of_the_run_that_took_the_file_and_a_deleted_list_is_made_anew(world):
    world.apply(extract("keep"), contacts(list="Staff {date}"), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada")))
    day = world.run()["started_at"][:10]
    world.command("directory", "lists", "delete", f"Staff {day}", "--to", "people", "--yes")
    world.apply(extract("keep"), contacts(list=f"Staff {day}"), destinations=PEOPLE)
    world.put("in/b.csv", table_of(("2", "Eva")))
    noted = task_of(world.look())["notes"]

    world.run()

    assert noted == [
        f"The directory has no mailing list “Staff {day}”: the next load creates it, with the contacts of its rows only"
    ]
    lists = world.command("directory", "lists", "list", "--to", "people", "--json").json["lists"]
    assert [(each["name"], each["contacts"]) for each in lists] == [(f"Staff {day}", 1)]
