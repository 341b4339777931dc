"""Conditions, several loaders, several workflows: each file goes where it was to go, and only there."""

from __future__ import annotations

import duckdb
import pytest

from e2e.checker import check
from e2e.world import (
    brief,
    counts,
    extract,
    load,
    loaded,
    sorted_rows,
    table_of,
)

ANN = table_of(("1", "Ann"))
BOB = table_of(("2", "Bob"), ("3", "Cid"))

pytestmark = pytest.mark.slow


def condition(test, **branches):
    return {"id": "enough", "condition": {**test, **branches}}


def answer(document, task="enough"):
    (found,) = [each for each in document["tasks"] if each["id"] == task]
    return found.get("met", found["state"])


def make_other_table(world, name):
    """A table that somebody else made, with other columns."""
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute(f'CREATE TABLE "{name}" (other INTEGER NOT NULL)')


def drop_table(world, name):
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute(f'DROP TABLE "{name}"')


def test_a_condition_not_met_leaves_the_files_for_a_run_that_meets_it(world):
    world.apply(extract("delete"), condition({"all": ["files.rows > 2"]}), load())
    world.put("in/a.csv", ANN)
    first = world.run()
    left = world.keys()
    world.put("in/b.csv", BOB)

    second = world.run()

    assert (first["exit"], answer(first), brief(first)) == (
        0,
        False,
        [("in/a.csv", "skipped", 1, "condition")],
    )
    assert (left, second["exit"], answer(second)) == (["in/a.csv"], 0, True)
    assert (world.rows(), world.keys()) == (sorted_rows(ANN, BOB), [])
    check(world, append=("people",))


def test_nested_groups_and_both_branches_are_followed(world):
    nested = {"any": [{"all": ["files.files >= 1", "files.rows > 1"]}, "files.held > 5"]}
    world.apply(
        extract("delete"),
        condition(nested, then=["people"], **{"else": ["few"]}),
        load("people"),
        load("few"),
    )
    world.put("in/a.csv", ANN)
    few = world.run()
    world.put("in/b.csv", BOB)

    many = world.run()

    assert (answer(few), loaded(few)) == (False, {"people": (0, 0, 0), "few": (1, 0, 0)})
    assert (answer(many), loaded(many)) == (True, {"people": (2, 0, 0), "few": (0, 0, 0)})
    assert (world.rows("few"), world.rows("people")) == (sorted_rows(ANN), sorted_rows(BOB))
    assert world.keys() == []


def test_the_choice_of_loaders_is_fixed_by_the_first_run_that_commits_the_file(world):
    world.apply(
        extract("delete"),
        condition({"all": ["files.files = 1"]}, then=["people", "log"], **{"else": ["crowd"]}),
        load("people"),
        load("log"),
        load("crowd"),
    )
    make_other_table(world, "log")
    world.put("in/a.csv", ANN)
    first = world.run()
    drop_table(world, "log")
    world.put("in/b.csv", BOB)

    second = world.run()

    assert (first["exit"], answer(first), world.rows("people")) == (1, True, sorted_rows(ANN))
    assert (second["exit"], answer(second)) == (0, False)
    assert loaded(second) == {"people": (0, 0, 0), "log": (1, 0, 0), "crowd": (2, 0, 0)}
    assert (world.rows("log"), world.rows("crowd"), world.keys()) == (sorted_rows(ANN), sorted_rows(BOB), [])


def test_the_next_run_repeats_only_the_loader_that_failed_and_then_acts(world):
    world.apply(extract("delete"), load("people"), load("log"))
    make_other_table(world, "log")
    world.put("in/a.csv", ANN)
    first = world.run()
    left = world.keys()
    drop_table(world, "log")

    second = world.run()

    assert (first["exit"], loaded(first), left) == (1, {"people": (1, 0, 0), "log": (0, 0, 0)}, ["in/a.csv"])
    assert [each["state"] for each in first["tasks"]] == ["failed", "succeeded", "failed"]
    assert (second["exit"], loaded(second)) == (0, {"people": (0, 0, 0), "log": (1, 0, 0)})
    assert world.keys() == []
    check(world, append=("people", "log"))


def test_the_workflow_that_deletes_waits_for_the_one_that_keeps(world):
    keeper = [extract("keep"), load("kept")]
    world.apply(workflows={"remover": [extract("delete"), load()], "keeper": keeper})
    world.put("in/a.csv", ANN)

    first = world.run("remover")
    waiting = (world.keys(), world.files("remover")[0]["what"])
    world.run("keeper")
    last = world.run("remover")

    assert (first["exit"], first["files"][0]["state"]) == (0, "committed")
    assert waiting == (["in/a.csv"], "Waits until workflow keeper has loaded it too")
    assert (last["exit"], counts(last), world.keys()) == (0, {}, [])
    assert (world.rows("people"), world.rows("kept")) == (sorted_rows(ANN), sorted_rows(ANN))
    assert [state[2] for state in world.states()] == ["done", "done"]


def test_a_workflow_that_is_switched_off_is_not_waited_for(world):
    keeper = {"enabled": False, "tasks": [extract("keep"), load("kept")]}
    flows = {"remover": {"tasks": [extract("delete"), load()]}, "keeper": keeper}
    world.apply(workflows=flows)
    world.put("in/a.csv", ANN)

    ran = world.run("remover")

    assert (ran["exit"], world.keys(), world.rows()) == (0, [], sorted_rows(ANN))


def test_a_held_file_is_judged_again_by_a_new_sample(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", b"id,name,city\n1,Ann,Oslo\n")
    first, second = world.run(), world.run()
    (world.root / "sample.csv").write_text("id,name,city\n1,a,b\n")
    world.apply(extract("delete"), load())

    third = world.run()

    assert (first["exit"], brief(first)) == (3, [("in/a.csv", "held", 0, "extra-column")])
    assert (second["exit"], counts(second), brief(second)) == (0, {"known": 1}, brief(first))
    assert (third["exit"], counts(third)) == (0, {"found": 1, "loaded": 1})
    assert (world.rows(columns="id,name,city"), world.keys()) == ([("1", "Ann", "Oslo")], [])


def test_a_person_decides_about_each_file(world):
    world.apply(extract("delete"), load())
    world.put("in/accepted.csv", b"id,name,city\n1,Ann,Oslo\n")
    world.put("in/ignored.csv", b"id\n2\n")
    world.put("in/mended.csv", b"id\n3\n")
    world.run()
    world.decide("accept", "in/accepted.csv")
    world.decide("ignore", "in/ignored.csv")
    world.put("in/mended.csv", BOB)
    world.put("in/stopped.csv", b"id\n4\n")
    second = world.run()
    world.decide("retry", "in/ignored.csv", "in/stopped.csv")
    world.decide("hold", "in/stopped.csv")

    third = world.run()

    assert (second["exit"], counts(second)) == (3, {"found": 3, "known": 1, "loaded": 2, "held": 1})
    assert (third["exit"], counts(third)) == (3, {"found": 1, "known": 1, "held": 1})
    assert world.states() == [
        ("in/accepted.csv", 1, "done", None),
        ("in/ignored.csv", 1, "held", "missing-column"),
        ("in/mended.csv", 1, "superseded", "superseded"),
        ("in/mended.csv", 2, "done", None),
        ("in/stopped.csv", 1, "held", "asked"),
    ]
    assert world.rows() == [("1", "Ann"), ("2", "Bob"), ("3", "Cid")]
    assert world.keys() == ["in/ignored.csv", "in/stopped.csv"]
