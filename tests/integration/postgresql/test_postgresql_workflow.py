"""Whole runs into PostgreSQL: what becomes of files when rows or the server are not as they should be."""

from __future__ import annotations

import pytest

from contract.destinations import in_order, people
from e2e.world import World, brief, extract, load, table_of
from integration.postgresql.warehouse import a_warehouse

pytestmark = pytest.mark.slow


@pytest.fixture
def warehouse(postgresql):
    return a_warehouse(postgresql.database())


@pytest.fixture
def world(tmp_path, monkeypatch, warehouse):
    world = World.at(tmp_path)
    for name, value in {**world.environment, "PG": warehouse.url}.items():
        monkeypatch.setenv(name, value)
    yield world
    world.server.stop()


def apply(world, warehouse, **more):
    place = {"kind": "postgresql", "url": {"env": "PG"}, "schema": warehouse.schema}
    world.apply(extract("delete"), load(**more), destinations={"warehouse": place})


def test_files_are_loaded_and_deleted_but_the_one_whose_row_the_table_refuses(world, warehouse):
    warehouse.person("CREATE TABLE people (id text PRIMARY KEY, name varchar(5))")
    apply(world, warehouse)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "Grace")))
    world.put("in/b.csv", table_of(("3", "Tony"), ("1", "twice")))
    world.put("in/c.csv", table_of(("4", "Edsger")))
    world.put("in/d.csv", table_of(("5", "Alan")))

    run = world.run()

    assert run["exit"] == 3
    assert brief(run) == [
        ("in/a.csv", "done", 2, None),
        ("in/b.csv", "held", 2, "destination-refused"),
        ("in/c.csv", "held", 1, "destination-refused"),
        ("in/d.csv", "done", 1, None),
    ]
    assert warehouse.rows() == people(("1", "Ada"), ("2", "Grace"), ("5", "Alan"))
    assert world.keys() == ["in/b.csv", "in/c.csv"]


def test_a_database_that_only_reads_fails_the_run_and_holds_no_file(world, warehouse):
    apply(world, warehouse)
    world.put("in/a.csv", table_of(("1", "Ada")))
    alter = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {}', current_database()); END $$"
    warehouse.person(alter.format("SET default_transaction_read_only = on"))

    refused = world.run()
    warehouse.person("BEGIN READ WRITE; " + alter.format("RESET default_transaction_read_only") + "; COMMIT")
    again = world.run()

    assert (refused["exit"], [each[1] for each in brief(refused)]) == (1, ["retrying"])
    assert (again["exit"], brief(again)) == (0, [("in/a.csv", "done", 1, None)])
    assert in_order({"id": row["id"], "_source_line": row["_source_line"]} for row in warehouse.rows()) == [
        {"id": "1", "_source_line": 2}
    ]
    assert world.keys() == []
