"""Files that are framed or encoded otherwise, from the bucket to the table; and contracts that move on."""

from __future__ import annotations

import duckdb
import pytest

from e2e.world import counts, extract, load, table_of

pytestmark = pytest.mark.slow


def rejects_of(world) -> list[tuple[int, int, bytes, str]]:
    with world.app() as app:
        return [
            (each.line, each.offset, each.raw, str(each.reason))
            for claim in app.ledger.claims.find()
            for each in app.ledger.claims.rejects(claim.id)
        ]


def test_a_windows_file_is_loaded_as_its_letters_and_its_reject_keeps_its_bytes(world):
    (world.root / "sample.csv").write_bytes("id;name\r\n".encode("cp1252"))
    dialect = {"delimiter": ";", "encoding": "windows-1252"}
    world.apply(extract("delete", dialect=dialect, max_rejected=1), load())
    body = "id;name\r\n1;Jos\u00e9\r\n2;Zo\u00eb;\u20ac\r\n3;\u0160\r\n".encode("cp1252")
    world.put("in/a.csv", body)

    ran = world.run()

    assert (ran["exit"], counts(ran)) == (0, {"found": 1, "loaded": 1})
    assert world.rows() == [("1", "Jos\u00e9"), ("3", "\u0160")]
    raw = "2;Zo\u00eb;\u20ac\r\n".encode("cp1252")
    assert rejects_of(world) == [(3, body.index(raw), raw, "wrong-width")]


def test_a_unicode_export_is_held_and_loaded_once_its_encoding_is_set(world):
    task = extract("delete", file_type="tsv", columns=["id", "name"], max_rejected=1)
    del task["extract"]["sample"]
    body = "id\tname\r\n1\tAnn \u540d\r\n2\r\n".encode("utf-16-le")
    world.put("in/a.tsv", b"\xff\xfe" + body)
    world.apply(task, load())

    first = world.run()
    task["extract"]["dialect"] = {"encoding": "utf-16"}
    world.apply(task, load())
    second = world.run()

    assert [(each["reason"], each["hint"]) for each in first["files"]] == [
        (
            "not-utf-8",
            "A spreadsheet's 'Unicode text' export writes this encoding. Set the task's `encoding: utf-16`, or export as 'CSV UTF-8'.",
        )
    ]
    assert (first["exit"], second["exit"], counts(second)) == (3, 0, {"found": 1, "loaded": 1})
    assert world.rows() == [("1", "Ann \u540d")]
    raw = "2\r\n".encode("utf-16-le")
    assert rejects_of(world) == [(3, 2 + len(body) - len(raw), raw, "wrong-width")]


def test_a_windows_file_that_looks_like_utf_8_is_loaded_once_a_person_or_the_task_says_so(world):
    strange = "id,name\n1,\u00c3\u00a4\n".encode("cp1252")
    task = extract("delete", dialect={"encoding": "cp1252"})
    world.apply(task, load())
    world.put("in/a.csv", strange)
    held = world.run()
    world.decide("accept", "in/a.csv")
    accepted = world.run()

    task["extract"]["contract"] = {"encoding": "accept"}
    world.apply(task, load())
    world.put("in/b.csv", strange)
    trusted = world.run()

    assert [(each["state"], each["reason"]) for each in held["files"]] == [("held", "doubtful-encoding")]
    assert [ran["exit"] for ran in (held, accepted, trusted)] == [3, 0, 0]
    assert world.rows() == [("1", "\u00c3\u00a4")] * 2


def test_a_headers_new_column_becomes_the_contract_of_a_one_shot_load(world):
    world.apply(extract("keep"), load())
    world.put("shot/a.csv", table_of(("1", "Ann")))
    told = ("load", "s3://drop/shot/", "--into", f"duckdb:{world.warehouse}", "--table", "shot", "--json")
    first = world.command(*told)
    world.put("shot/b.csv", b"id,name,pay\n2,Bea,9\n")
    held = world.command(*told)
    (file,) = [each for each in held.json["files"] if each["state"] == "held"]
    before = world.command("workflows", "show", held.json["workflow"], "--json").json["contracts"]

    adopted = world.command("files", "accept", file["id"], "--as-contract", "--json")
    after = world.command("workflows", "show", held.json["workflow"], "--json").json["contracts"]

    assert (first.code, held.code, file["reason"], adopted.code) == (0, 3, "extra-column", 0), adopted.err
    assert adopted.json == {
        "workflow": held.json["workflow"],
        "version": 2,
        "added": ["pay"],
        "removed": [],
        "renamed": [],
    }
    assert before != after

    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute('ALTER TABLE shot ADD COLUMN "pay" VARCHAR')
    again = world.command("run", held.json["workflow"], "--json")

    assert again.code == 0
    assert world.rows("shot", "id, name, pay") == [("1", "Ann", None), ("2", "Bea", "9")]


def test_a_one_shot_load_given_again_keeps_the_column_of_a_field_that_was_renamed(world):
    world.apply(extract("keep"), load())
    world.put("shot/a.csv", table_of(("1", "Ann")))
    told = ("load", "s3://drop/shot/", "--into", f"duckdb:{world.warehouse}", "--table", "shot", "--json")
    world.command(*told)
    world.put("shot/b.csv", b"id,names\n2,Bea\n")
    (file,) = [each for each in world.command(*told).json["files"] if each["state"] == "held"]

    world.command("files", "accept", file["id"], "--as-contract")
    again, third = world.command(*told), world.command(*told)

    assert (file["reason"], again.code, third.code) == ("renamed-column", 0, 0), again.err
    assert world.rows("shot") == [("1", "Ann"), ("2", "Bea")]


def test_a_missing_column_and_an_unlike_one_are_no_rename(world):
    world.apply(extract("keep"), load())
    world.put("shot/a.csv", b"id,salary,city\n1,100,X\n")
    told = ("load", "s3://drop/shot/", "--into", f"duckdb:{world.warehouse}", "--table", "shot", "--json")
    world.command(*told)
    world.put("shot/b.csv", b"id,city,comment\n2,Y,hello\n")
    (file,) = [each for each in world.command(*told).json["files"] if each["state"] == "held"]

    adopted = world.command("files", "accept", file["id"], "--as-contract", "--json").json
    world.command(*told)

    assert file["reason"] == "missing-column"
    assert (adopted["added"], adopted["removed"], adopted["renamed"]) == (["comment"], ["salary"], [])
    assert world.rows("shot", "id, salary, city") == [("1", "100", "X")]


def test_a_contract_that_a_workflow_file_owns_is_changed_there(world):
    world.apply(extract("keep"), load())
    world.put("in/a.csv", b"id,names\n2,Bea\n")
    (file,) = world.run()["files"]

    refused = world.command("files", "accept", file["id"], "--as-contract", "--json")

    assert (file["reason"], refused.code) == ("renamed-column", 2)
    error = refused.json["error"]
    assert error["what"] == "The workflow file of project hr owns this contract"
    assert error["hint"] == (
        'In that file, set a new sample, or replace the sample with `columns: ["id", "names"]`. Or keep the sample'
        ' and add `fields: {"name": {"aliases": ["names"]}}`. Then apply the file.'
    )
