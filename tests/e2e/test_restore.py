"""A restored ledger: nothing is deleted that should stay, nothing is loaded twice, and people are told."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from e2e.world import World, extract, load, sorted_rows, table_of

ANN, BEN, CAT = (table_of((number, name)) for number, name in (("1", "Ann"), ("2", "Ben"), ("3", "Cat")))

pytestmark = pytest.mark.slow


WEEKLY = {"action": "delete", "delay": "7d"}


def let_a_week_pass(ledger: Path) -> None:
    """Every delay is over."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("UPDATE outbox SET due_at = '2026-01-01 00:00:00.000000'")


def with_a_lost_load(world: World) -> None:
    """The backup knows a, which is to be deleted; b was loaded after it, and a person held a's delete."""
    world.apply(extract(WEEKLY), load())
    world.put("in/a.csv", ANN)
    world.run()
    assert world.command("db", "backup", "old.sqlite").code == 0
    world.put("in/b.csv", BEN)
    world.run()
    world.decide("hold", "in/a.csv")
    let_a_week_pass(world.root / "old.sqlite")


def test_after_a_restore_the_outbox_waits_for_a_person(world):
    with_a_lost_load(world)

    restored = world.command("db", "restore", "old.sqlite", "--yes", "--json")
    ran = world.command("run", "w", "--json")
    status = world.command("db", "status", "--json")
    between = world.keys()
    confirmed = world.command("db", "confirm")
    after = world.command("run", "w", "--json")

    assert (restored.code, restored.json["paused"], restored.json["key_fits"]) == (0, True, True)
    assert (ran.code, ran.json["state"], "paused" in ran.json) == (3, "succeeded", True)
    (warehouse,) = status.json["destinations"]
    assert (warehouse["destination"], warehouse["unknown"]) == ("warehouse", 1)
    assert between == ["in/a.csv", "in/b.csv"]
    assert (confirmed.code, after.code, "paused" in after.json) == (0, 0, False)
    assert world.keys() == ["in/b.csv"]
    assert world.rows() == sorted_rows(ANN, BEN)


def test_a_file_that_is_accepted_after_a_restore_is_not_loaded_twice(world):
    with_a_lost_load(world)
    world.command("db", "restore", "old.sqlite", "--yes")
    world.run()
    world.command("db", "confirm")

    world.decide("accept", "in/b.csv")
    world.run()

    assert world.rows() == sorted_rows(ANN, BEN)
    assert [state[2:] for state in world.states() if state[0] == "in/b.csv"] == [("committed", None)]


def test_a_ledger_put_back_by_hand_is_noticed(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    world.run()
    shutil.copy(world.home / "ledger.sqlite", world.root / "old.sqlite")
    world.put("in/b.csv", BEN)
    world.run()
    shutil.copy(world.root / "old.sqlite", world.home / "ledger.sqlite")
    world.put("in/c.csv", CAT)

    ran = world.command("run", "w")

    assert (ran.code, world.keys()) == (3, ["in/c.csv"])
    assert "The outbox is paused: warehouse has 1 receipts of this installation" in ran.out
    assert "bucketlift db confirm" in ran.out


def test_a_restore_that_lost_nothing_goes_on_by_itself(world):
    world.apply(extract(WEEKLY), load())
    world.put("in/a.csv", ANN)
    world.run()
    world.command("db", "backup", "old.sqlite")
    let_a_week_pass(world.root / "old.sqlite")

    restored = world.command("db", "restore", "old.sqlite", "--yes", "--json")
    world.run()

    assert (restored.code, restored.json["paused"], world.keys()) == (0, False, [])


def test_a_restore_asks_before_it_replaces_anything(world):
    world.apply(extract("keep"), load())
    world.command("db", "backup", "old.sqlite")

    refused = world.command("db", "restore", "old.sqlite")

    assert (refused.code, "Add --yes." in refused.err) == (2, True)


def test_an_installation_moves_into_a_new_home(world):
    world.apply(extract("keep"), load())
    world.put("in/a.csv", ANN)
    world.run()
    world.command("db", "backup", "moving.sqlite")
    world.environment["BUCKETLIFT_HOME"] = str(world.root / "other")

    restored = world.command("db", "restore", "moving.sqlite")
    ran = world.command("run", "w", "--json")

    assert (restored.code, ran.code) == (0, 0)
    assert [task["files"]["known"] for task in ran.json["tasks"] if "files" in task] == [1]
    assert world.rows() == sorted_rows(ANN)
