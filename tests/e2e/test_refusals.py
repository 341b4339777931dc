"""Wrong roles, regions, buckets and destinations: each run fails with a reason, and nothing is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import duckdb
import pytest

from e2e.checker import check
from e2e.world import brief, counts, extract, load, sorted_rows, table_of

ANN = table_of(("1", "Ann"))

HOLDS_THE_FILE = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.slow


def test_a_role_that_is_not_there_fails_the_run_and_says_what_its_trust_needs(world):
    nobody = {**world.account, "role_arn": f"arn:aws:iam::{world.server.account}:role/nobody"}
    world.apply(extract("delete"), load(), accounts={"acme": nobody})
    world.put("in/a.csv", ANN)

    ran = world.run()

    assert (ran["exit"], ran["state"], ran["files"], world.keys()) == (1, "failed", [], ["in/a.csv"])
    assert ran["error"]["what"] == "The role could not be assumed (AccessDenied)"
    assert "external ID" in ran["error"]["hint"]


def test_a_bucket_that_is_not_there_fails_the_run_by_its_name(world):
    world.apply(extract("delete", bucket="no-such-bucket"), load())

    ran = world.run()

    assert (ran["exit"], ran["state"], ran["files"]) == (1, "failed", [])
    assert ran["error"] == {
        "what": "ListObjectsV2 was refused (NoSuchBucket)",
        "to": "s3://no-such-bucket/in/",
        "hint": "Check the bucket's name, the account's region and the role's ARN. "
        'The answer was: "The specified bucket does not exist".',
    }


def test_a_wrong_region_is_found_out_from_the_store_itself(world):
    world.apply(extract("delete"), load(), accounts={"acme": {**world.account, "region": "eu-west-1"}})
    world.put("in/a.csv", ANN)

    ran = world.run()

    assert (ran["exit"], world.keys(), world.rows()) == (0, [], sorted_rows(ANN))


def test_a_destination_that_another_process_holds_is_tried_again_by_the_next_run(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_FILE, str(world.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        first = world.run()

    second = world.run()

    assert (first["exit"], brief(first)) == (1, [("in/a.csv", "retrying", 1, "not-loaded")])
    assert str(holder.pid) in first["error"]["what"] + first["error"]["hint"]
    assert (second["exit"], counts(second)) == (0, {"found": 1, "loaded": 1})
    assert (world.rows(), world.keys()) == (sorted_rows(ANN), [])
    check(world, append=("people",))


def test_a_table_with_other_columns_is_not_altered(world):
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute("CREATE TABLE people (id VARCHAR)")
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)

    first = world.run()
    with duckdb.connect(str(world.warehouse)) as connection:
        columns = connection.execute("DESCRIBE people").fetchall()
        connection.execute("ALTER TABLE people ADD COLUMN name VARCHAR")
    second = world.run()

    assert (first["exit"], brief(first)) == (1, [("in/a.csv", "retrying", 1, "not-loaded")])
    assert 'ALTER TABLE "people" ADD COLUMN "name"' in first["error"]["hint"].replace("main.", "")
    assert [column[0] for column in columns] == ["id"]
    assert (second["exit"], world.rows(), world.keys()) == (0, sorted_rows(ANN), [])


def test_a_file_that_is_no_database_is_left_as_it_is(world):
    world.warehouse.write_bytes(b"a file of somebody's own\n" * 1000)
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)

    ran = world.run()

    assert (ran["exit"], brief(ran), world.keys()) == (
        1,
        [("in/a.csv", "retrying", 1, "not-loaded")],
        ["in/a.csv"],
    )
    assert world.warehouse.read_bytes() == b"a file of somebody's own\n" * 1000


def test_beside_a_workflow_that_cannot_be_read_others_are_applied_and_run_and_its_own_file_mends_it(world):
    world.apply(
        extract("delete"), load(), workflows={"strange": {"tasks": [extract("keep", prefix="s/"), load()]}}
    )
    with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE workflow_versions SET definition = '{}' WHERE workflow = 'strange'")
    world.put("in/a.csv", table_of(("1", "Ann")))

    listed = world.command("workflows", "list", "--json")
    switched = world.command("workflows", "disable", "w", "--json")
    ran = world.command("run", "strange", "--json")
    world.apply(
        extract("delete"), load(), workflows={"strange": {"tasks": [extract("keep", prefix="s/"), load()]}}
    )
    mended = world.run()

    assert [each["key"] for each in listed.json["workflows"]] == ["w"]
    assert (switched.code, ran.code) == (0, 1)
    assert ran.json["error"]["what"].startswith("This version cannot read the workflow")
    assert (mended["exit"], world.rows()) == (0, [("1", "Ann")])
