"""Objects that change, return or vanish between two calls: every version loads once, and none is lost."""

from __future__ import annotations

import pytest

from bucketlift.testing.faults import Calls
from e2e.checker import check
from e2e.world import (
    counts,
    extract,
    load,
    sorted_rows,
    table_of,
)

ANN = table_of(("1", "Ann"))
BOB = table_of(("2", "Bob"))
MOVE = {"action": "move", "bucket": "archive"}
KEY = "in/a.csv"

pytestmark = pytest.mark.slow


def just_before(world, operation, do, key=KEY):
    world.server.faults.add(operation, Calls(before=do), key=key)


def test_an_object_overwritten_before_it_is_read_is_superseded_and_the_new_one_loads_next(world):
    world.apply(extract("delete"), load())
    world.put(KEY, ANN)
    just_before(world, "GetObject", lambda: world.put(KEY, BOB))

    first, second = world.run(), world.run()

    assert (first["exit"], counts(first)) == (0, {"found": 1, "superseded": 1})
    assert (second["exit"], counts(second)) == (0, {"found": 1, "loaded": 1})
    assert (world.rows(), world.keys()) == (sorted_rows(BOB), [])
    assert world.states() == [(KEY, 1, "superseded", "superseded"), (KEY, 2, "done", None)]
    check(world, append=("people",))


@pytest.mark.parametrize(
    ("action", "operation", "key", "archived"),
    [
        ("delete", "DeleteObject", KEY, []),
        (MOVE, "CopyObject", KEY, [BOB]),
        (MOVE, "DeleteObject", KEY, [ANN, BOB]),
    ],
    ids=["between commit and delete", "between commit and copy", "between copy and delete"],
)
def test_an_object_overwritten_after_its_load_is_left_for_the_next_run(
    world, action, operation, key, archived
):
    world.apply(extract(action), load())
    world.put(KEY, ANN)
    just_before(world, operation, lambda: world.put(KEY, BOB), key)

    first = world.run()
    left = dict(world.server.objects("drop"))
    world.run()

    assert (first["exit"], counts(first), left) == (0, {"found": 1, "loaded": 1}, {KEY: BOB})
    assert (world.rows(), world.keys()) == (sorted_rows(ANN, BOB), [])
    assert list(world.server.objects("archive").values()) == archived
    assert world.states() == [(KEY, 1, "done", "source-replaced"), (KEY, 2, "done", None)]
    check(world, append=("people",))


@pytest.mark.parametrize(
    ("action", "operation", "state", "rows"),
    [
        ("delete", "GetObject", ("gone", "gone"), []),
        ("delete", "DeleteObject", ("done", "already-gone"), sorted_rows(ANN)),
        (MOVE, "CopyObject", ("done", "already-gone"), sorted_rows(ANN)),
    ],
)
def test_an_object_that_somebody_else_deletes_is_named_so_and_hangs_nothing(
    world, action, operation, state, rows
):
    world.apply(extract(action), load())
    world.put(KEY, ANN)
    just_before(world, operation, lambda: world.delete(KEY))

    first, again = world.run(), world.run()

    assert (first["exit"], again["exit"], counts(again)) == (0, 0, {})
    assert (world.rows(), world.states()) == (rows, [(KEY, 1, *state)])
    check(world, append=("people",))


def test_a_b_a_under_one_key_are_three_occurrences(world):
    world.apply(extract("keep", repeats="load"), load())

    for body in (ANN, BOB, ANN):
        world.put(KEY, body)
        world.run()

    assert [state[:3] for state in world.states()] == [(KEY, 1, "done"), (KEY, 2, "done"), (KEY, 3, "done")]
    assert world.rows() == sorted_rows(ANN, ANN, BOB)
    check(world, append=("people",))


@pytest.mark.parametrize(
    ("repeats", "code", "second", "rows"),
    [
        ("load", 0, (KEY, 2, "done", None), sorted_rows(ANN, ANN)),
        ("hold", 3, (KEY, 2, "held", "repeated-bytes"), sorted_rows(ANN)),
        (None, 3, (KEY, 2, "held", "repeated-bytes"), sorted_rows(ANN)),
        ("skip", 0, (KEY, 2, "skipped", "repeated-bytes"), sorted_rows(ANN)),
    ],
    ids=["load", "hold", "by default", "skip"],
)
def test_the_same_bytes_dropped_again_after_their_delete_are_a_new_arrival(
    world, repeats, code, second, rows
):
    world.apply(extract("delete", **({"repeats": repeats} if repeats else {})), load())
    world.put(KEY, ANN)
    world.run()
    world.put(KEY, ANN)

    again = world.run()

    assert (again["exit"], world.states()) == (code, [(KEY, 1, "done", None), second])
    assert world.rows() == rows
    check(world, append=("people",))


def test_the_same_bytes_kept_in_place_are_the_same_file_whenever_they_are_put_again(world):
    world.apply(extract("keep"), load())
    world.put(KEY, ANN)
    world.run()
    world.put(KEY, ANN)

    again = world.run()

    assert (again["exit"], counts(again)) == (0, {"known": 1})
    assert world.rows() == sorted_rows(ANN)


def test_a_held_repeat_loads_once_a_person_accepts_it(world):
    world.apply(extract("delete"), load())
    world.put(KEY, ANN)
    world.run()
    world.put(KEY, ANN)
    world.run()
    world.decide("accept", KEY)

    accepted = world.run()

    assert (accepted["exit"], counts(accepted)) == (0, {"found": 1, "loaded": 1})
    assert (world.rows(), world.keys()) == (sorted_rows(ANN, ANN), [])
    check(world, append=("people",))
