"""The same workflow day after day: upsert, replace, order, starts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from e2e.checker import check
from e2e.world import (
    brief,
    counts,
    decisions,
    extract,
    load,
    loaded,
    sorted_rows,
    table_of,
)

OLD = datetime(2020, 1, 1, tzinfo=UTC)
OLDER = datetime(2019, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.slow


def test_an_upsert_over_two_days_keeps_the_latest_row_of_each_key(world):
    world.apply(extract("delete"), load(mode="upsert"))
    world.put("in/1a.csv", table_of(("1", "Ann"), ("2", "Bob")))
    world.put("in/1b.csv", table_of(("2", "Bobby")))
    first = world.run()
    world.put("in/2.csv", table_of(("1", "Anna"), ("2", "Bobby"), ("3", "Cid")))

    second = world.run()

    assert (loaded(first), loaded(second)) == ({"people": (2, 1, 0)}, {"people": (1, 1, 1)})
    assert world.rows() == [("1", "Anna"), ("2", "Bobby"), ("3", "Cid")]
    check(world, upsert=("people",))


def test_a_replacement_is_made_of_every_selected_file_and_only_when_there_is_a_new_one(world):
    world.apply(extract("keep"), load(mode="replace"))
    ann, bob = table_of(("1", "Ann")), table_of(("2", "Bob"))
    world.put("in/1.csv", ann)
    first = world.run()
    world.put("in/2.csv", bob)
    second, third = world.run(), world.run()
    world.delete("in/1.csv")
    world.delete("in/2.csv")
    fourth = world.run()

    assert [counts(each) for each in (first, second, third, fourth)] == [
        {"found": 1, "loaded": 1},
        {"found": 2, "loaded": 2},
        {"known": 2},
        {},
    ]
    assert [each["exit"] for each in (first, second, third, fourth)] == [0, 0, 0, 0]
    assert world.rows() == sorted_rows(ann, bob)


def test_a_held_file_holds_the_whole_replacement_until_it_is_dealt_with(world):
    world.apply(extract("keep"), load(mode="replace"))
    good = table_of(("1", "Ann"))
    world.put("in/1.csv", good)
    world.put("in/2.csv", b"id,name,other\n2,Bob,x\n")
    first = world.run()
    held = world.rows()
    world.decide("ignore", "in/2.csv")

    second = world.run()

    assert (first["exit"], brief(first)) == (
        3,
        [("in/1.csv", "held", 1, "member-held"), ("in/2.csv", "held", 0, "extra-column")],
    )
    assert (held, second["exit"], world.rows()) == ([], 0, sorted_rows(good))


@pytest.mark.parametrize(("order", "name"), [("key", "of b"), ("modified", "of a")])
def test_the_later_file_of_one_run_wins_in_the_order_that_was_chosen(world, order, name):
    world.apply(extract("keep", order=order), load(mode="upsert"))
    world.put("in/a.csv", table_of(("1", "of a")), modified=OLD)
    world.put("in/b.csv", table_of(("1", "of b")), modified=OLDER)

    world.run()

    assert world.rows() == [("1", name)]


def test_start_now_leaves_what_lay_there_and_takes_what_comes_whatever_its_time(world):
    world.apply(extract("keep", start="now"), load())
    world.put("in/old.csv", table_of(("1", "old")), modified=OLD)
    first = world.run()
    world.put("in/late.csv", table_of(("2", "late")), modified=OLDER)
    second = world.run()
    world.decide("retry", "in/old.csv")
    third = world.run()

    assert [counts(each) for each in (first, second, third)] == [
        {"found": 1, "skipped": 1},
        {"found": 1, "known": 1, "loaded": 1},
        {"found": 1, "known": 1, "loaded": 1},
    ]
    assert world.rows() == [("1", "old"), ("2", "late")]


@pytest.mark.parametrize("off", [timedelta(minutes=-10), timedelta(minutes=10)], ids=["fast", "slow"])
def test_start_now_goes_by_the_stores_clock_where_this_machines_is_wrong(world, off):
    world.server.clock_is_ahead(off)
    stores_now = datetime.now(UTC) + off
    world.put("in/old.csv", table_of(("1", "old")), modified=stores_now - timedelta(minutes=1))
    world.apply(extract("keep", start="now"), load())
    world.put("in/new.csv", table_of(("2", "new")), modified=stores_now + timedelta(minutes=1))

    ran = world.run()

    assert counts(ran) == {"found": 2, "loaded": 1, "skipped": 1}
    assert world.rows() == [("2", "new")]


def test_a_dry_run_explains_every_key_and_writes_nothing(world):
    rename = {"action": "rename", "prefix": "ok-"}
    told = {"pattern": "*.csv", "max_bytes": 100}
    world.apply(extract(rename, **told), load())
    good = table_of(("1", "Ann"))
    for key in ("in/again.csv", "in/ignored.csv"):
        world.put(key, good)
    world.put("in/bad.csv", b"id\n1\n")
    world.run()
    world.put("in/again.csv", good)
    world.put("in/", b"")
    world.put("in/x.bucketlift/1.csv", good)
    world.put("in/big.csv", table_of(("1", "x" * 100)))
    world.put("in/new.csv", table_of(("2", "Bob"), ("3", "Cid")))
    world.put("in/ragged.csv", b"id,name\n4\n")
    world.put("in/notes.txt", b"hello")
    before = (world.states(), world.rows(), world.server.objects("drop"))
    world.server.log.clear()

    answer = world.look()

    assert decisions(answer) == {
        "in/": ("marker", "a folder marker: no bytes, and the key ends in /"),
        "in/again.csv": ("repeated-hold", decisions(answer)["in/again.csv"][1]),
        "in/bad.csv": ("held", 'held: Missing columns: "name"'),
        "in/big.csv": ("too-big", "larger than the task's limit"),
        "in/new.csv": ("take", "new"),
        "in/notes.txt": ("pattern", "the base name does not match the pattern"),
        "in/ok-again.csv": ("renamed", "renamed by this workflow"),
        "in/ok-ignored.csv": ("renamed", "renamed by this workflow"),
        "in/ragged.csv": ("take", "too-many-rejects"),
        "in/x.bucketlift/1.csv": ("ours", "one of Bucketlift's own keys"),
    }
    assert decisions(answer)["in/again.csv"][1].startswith("the same bytes were loaded on ")
    assert counts(answer) == {"found": 4, "known": 1, "loaded": 1, "held": 3}
    assert before == (world.states(), world.rows(), world.server.objects("drop"))
    assert set(world.server.log.operations()) <= {"AssumeRole", "ListObjectsV2", "GetObject"}


def test_a_later_start_bars_new_files_and_leaves_known_ones_known(world):
    world.apply(extract("keep"), load())
    world.put("in/a.csv", table_of(("1", "Ann")))
    world.run()
    world.apply(extract("keep", start="2100-01-01T00:00:00Z"), load())
    world.put("in/b.csv", table_of(("2", "Bob")))

    looked, ran = world.look(), world.run()

    assert decisions(looked) == {
        "in/a.csv": ("known", "loaded before"),
        "in/b.csv": ("before-start", "last modified before the workflow's start"),
    }
    assert (ran["exit"], brief(ran)) == (0, [("in/b.csv", "skipped", 0, "before-start")])
