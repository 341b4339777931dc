"""Files become contacts and employees of a directory, and an undone load leaves no trace of itself."""

from __future__ import annotations

import pytest

from e2e.test_flows import drop_table, make_other_table
from e2e.world import brief, extract, load, table_of

pytestmark = pytest.mark.slow
PEOPLE = {
    "warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"},
    "people": {"kind": "directory", "path": "people.sqlite"},
}


def contacts(merge=(("ExternalReference",),), **more):
    told = {"from": "files", "to": "people", "map": {"id": ["ExternalReference"], "name": ["FirstName"]}}
    return {"id": "contacts", "load_contacts": {**told, "merge": [list(rule) for rule in merge], **more}}


def listed(world, kind="contacts"):
    found = world.command("directory", kind, "list", "--to", "people", "--json").json[kind]
    return [{name: value for name, value in each.items() if name != "ContactID"} for each in found]


def test_a_file_becomes_contacts_and_unloading_it_leaves_the_directory_as_before(world):
    world.apply(extract("keep"), contacts(), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "Grace")))
    world.run()
    before = listed(world)
    world.put("in/b.csv", table_of(("2", "Hopper"), ("3", "Edsger")))
    second = world.run()
    after = listed(world)

    world.command("files", "unload", second["files"][0]["id"], "--yes")

    assert before == [
        {"ExternalReference": "1", "FirstName": "Ada"},
        {"ExternalReference": "2", "FirstName": "Grace"},
    ]
    assert after == [
        {"ExternalReference": "1", "FirstName": "Ada"},
        {"ExternalReference": "2", "FirstName": "Hopper"},
        {"ExternalReference": "3", "FirstName": "Edsger"},
    ]
    assert listed(world) == before


def rejects(world, document):
    (file,) = document["files"]
    return [
        (each["line"], each["reason"], each["field"])
        for each in world.command("rejects", "list", file["id"], "--json").json["rejects"]
    ]


def test_rows_that_match_two_contacts_become_rejects_with_their_bytes(world):
    world.apply(extract("keep", max_rejected=1), contacts(merge=[]), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "ada")))
    world.run()
    world.apply(
        extract("delete", max_rejected=1), contacts(merge=[["FirstName"]]), load("table"), destinations=PEOPLE
    )
    world.put("in/b.csv", table_of(("3", "Grace"), ("4", "ADA"), ("5", "Tony")))

    ended = world.run()

    assert brief(ended) == [("in/b.csv", "done", 2, None)]
    assert rejects(world, ended) == [(3, "ambiguous", "name")]
    exported = world.command("rejects", "export", ended["files"][0]["id"], "--to", "rejects.csv")
    assert exported.code == 0, exported.err
    assert "4,ADA" in (world.root / "rejects.csv").read_text()
    assert [each["FirstName"] for each in listed(world)] == ["Ada", "ada", "Grace", "Tony"]
    assert world.rows("table") == [("3", "Grace"), ("5", "Tony")]


def test_a_file_with_too_many_ambiguous_rows_is_held_and_loads_nothing_until_a_person_accepts_it(world):
    world.apply(extract("keep"), contacts(merge=[]), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "ada")))
    world.run()
    world.apply(extract("delete"), contacts(merge=[["FirstName"]]), load("table"), destinations=PEOPLE)
    world.put("in/b.csv", table_of(("3", "Grace"), ("4", "ADA")))
    held = world.run()
    between = (len(listed(world)), world.rows("table"))
    world.decide("accept", "in/b.csv")

    accepted = world.run()

    assert (held["exit"], brief(held)) == (3, [("in/b.csv", "held", 1, "too-many-rejects")])
    assert rejects(world, held) == [(3, "ambiguous", "name")]
    assert between == (2, [])
    assert brief(accepted) == [("in/b.csv", "done", 1, None)]
    assert [each["FirstName"] for each in listed(world)] == ["Ada", "ada", "Grace"]


def test_rows_that_a_directory_can_never_take_are_rejects_with_a_reason(world):
    merge = [["ExternalReference"]]
    world.apply(extract("keep", max_rejected=9), contacts(merge=merge), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), (" ", "Eva"), ("3", "x" * 1_025), ("4", "y" * 1_024)))

    ended = world.run()

    assert rejects(world, ended) == [(3, "no-merge-field", "id"), (4, "value-too-long", "name")]
    assert [each["ExternalReference"] for each in listed(world)] == ["1", "4"]


STAFF = "id,first,last,mail,office"


def employees(**more):
    told = {"from": "files", "to": "people", "key": "id"}
    named = {"first": ["FirstName"], "last": ["LastName"], "mail": ["Email"]}
    return {"id": "staff", "load_employees": {**told, "map": named, **more}}


def test_employees_need_their_fields_and_keep_other_columns_as_metadata(world):
    (world.root / "sample.csv").write_text(f"{STAFF}\n")
    world.apply(extract("keep", max_rejected=9), employees(), destinations=PEOPLE)
    world.put(
        "in/a.csv",
        f"{STAFF}\n7,Ada,L,a@x.org,Denver\n8,Eva,,e@x.org,\n9,T,H,t@x.org,\n9,T,H,t@x.org,\n".encode(),
    )

    ended = world.run()

    assert listed(world, "employees") == [
        {"UniqueIdentifier": "7", "FirstName": "Ada", "LastName": "L", "Email": "a@x.org", "office": "Denver"}
    ]
    assert rejects(world, ended) == [
        (3, "required-empty", "last"),
        (4, "key-twice", "id"),
        (5, "key-twice", "id"),
    ]


def test_transactions_have_their_date_and_leave_with_the_undo_of_their_load(world):
    (world.root / "sample.csv").write_text("id,name,hired,team\n")
    dated = {"date": {"field": "hired", "format": "%d.%m.%Y"}, "fields": ["team"]}
    world.apply(extract("keep", max_rejected=1), contacts(transactions=dated), destinations=PEOPLE)
    world.put("in/a.csv", b"id,name,hired,team\n1,Ada,01.02.2026,Ops\n2,Eva,2026,Ops\n1,Ada,03.02.2026,\n")
    ended = world.run()
    found = world.command("directory", "transactions", "list", "--to", "people", "--json").json

    world.command("files", "unload", ended["files"][0]["id"], "--task", "contacts", "--yes")

    assert [(each["ContactID"], each["date"], each["fields"]) for each in found["transactions"]] == [
        ("1", "2026-02-01", {"team": "Ops"}),
        ("1", "2026-02-03", {}),
    ]
    assert rejects(world, ended) == [(3, "not-a-date", "hired")]
    left = world.command("directory", "transactions", "list", "--to", "people", "--json").json
    assert left == {"transactions": [], "next": None}
    assert (listed(world), [state for _, _, state, _ in world.states()]) == ([], ["done"])
    assert world.run()["files"] == []


def test_an_invalid_address_is_kept_and_flagged_if_the_task_says_so(world):
    named = {"id": ["ExternalReference"], "name": ["Email"]}
    flagged = contacts(map=named, flag_invalid=["Email"])
    world.apply(extract("keep"), flagged, destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "ada@example"), ("2", "eva@example.com"), ("3", "")))

    world.run()

    assert listed(world) == [
        {"ExternalReference": "1", "Email": "ada@example", "EmailInvalid": "true"},
        {"ExternalReference": "2", "Email": "eva@example.com"},
        {"ExternalReference": "3"},
    ]


def test_a_contact_shows_the_file_and_line_of_each_value_and_can_be_deleted(world):
    world.apply(extract("keep"), contacts(list="All"), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "Grace")))
    world.run()
    shown = world.command("directory", "contacts", "show", "2", "--to", "people", "--json").json
    exported = world.command("directory", "contacts", "export", "--to", "people").out

    deleted = world.command("directory", "contacts", "delete", "2", "--to", "people", "--yes", "--json").json

    assert shown["contact"] == {"ExternalReference": "2", "FirstName": "Grace", "ContactID": "2"}
    assert shown["lists"] == ["All"]
    assert {name: (each["key"], each["line"]) for name, each in shown["sources"].items()} == {
        "ExternalReference": ("in/a.csv", 3),
        "FirstName": ("in/a.csv", 3),
    }
    assert exported.splitlines() == ["ContactID,FirstName,ExternalReference", "1,Ada,1", "2,Grace,2"]
    assert deleted == {"deleted": 1}
    assert [each["FirstName"] for each in listed(world)] == ["Ada"]
    again = world.command("directory", "contacts", "show", "2", "--to", "people", "--json")
    assert (again.code, again.json["error"]["what"]) == (2, "There is no contact with this ContactID")
    world.command("directory", "lists", "delete", "All", "--to", "people", "--yes")
    assert world.command("directory", "lists", "list", "--to", "people", "--json").json == {"lists": []}


def test_rows_that_contacts_refused_stay_rejects_when_another_load_needs_a_second_run(world):
    world.apply(extract("keep"), contacts(merge=[]), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "ada")))
    world.run()
    make_other_table(world, "table")
    world.apply(
        extract("delete", max_rejected=1), load("table"), contacts(merge=[["FirstName"]]), destinations=PEOPLE
    )
    world.put("in/b.csv", table_of(("3", "Grace"), ("4", "ADA")))
    first = world.run()
    world.command("directory", "contacts", "delete", "2", "--to", "people", "--yes")
    drop_table(world, "table")

    second = world.run()

    assert (first["exit"], brief(first)[0][1]) == (1, "retrying")
    assert brief(second) == [("in/b.csv", "done", 1, None)]
    assert rejects(world, second) == [(3, "ambiguous", "name")]
    assert world.rows("table") == [("3", "Grace")]


def test_a_mended_row_is_loaded_into_the_directory_and_into_tables(world):
    world.apply(extract("keep"), contacts(merge=[]), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "ada")))
    world.run()
    world.apply(
        extract("keep", max_rejected=1), load("table"), contacts(merge=[["FirstName"]]), destinations=PEOPLE
    )
    world.put("in/b.csv", table_of(("3", "Grace"), ("4", "ADA")))
    (file,) = world.run()["files"]
    world.command("rejects", "export", file["id"], "--to", "rejects.csv")
    mended = (world.root / "rejects.csv").read_text()
    refused = world.command("rejects", "replay", file["id"], "rejects.csv", "--json")
    (world.root / "rejects.csv").write_text(mended.replace("4,ADA", "4,Adele"))

    replayed = world.command("rejects", "replay", file["id"], "rejects.csv", "--json")

    assert (refused.code, replayed.code) == (1, 0), refused.out
    assert [each["FirstName"] for each in listed(world)] == ["Ada", "ada", "Grace", "Adele"]
    assert world.rows("table") == [("3", "Grace"), ("4", "Adele")]


def test_contacts_are_judged_by_the_rows_of_their_transform(world):
    clean = {"from": "files", "fields": {"name": {"from": "name", "steps": ["trim"]}}}
    tasks = ({"id": "clean", "transform": clean}, contacts(merge=[["FirstName"]], **{"from": "clean"}))
    world.apply(extract("keep", max_rejected=1), *tasks, destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", " Ada "), ("2", "  "), ("3", "ada")))

    ended = world.run()

    assert listed(world) == [{"ExternalReference": "3", "FirstName": "ada"}]
    assert rejects(world, ended) == [(3, "no-merge-field", "name")]
