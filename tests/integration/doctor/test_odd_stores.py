"""Stores that answer oddly: what a run makes of them, and the doctor's table on each."""

from __future__ import annotations

from typing import Any

import pytest

from bucketlift.testing import oddities
from bucketlift.testing.faults import Fault, Refuses, Rewrites, SparesKeys, WithoutLength
from e2e.world import EVERYTHING, World, extract, load, table_of
from integration.doctor.conftest import Makes, examine, short

pytestmark = pytest.mark.slow

ODD, FINE, OUTSIDE = "in/a b.csv", "in/b.csv", "in-the-past.csv"
ALWAYS = 999


def on(make: Makes, operation: str, fault: Fault, **more: Any) -> World:
    """A world with two files to load and one that nobody asked for, whose store does this from now on."""
    world = make(empty=True)
    world.apply(extract("delete", **more), load(), granted=EVERYTHING)
    for key, row in ((ODD, ("1", "Ann")), (FINE, ("2", "Bob")), (OUTSIDE, ("3", "Cid"))):
        world.put(key, table_of(row))
    world.server.faults.add(operation, fault, times=ALWAYS)
    return world


LISTINGS: dict[str, tuple[Rewrites, str]] = {
    "no ETag": (Rewrites(answer=oddities.without("ETag", of=ODD)), "no ETag"),
    "no Size": (Rewrites(answer=oddities.without("Size", of=ODD)), "no Size"),
    "negative Size": (Rewrites(answer=oddities.with_text("Size", "-4", of=ODD)), "no usable Size"),
    "no LastModified": (Rewrites(answer=oddities.without("LastModified", of=ODD)), "no LastModified"),
    "two entries that differ": (
        Rewrites(answer=oddities.twice(ODD, ("<Size>.", "<Size>5"))),
        "more than once",
    ),
}


@pytest.mark.parametrize("odd", LISTINGS)
def test_an_odd_entry_of_a_listing_holds_its_file_and_the_others_are_loaded(make: Makes, odd: str) -> None:
    fault, word = LISTINGS[odd]
    world = on(make, "ListObjectsV2", fault)

    runs = [world.run() for _ in range(2)]
    report = examine(world)

    (held,) = [each for each in runs[0]["files"] if each["state"] == "held"]
    assert (held["key"], held["reason"], runs[0]["exit"]) == (ODD, "bad-listing", 3)
    assert word in held["what"]
    assert [run["attention"] for run in runs] == [1, 1]
    assert world.rows() == [("2", "Bob")]
    assert world.keys() == [OUTSIDE, ODD]
    assert short(report) == {"entries": "warning"}

    world.server.faults.clear()
    mended = world.run()

    assert (mended["exit"], mended["attention"]) == (0, 0)
    assert sorted(world.rows()) == [("1", "Ann"), ("2", "Bob")]
    assert world.keys() == [OUTSIDE]


def test_an_entry_that_becomes_odd_after_its_load_is_not_loaded_again_when_it_is_sound(make: Makes) -> None:
    fault, _ = LISTINGS["no ETag"]
    world = make(empty=True)
    world.apply(extract("keep", repeats="load"), load(), granted=EVERYTHING)
    world.put(ODD, table_of(("1", "Ann")))
    first = world.run()
    world.server.faults.add("ListObjectsV2", fault, times=ALWAYS)
    odd = world.run()
    world.server.faults.clear()

    passed = world.run()

    assert [each["exit"] for each in (first, odd, passed)] == [0, 3, 0]
    assert (odd["attention"], passed["attention"]) == (1, 0)
    assert world.rows() == [("1", "Ann")]


def test_identical_entries_of_a_key_are_loaded_once(make: Makes) -> None:
    world = on(make, "ListObjectsV2", Rewrites(answer=oddities.twice(ODD)))

    run, report = world.run(), examine(world)

    assert (run["exit"], sorted(world.rows()), world.keys()) == (0, [("1", "Ann"), ("2", "Bob")], [OUTSIDE])
    assert (report.passed, short(report)) == (True, {})  # the doctor came when all was loaded


def test_the_doctor_tells_entries_that_are_repeated_from_entries_that_differ(make: Makes) -> None:
    world = on(make, "ListObjectsV2", Rewrites(answer=oddities.twice(ODD)))
    same = examine(world)
    world.server.faults.clear()
    differing = Rewrites(answer=oddities.twice(ODD, ("<Size>.", "<Size>5")))
    world.server.faults.add("ListObjectsV2", differing, times=ALWAYS)

    other = examine(world)

    told = [each.what for report in (same, other) for each in report.findings if each.check == "entries"]
    assert told == [
        "The listing repeats 1 of its entries, with the same data",
        f"The listing contains the object more than once, with different ETags or sizes: {ODD!a}",
    ]


def test_the_listing_of_another_bucket_is_no_listing_of_ours(make: Makes) -> None:
    world = on(make, "ListObjectsV2", Rewrites(answer=oddities.with_text("Name", "other")))

    report, run = examine(world), world.run()

    assert (short(report), run["exit"], world.rows()) == ({"list": "missing"}, 1, [])
    assert world.keys() == [OUTSIDE, ODD, FINE]


def test_a_body_in_chunks_is_loaded(make: Makes) -> None:
    world = on(make, "GetObject", WithoutLength())

    report, run = examine(world), world.run()

    assert (run["exit"], sorted(world.rows()), world.keys()) == (0, [("1", "Ann"), ("2", "Bob")], [OUTSIDE])
    assert short(report) == {}


def test_a_store_that_ignores_the_prefix_has_nothing_loaded_or_deleted(make: Makes) -> None:
    world = on(make, "ListObjectsV2", Rewrites(request=oddities.ignoring("prefix")))

    report, run = examine(world), world.run()

    assert (run["exit"], run["state"]) == (1, "failed")
    assert "ignores `prefix`" in str(run["tasks"][0]["error"])
    assert world.keys() == [OUTSIDE, ODD, FINE]
    assert (report.passed, short(report)) == (False, {"list": "missing", "prefix": "ignored"})


def test_a_prefix_that_is_ignored_is_found_before_another_object_is_there(make: Makes) -> None:
    world = make()
    world.server.faults.add("ListObjectsV2", Rewrites(request=oddities.ignoring("prefix")), times=ALWAYS)

    report = examine(world)

    assert (report.passed, short(report)) == (False, {"prefix": "ignored"})


CONTRADICTIONS: dict[str, tuple[str, Rewrites, str]] = {
    "keys encoded": ("ListObjectsV2", Rewrites(answer=oddities.keys_encoded_once_more), "found none"),
    "another ETag": ("GetObject", Rewrites(answer=oddities.other_etag), "found another one"),
}


@pytest.mark.parametrize("odd", CONTRADICTIONS)
def test_a_store_whose_objects_are_not_as_listed_is_told_by_the_second_run(make: Makes, odd: str) -> None:
    operation, fault, what = CONTRADICTIONS[odd]
    world = on(make, operation, fault, pattern="a*")

    runs = [world.run() for _ in range(3)]
    report = examine(world)

    (held,) = [each for each in runs[1]["files"] if each["state"] == "held"]
    assert (held["reason"], [run["exit"] for run in runs]) == ("not-as-listed", [0, 3, 0])
    assert what in held["what"]
    assert [run["attention"] for run in runs] == [0, 1, 1]
    assert world.rows() == []
    assert (report.passed, short(report)) == (False, {"get": "missing"})

    world.server.faults.clear()
    world.decide("retry", held["key"])
    mended = world.run()

    assert (mended["exit"], mended["attention"], world.rows()) == (0, 0, [("1", "Ann")])


def test_an_object_that_was_called_replaced_and_is_listed_as_it_was_loaded_is_told(make: Makes) -> None:
    refuses = Refuses(status=412, code="PreconditionFailed")
    world = on(make, "DeleteObject", refuses, pattern="a*")
    world.server.faults.add("DeleteObjects", SparesKeys(keys=[ODD], code="PreconditionFailed"), times=ALWAYS)

    runs = [world.run() for _ in range(3)]

    assert [(run["exit"], run["attention"]) for run in runs] == [(0, 0), (3, 1), (0, 1)]
    assert world.states() == [(ODD, 1, "action-held", "not-as-listed")]
    assert (world.rows(), world.keys()) == ([("1", "Ann")], [OUTSIDE, ODD, FINE])

    world.server.faults.clear()
    world.decide("retry", ODD)
    mended = world.run()

    assert (mended["exit"], mended["attention"], world.rows()) == (0, 0, [("1", "Ann")])
    assert (world.states(), world.keys()) == ([(ODD, 1, "done", None)], [OUTSIDE, FINE])


def test_keys_that_are_called_encoded_and_are_not_are_seen_through(make: Makes) -> None:
    world = make(empty=True)
    world.put("in/a+b.csv", table_of(("1", "Ann")))
    world.server.faults.add("ListObjectsV2", Rewrites(answer=oddities.keys_not_encoded), times=ALWAYS)

    assert short(examine(world)) == {"get": "missing"}


def test_an_object_that_is_deleted_and_comes_again_is_loaded(make: Makes) -> None:
    from bucketlift.testing.faults import Calls  # noqa: PLC0415 - beside its one use

    world = make(empty=True)
    world.apply(extract("delete"), load(), granted=EVERYTHING)
    world.put(ODD, table_of(("1", "Ann")))
    world.server.faults.add("GetObject", Calls(before=lambda: world.delete(ODD)))
    gone = world.run()
    world.put(ODD, table_of(("1", "Ann")))

    back = world.run()

    assert ([each["state"] for each in gone["files"]], gone["exit"]) == (["gone"], 0)
    assert (back["exit"], back["attention"], world.rows()) == (0, 0, [("1", "Ann")])
