"""A refusal of text by a typed column names the field type to set; obeyed to the letter, the file is loaded."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from ruamel.yaml import YAML

from contract.destinations import rows_of, sqlite_rows_of
from e2e.world import World, extract, load
from integration.postgresql.warehouse import a_warehouse

HEADER = "id,pay,born"
FIELDS = re.compile(r"`(fields: \{.*?\}\})`")


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World.at(tmp_path)
    (tmp_path / "sample.csv").write_text(f"{HEADER}\nx,x,x\n")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    yield world
    world.server.stop()


def obeyed(world, place, columns):
    """Set the fields that each hint names, until the file is loaded."""
    tasks = load(
        map={name: [name] for name in columns}
        | {name: [] for name in HEADER.split(",") if name not in columns}
    )
    fields: dict[str, object] = {}
    for _ in range(len(columns) + 1):
        world.apply(extract("delete", fields=fields), tasks, destinations={"warehouse": place})
        if fields:
            world.decide("retry", "in/a.csv")
        run = world.run()
        if run["files"][0]["state"] != "held":
            break
        fields |= YAML(typ="safe").load(FIELDS.findall(run["files"][0]["hint"])[0])["fields"]
    return run


def put(world):
    world.put("in/a.csv", f"{HEADER}\n,,25.12.2026\n7,12.5,\n".encode())


def test_postgresql(world, monkeypatch, postgresql):
    warehouse = a_warehouse(postgresql.database())
    monkeypatch.setenv("PG", warehouse.url)
    warehouse.person("CREATE TABLE people (id integer, pay numeric(8,2), born date)")
    put(world)

    run = obeyed(
        world,
        {"kind": "postgresql", "url": {"env": "PG"}, "schema": warehouse.schema},
        ["id", "pay", "born"],
    )

    assert run["files"][0]["state"] == "done"
    assert warehouse.rows() == [
        {"id": None, "pay": None, "born": date(2026, 12, 25)},
        {"id": 7, "pay": Decimal("12.50"), "born": None},
    ]


def test_duckdb(world):
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute("CREATE TABLE people (id INTEGER, pay DECIMAL(8,2), born DATE)")
    put(world)

    run = obeyed(world, {"kind": "duckdb", "path": "warehouse.duckdb"}, ["id", "pay", "born"])

    assert run["files"][0]["state"] == "done"
    assert rows_of(world.warehouse, "people") == [
        {"id": None, "pay": None, "born": date(2026, 12, 25)},
        {"id": 7, "pay": Decimal("12.50"), "born": None},
    ]


def test_sqlite(world):
    file = world.root / "warehouse.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE people (id INTEGER, pay DECIMAL(8,2))")
    put(world)

    run = obeyed(world, {"kind": "sqlite", "path": "warehouse.sqlite"}, ["id", "pay"])

    assert run["files"][0]["state"] == "done"
    assert sqlite_rows_of(file, "people") == [{"id": None, "pay": None}, {"id": 7, "pay": 12.5}]
