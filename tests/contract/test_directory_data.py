"""Responses and records in a directory: as every load, and each survey and project by itself."""

from __future__ import annotations

from bucketlift.model.directory.data_targets import records_target, responses_target
from bucketlift.model.load import Column, LoadId
from contract.destinations import a_file, counts

ADA, GRACE = ("1", "Ada"), ("2", "Grace")
FIELDS = ("id", "name")


def columns(**named):
    return [Column(name=name, field=field) for name, field in named.items()]


def responses(survey="SV_1", **more):
    return responses_target(columns(QID1="id", QID2="name"), survey, **more)


def records(project="staff", key="id"):
    return records_target(columns(ID="id", Name="name"), project, key)


def rows(*found):
    return a_file(*found, fields=FIELDS)


def test_every_row_is_a_new_response_to_its_survey(directory):
    receipts = directory.load(responses(), {"load-1": rows(ADA, ADA)})
    directory.load(responses("SV_2"), {"load-2": rows(GRACE)})

    assert directory.people("responses/SV_1") == [{"QID1": "1", "QID2": "Ada"}] * 2
    assert counts(receipts) == [("load-1", 2, 0, 0)]
    assert [(each.name, each.rows) for each in directory.look.sets("responses/")] == [
        ("SV_1", 2),
        ("SV_2", 1),
    ]
    assert directory.loader.columns() == {
        "responses/SV_1": ("QID1", "QID2"),
        "responses/SV_2": ("QID1", "QID2"),
    }
    assert directory.look.counts() == {"contacts": 0, "employees": 0, "lists": 0, "transactions": 0}


def test_times_of_responses_are_stored_in_utc(directory):
    target = responses_target(
        columns(StartDate="id", QID1="name"), "SV_1", time_zone="America/Denver", date_format="%m/%d/%Y %H:%M"
    )

    directory.load(target, {"load-1": rows(("07/04/2027 09:30", "07/04/2027 09:30"), ("", "none"))})

    assert directory.people("responses/SV_1") == [
        {"StartDate": "2027-07-04T15:30:00Z", "QID1": "07/04/2027 09:30"},
        {"QID1": "none"},
    ]


def test_a_record_is_updated_by_exactly_its_key_within_its_project(directory):
    directory.load(records(), {"load-1": rows(ADA, ("a", "Lower"))})
    directory.load(records("other"), {"load-2": rows(ADA)})

    receipts = directory.load(records(), {"load-3": rows(("1", "Ada L."), ("A", "Upper"), ("a", "Lower"))})

    assert directory.people("records/staff") == [
        {"ID": "1", "Name": "Ada L."},
        {"ID": "a", "Name": "Lower"},
        {"ID": "A", "Name": "Upper"},
    ]
    assert directory.people("records/other") == [{"ID": "1", "Name": "Ada"}]
    assert counts(receipts) == [("load-3", 1, 1, 1)]


def test_without_a_key_every_row_is_a_new_record(directory):
    receipts = directory.load(records(key=None), {"load-1": rows(ADA, ADA)})

    assert counts(receipts) == [("load-1", 2, 0, 0)]


def test_undoing_loads_of_responses_and_records_restores_what_was_there(directory):
    directory.load(records(), {"load-1": rows(ADA)})
    directory.load(records(), {"load-2": rows(("1", "Wrong"), GRACE)})
    directory.load(responses(), {"load-3": rows(ADA)})

    undone = [
        directory.loader.unload(records(), LoadId("load-2")),
        directory.loader.unload(responses(), LoadId("load-3")),
    ]

    assert undone == [2, 1]
    assert directory.people("records/staff") == [{"ID": "1", "Name": "Ada"}]
    assert directory.look.sets("responses/") == ()


def test_deleting_a_record_leaves_the_others(directory):
    directory.load(records(), {"load-1": rows(ADA, GRACE)})

    assert directory.look.delete("records/staff", ["1", "77"]) == 1
    assert directory.people("records/staff") == [{"ID": "2", "Name": "Grace"}]
