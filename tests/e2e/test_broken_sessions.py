"""Sessions that end, roles that stop to trust, and clocks that drift, in the middle of a run: nothing is lost or doubled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.testing.faults import Calls
from e2e.checker import check
from e2e.world import extract, load, sorted_rows, table_of

ANN = table_of(("1", "Ann"))
MOVE = {"action": "move", "bucket": "archive", "prefix": "old/"}

PLACES = {"GetObject": "in/a.csv", "CopyObject": "old/in/a.csv", "DeleteObject": "in/a.csv"}
"""Of the file's own calls: before them, probes make the same ones."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("call", ["ListObjectsV2", "GetObject", "CopyObject", "DeleteObject"])
def test_a_session_that_ends_before_a_call_is_renewed(world, call):
    world.apply(extract(MOVE), load())
    world.put("in/a.csv", ANN)
    world.server.faults.add(call, Calls(before=world.server.expire_sessions))

    ran = world.run()

    assert (ran["exit"], ran["attention"]) == (0, 0)
    assert (world.rows(), world.keys(), world.keys("archive")) == (sorted_rows(ANN), [], ["old/in/a.csv"])
    check(world, append=("people",))


@pytest.mark.parametrize(
    ("call", "rows"),
    [("GetObject", []), ("CopyObject", sorted_rows(ANN)), ("DeleteObject", sorted_rows(ANN))],
)
@pytest.mark.parametrize("trouble", ["trust", "clock"])
def test_a_role_that_trusts_no_more_and_a_clock_that_drifts_stop_the_run_and_delete_nothing(
    world, trouble, call, rows
):
    world.apply(extract(MOVE), load())
    world.put("in/a.csv", ANN)

    def break_off():
        if trouble == "trust":
            world.server.distrust("bucketlift")
        else:
            world.server.clock_is_ahead(timedelta(minutes=20))
        world.server.expire_sessions()

    world.server.faults.add(call, Calls(before=break_off), key=PLACES[call])
    first = world.run()
    left = (world.keys(), world.rows())
    world.server.clock_is_ahead(timedelta(0))
    world.grant()
    waiting = [each["key"] for each in world.files() if each["state"] in ("action-held", "held")]
    world.decide("retry", *waiting)

    second = world.run()

    assert first["exit"] in (1, 3)
    assert left == (["in/a.csv"], rows)
    assert (second["exit"], second["attention"]) == (0, 0)
    assert (world.rows(), world.keys(), world.keys("archive")) == (sorted_rows(ANN), [], ["old/in/a.csv"])
    check(world, append=("people",))
