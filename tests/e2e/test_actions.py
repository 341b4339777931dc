"""What becomes of objects after their import."""

from __future__ import annotations

import pytest

from e2e.checker import check
from e2e.world import (
    counts,
    extract,
    load,
    loaded,
    sorted_rows,
    table_of,
)

ANN = table_of(("1", "Ann"))
BOB = table_of(("2", "Bob"))
MOVE = {"action": "move", "bucket": "archive", "prefix": "done/"}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("action", "left", "archived"),
    [
        ("keep", ["in/a.csv", "in/b/a.csv"], []),
        ("delete", [], []),
        (MOVE, [], ["done/in/a.csv", "done/in/b/a.csv"]),
        ({"action": "rename", "prefix": "ok-"}, ["in/b/ok-a.csv", "in/ok-a.csv"], []),
    ],
    ids=["keep", "delete", "move", "rename"],
)
def test_files_are_loaded_once_and_their_objects_end_as_asked(world, action, left, archived):
    world.apply(extract(action), load())
    world.put("in/a.csv", ANN)
    world.put("in/b/a.csv", BOB)

    first, again = world.run(), world.run()

    assert (first["exit"], counts(first), loaded(first)) == (
        0,
        {"found": 2, "loaded": 2},
        {"people": (2, 0, 0)},
    )
    assert (again["exit"], counts(again).get("found"), loaded(again)) == (0, None, {"people": (0, 0, 0)})
    assert world.rows() == sorted_rows(ANN, BOB)
    assert (world.keys(), world.keys("archive")) == (left, archived)
    check(world, append=("people",))


def test_the_same_name_with_other_bytes_every_day_is_archived_beside_the_first(world):
    world.apply(extract(MOVE), load())
    world.put("in/daily.csv", ANN)
    world.run()
    world.put("in/daily.csv", BOB)

    world.run()

    first, second = world.keys("archive")
    assert first == "done/in/daily.csv"
    assert second.startswith("done/in/daily~")
    assert list(world.server.objects("archive").values()) == [ANN, BOB]
    assert world.rows() == sorted_rows(ANN, BOB)
    check(world, append=("people",))
