"""Files become responses and records of a directory, and leave it again."""

from __future__ import annotations

import pytest

from e2e.world import extract, table_of

pytestmark = pytest.mark.slow
PEOPLE = {"people": {"kind": "directory", "path": "people.sqlite"}}


def test_responses_and_records_are_listed_exported_and_undone(world):
    responses = {
        "from": "files",
        "to": "people",
        "survey": "SV_1",
        "time_zone": "America/Denver",
        "map": {"id": ["QID1"], "name": ["StartDate"]},
    }
    records = {"from": "files", "to": "people", "project": "staff", "key": "id"}
    world.apply(
        extract("keep", max_rejected=1),
        {"id": "answers", "load_responses": responses},
        {"id": "records", "load_records": records},
        destinations=PEOPLE,
    )
    # The second row has a time that the zone skipped.
    world.put("in/a.csv", table_of(("1", "2027-07-04 09:30:00"), ("2", "2027-03-14 02:30:00")))
    file = world.run()["files"][0]["id"]

    def listed(kind, *more):
        return world.command("directory", kind, "list", "--to", "people", *more, "--json").json

    assert listed("responses") == {"surveys": [{"name": "SV_1", "responses": 1}]}
    assert listed("responses", "--survey", "SV_1") == {
        "responses": [{"ResponseID": "1", "QID1": "1", "StartDate": "2027-07-04T15:30:00Z"}],
        "next": None,
    }
    assert listed("records", "--project", "staff")["records"] == [
        {"RecordID": "2", "id": "1", "name": "2027-07-04 09:30:00"}
    ]
    exported = world.command("directory", "records", "export", "--to", "people", "--project", "staff")
    assert exported.out.splitlines() == ["RecordID,id,name", "2,1,2027-07-04 09:30:00"]
    (reject,) = world.command("rejects", "list", file, "--json").json["rejects"]
    assert (reject["line"], reject["reason"], reject["field"]) == (3, "no-such-time", "name")

    world.command("files", "unload", file, "--task", "answers", "--yes")
    assert listed("responses") == {"surveys": []}
    deleted = world.command(
        "directory", "records", "delete", "2", "--to", "people", "--project", "staff", "--yes", "--json"
    )
    assert deleted.json == {"deleted": 1}
    assert listed("records") == {"projects": []}
