"""Whole runs into SQLite: what becomes of files whose rows the table does not keep."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from contract.destinations import people, sqlite_rows_of
from e2e.world import World, brief, extract, load, table_of

IGNORING = "CREATE TABLE people (id TEXT UNIQUE ON CONFLICT IGNORE, name TEXT)"
KEEPING = "CREATE TABLE people (id TEXT, name TEXT)"


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World.at(tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    yield world
    world.server.stop()


def apply(world, mode):
    place = {"kind": "sqlite", "path": "warehouse.sqlite"}
    world.apply(extract("delete"), load(mode=mode), destinations={"warehouse": place})


def change(world, *statements):
    with closing(sqlite3.connect(world.root / "warehouse.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_file_whose_rows_the_table_does_not_keep_is_held_and_loaded_once_the_table_is_mended(world, mode):
    apply(world, mode)
    change(world, IGNORING)
    world.put("in/a.csv", table_of(("1", "Ada"), ("1", "Grace")))

    held = world.run()
    again = world.run()
    keys = world.keys()
    change(world, "DROP TABLE people", KEEPING)
    world.decide("retry", "in/a.csv")
    mended = world.run()

    assert (held["exit"], brief(held)) == (3, [("in/a.csv", "held", 2, "rows-not-kept")])
    assert held["files"][0]["hint"].startswith(
        "If the constraint is UNIQUE or PRIMARY KEY, use `mode: upsert`"
    )
    assert (again["exit"], brief(again)) == (0, [("in/a.csv", "held", 2, "rows-not-kept")])
    assert keys == ["in/a.csv"]
    assert (mended["exit"], brief(mended)) == (0, [("in/a.csv", "done", 2, None)])
    assert sqlite_rows_of(world.root / "warehouse.sqlite", "people") == people(("1", "Ada"), ("1", "Grace"))
    assert world.keys() == []


def test_only_the_file_whose_row_is_not_kept_is_held(world):
    apply(world, "append")
    change(world, IGNORING)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "Grace")))
    world.put("in/b.csv", table_of(("3", "Tony"), ("1", "twice")))
    world.put("in/c.csv", table_of(("4", "Edsger")))

    run = world.run()

    assert brief(run) == [
        ("in/a.csv", "done", 2, None),
        ("in/b.csv", "held", 2, "rows-not-kept"),
        ("in/c.csv", "done", 1, None),
    ]
    assert sqlite_rows_of(world.root / "warehouse.sqlite", "people") == people(
        ("1", "Ada"), ("2", "Grace"), ("4", "Edsger")
    )
