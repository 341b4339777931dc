"""Archives and keys: nothing there is overwritten, and any key that S3 takes is taken."""

from __future__ import annotations

import pytest

from e2e.checker import check
from e2e.world import (
    brief,
    extract,
    load,
    rows_of,
    sorted_rows,
    table_of,
)

ANN = table_of(("1", "Ann"))
OTHER = table_of(("9", "Other"))
MOVE = {"action": "move", "bucket": "archive"}
KEYS = [
    "in/ leading and trailing .csv",
    "in/+plus%20percent%.csv",
    "in/%2e%2e%2fescaped.csv",
    "in/../up.csv",
    "in//double.csv",
    "in/new\nline.csv",
    "in/question?hash#amp&.csv",
    "in/quote'\"back\\slash.csv",
    "in/tab\t.csv",
    "in/\u00e4\u65e5\u672c\u8a9e.csv",
    "in/a\u0308.csv",
    "in/\U0001f642.csv",
    "in/no extension",
]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("there", [OTHER, ANN], ids=["other bytes", "the same bytes"])
def test_what_lies_in_the_archive_stays_as_it_is(world, there):
    world.apply(extract(MOVE), load())
    world.put("in/a.csv", there, bucket="archive")
    world.put("in/a.csv", ANN)

    ran = world.run()

    archive = world.server.objects("archive")
    assert (ran["exit"], world.keys(), archive["in/a.csv"]) == (0, [], there)
    assert list(archive.values()) == ([OTHER, ANN] if there == OTHER else [ANN])
    assert [f"s3://archive/{key}" for key in archive][-1] == world.files()[0]["moved_to"]
    check(world, append=("people",))


def test_a_collision_waits_for_a_person_where_that_was_chosen(world):
    world.apply(extract({**MOVE, "on_collision": "hold"}), load())
    world.put("in/a.csv", OTHER, bucket="archive")
    world.put("in/a.csv", ANN)
    first, second = world.run(), world.run()
    before = world.server.objects("drop")
    world.delete("in/a.csv", bucket="archive")
    world.decide("retry", "in/a.csv")

    third = world.run()

    assert (first["exit"], brief(first)) == (3, [("in/a.csv", "action-held", 1, "collision")])
    assert (second["exit"], second["attention"], before) == (0, 1, {"in/a.csv": ANN})
    assert (third["exit"], world.server.objects("archive")) == (0, {"in/a.csv": ANN})
    assert (world.rows(), world.keys()) == (sorted_rows(ANN), [])
    check(world, append=("people",))


@pytest.mark.parametrize("action", [{**MOVE, "prefix": "old "}, {"action": "rename", "prefix": "+ok "}])
def test_every_key_that_s3_takes_is_loaded_and_archived_under_its_own_name(world, action):
    world.apply(extract(action), load())
    for number, key in enumerate(KEYS):
        world.put(key, table_of((str(number), "x")))

    ran, again = world.run(), world.run()

    def renamed(key: str) -> str:
        folder, slash, name = key.rpartition("/")
        return f"{folder}{slash}+ok {name}"

    moved = action["action"] == "move"
    wanted = sorted(f"old {key}" if moved else renamed(key) for key in KEYS)
    assert (ran["exit"], again["exit"], again["files"]) == (0, 0, [])
    assert sorted(world.keys("archive") if moved else world.keys()) == wanted
    assert world.rows() == sorted((str(number), "x") for number in range(len(KEYS)))
    check(world, append=("people",))


def test_a_key_that_would_grow_too_long_is_held_before_a_byte_is_read(world):
    longest = "in/" + "x" * 1021
    world.apply(extract({"action": "rename", "prefix": "+"}), load())
    world.put(longest, ANN)

    ran = world.run()

    assert (ran["exit"], brief(ran)) == (3, [(longest, "held", 0, "key-too-long")])
    assert "GetObject" not in world.server.log.operations()
    assert world.keys() == [longest]


def test_the_longest_key_is_loaded_and_deleted(world):
    world.apply(extract("delete"), load())
    world.put("in/" + "\u65e5" * 340 + "x", ANN)

    ran = world.run()

    assert (ran["exit"], world.keys(), world.rows()) == (0, [], sorted_rows(ANN))
    assert len(rows_of(ANN)) == ran["files"][0]["rows"]
