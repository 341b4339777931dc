"""A prefix without a slash at its end: everybody who looks into the bucket lists the folders that it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.world import World, extract, load, table_of
from integration.doctor.conftest import command

pytestmark = pytest.mark.slow

ONE = table_of(("1", "Ann"))
LISTED = [{"folder": "in/emp/", "files": 1}, {"folder": "in/employees-archive/", "files": 2}]
TWO_FOLDERS = "in/emp/ (1), in/employees-archive/ (2)"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.apply(extract(prefix="in/emp"), load())
    for key in (
        "in/emp/a.csv",
        "in/employees-archive/b.csv",
        "in/employees-archive/2025/c.csv",
        "in/else/d.csv",
    ):
        made.put(key, ONE)
    yield made
    made.server.stop()


def shot(world: World, source: str, *more: str):
    return command(world, "load", source, "--into", f"duckdb:{world.root}/shot.duckdb", "--table", "t", *more)


def test_validate_plan_and_apply_note_it_without_a_network(world):
    world.server.stop()
    path = str(world.file(extract(prefix="in/emp"), load()))

    told = [command(world, word, path, "--json") for word in ("validate", "plan", "apply")]

    notes = [told[0].json["files"][0]["notes"], told[1].json["notes"], told[2].json["notes"]]
    assert [answer.code for answer in told] == [0, 0, 0]
    assert notes == [notes[0]] * 3
    (note,) = notes[0]
    assert note.startswith(
        "workflow `w`, task `files` (line 1): prefix `in/emp` does not end in `/`: it loads and deletes"
    )


def test_a_dry_run_lists_the_folders(world):
    answer = world.look()
    shown = command(world, "run", "w", "--dry-run")

    (task, _) = answer["tasks"]
    assert (task["folders"], task["more_folders"]) == (LISTED, 0)
    assert f"The prefix does not end in / and reaches several folders: {TWO_FOLDERS}" in shown.out


def test_a_dry_run_of_one_folder_lists_none(world):
    world.apply(extract(prefix="in/employees-"), load())

    (task, _) = world.look()["tasks"]

    assert "folders" not in task


def test_the_doctor_lists_the_folders(world):
    answer = command(world, "accounts", "doctor", "acme", "--workflow", "w", "--json")

    (found,) = [each for each in answer.json["findings"] if each["check"] == "folders"]
    assert answer.code == 0
    assert (found["health"], found["hint"]) == (
        "warning",
        "To select one folder only, write its full name with a / at the end (in/emp/).",
    )
    assert found["what"] == (
        "Prefix in/emp does not end in / and reaches several folders (at most 1,000 files counted in each): "
        f"{TWO_FOLDERS}"
    )


def test_the_first_switch_on_lists_the_folders_and_later_ones_do_not(world):
    first = command(world, "workflows", "enable", "w", "--json")
    world.run()
    second = command(world, "workflows", "enable", "w", "--json")

    assert first.json == {"key": "w", "enabled": True, "folders": {"files": LISTED}}
    assert second.json == {"key": "w", "enabled": True}


def test_a_first_switch_on_does_not_fail_for_a_store_that_is_down(world):
    world.server.stop()

    answer = command(world, "workflows", "enable", "w", "--json")

    assert (answer.code, answer.json) == (0, {"key": "w", "enabled": True})


def test_a_load_that_keeps_files_says_on_stderr_which_folders_it_takes(world):
    answer = shot(world, "s3://drop/in/emp", "--json")

    assert (answer.code, json.loads(answer.out)["tasks"][0]["files"]["loaded"]) == (0, 3)
    assert f"The prefix does not end in / and reaches several folders: {TWO_FOLDERS}\n" in answer.err


def test_a_load_that_deletes_in_several_folders_is_refused_with_a_hint_that_works(world):
    world.apply(extract("keep", prefix="other/"), load())
    before = world.keys()
    refused = shot(world, "s3://drop/in/emp", "--after-import", "delete", "--json")
    kept = world.keys()
    narrowed = shot(world, "s3://drop/in/emp/", "--after-import", "delete", "--json")

    error = refused.json["error"]
    assert (refused.code, kept) == (2, before)
    assert TWO_FOLDERS in error["what"]
    assert "(s3://drop/in/emp/)." in error["hint"]
    assert narrowed.code == 0
    assert sorted(set(before) - set(world.keys())) == ["in/emp/a.csv"]


def test_a_load_deletes_in_several_folders_if_asked_to(world):
    world.apply(extract("keep", prefix="other/"), load())

    answer = shot(world, "s3://drop/in/emp", "--after-import", "delete", "--several-folders")

    assert (answer.code, world.keys()) == (0, ["in/else/d.csv"])


def test_a_load_that_deletes_looks_past_a_large_first_folder(world, monkeypatch):
    world.apply(extract("keep", prefix="other/"), load())
    monkeypatch.setattr("bucketlift.service.projects.oneshot.COUNTED", 1)

    refused = shot(world, "s3://drop/in/emp", "--after-import", "delete")

    assert refused.code == 2


@pytest.mark.parametrize("source", ["s3://drop/in/employees", "s3://drop/in/e"])
def test_folders_of_a_load_are_counted_from_its_own_prefix(world, source):
    answer = shot(world, source, "--json")

    said = "reaches several folders" in answer.err
    assert (answer.code, said) == (0, source.endswith("/e"))


def test_a_load_says_what_already_loads_the_same_files_into_the_same_table(world):
    first = shot(world, "s3://drop/in/emp", "--json")
    narrower = shot(world, "s3://drop/in/emp/", "--json")
    again = shot(world, "s3://drop/in/emp/", "--json")

    said = ["s3://drop/in/emp into duckdb:", "already loads the same files into the same table"]
    assert [[words in answer.err for words in said] for answer in (first, narrower, again)] == [
        [False, False],
        [True, True],
        [False, False],
    ]
