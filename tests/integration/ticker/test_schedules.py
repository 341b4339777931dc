"""The ticker asks for each scheduled run once: while it runs, after it was away, and beside another one."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bucketlift.engine.worker.ticker import LOOK_EVERY
from bucketlift.ledger import tables
from bucketlift.ledger.triggers.schedules import Schedules
from builders import NOON
from integration.ticker.scene import cron

DENVER = "America/Denver"
NIGHT_CRONS = {"half-past-one": "30 1 * * *", "half-past-two": "30 2 * * *", "halves": "*/30 * * * *", "hours": "0 * * * *"}  # fmt: skip


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def replay(scene, since, hours):
    """Minute by minute; two tickers look at each of them, and both begin anew every eleven minutes."""
    scene.clock.at = at(since)
    for key, expression in NIGHT_CRONS.items():
        scene.save(key, cron(expression, DENVER))
    tickers = [scene.ticker(), scene.ticker()]
    for minute in range(1, hours * 60 + 1):
        scene.clock.at = at(since) + timedelta(minutes=minute)
        for each in tickers:
            each.tick()
        for key in NIGHT_CRONS:
            scene.finish_all(key)
        if minute % 11 == 0:
            tickers = [scene.ticker(), scene.ticker()]
    return {key: [said.removeprefix("schedule ")[8:] for said in scene.asked(key)] for key in NIGHT_CRONS}


@pytest.mark.slow
def test_a_night_that_loses_an_hour_asks_for_each_named_time_once(scene):
    assert replay(scene, "2026-03-08T07:45", 3) == {
        "half-past-one": ["08T01:30-07:00"],
        "half-past-two": ["08T03:00-06:00"],
        "halves": [
            "08T01:00-07:00",
            "08T01:30-07:00",
            "08T03:00-06:00",
            "08T03:30-06:00",
            "08T04:00-06:00",
            "08T04:30-06:00",
        ],
        "hours": ["08T01:00-07:00", "08T03:00-06:00", "08T04:00-06:00"],
    }


@pytest.mark.slow
def test_a_night_that_has_an_hour_twice_asks_for_each_named_time_once(scene):
    assert replay(scene, "2026-11-01T06:45", 3) == {
        "half-past-one": ["01T01:30-06:00"],
        "half-past-two": ["01T02:30-07:00"],
        "halves": ["01T01:00-06:00", "01T01:30-06:00", "01T02:00-07:00", "01T02:30-07:00"],
        "hours": ["01T01:00-06:00", "01T02:00-07:00"],
    }


def test_a_time_is_asked_for_once_and_says_which_it_was(scene):
    scene.save("nightly", cron("0 2 * * *", DENVER))
    scene.clock.at = at("2026-03-02T09:00:05")

    first, again = scene.tick(), scene.tick()

    assert (first, again) == ([("nightly", "schedule 2026-03-02T02:00-07:00")], [])


def test_several_tickers_at_one_moment_ask_once(shared):
    shared.save("nightly", cron("0 2 * * *"))
    shared.clock.at = at("2026-03-02T02:00")
    tickers = [shared.ticker(shared.connect()) for _ in range(4)]
    begin = threading.Barrier(len(tickers))
    asked: list[str] = []

    def tick(ticker):
        begin.wait()
        asked.extend(run.trigger for run in ticker.tick().asked)

    threads = [threading.Thread(target=tick, args=(each,)) for each in tickers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert asked == ["schedule 2026-03-02T02:00+00:00"]
    assert shared.asked("nightly") == asked


def test_a_run_missed_for_long_is_made_up_once_and_stands_for_the_latest_time(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-06-30T14:00")
    made_up = scene.tick()
    scene.finish_all("nightly")
    scene.clock.at = at("2026-07-01T02:00")

    assert (made_up, scene.tick()) == (
        [("nightly", "schedule 2026-06-30T02:00+00:00")],
        [("nightly", "schedule 2026-07-01T02:00+00:00")],
    )


def test_what_was_missed_after_the_last_date_is_not_made_up_but_what_was_before_is(scene):
    scene.save("ended", cron("0 2 * * *", end=date(2026, 3, 5)))
    scene.save("to-come", cron("0 2 * * *", start=date(2027, 1, 1)))
    scene.clock.at = at("2026-06-30T14:00")

    assert scene.tick() == [("ended", "schedule 2026-03-05T02:00+00:00")]


def test_a_schedule_does_not_fire_for_what_came_before_it(scene):
    scene.clock.at = at("2026-03-02T02:00:01")
    scene.save("nightly", cron("0 2 * * *"))

    assert scene.tick() == []


def test_a_schedule_that_was_saved_just_in_time_fires_although_the_ticker_looks_later(scene):
    scene.clock.at = at("2026-03-02T01:59:50")
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-03-02T02:00:15")

    assert scene.tick() == [("nightly", "schedule 2026-03-02T02:00+00:00")]


def test_a_changed_schedule_starts_at_its_change_also_when_it_is_changed_back(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.save("nightly", cron("0 3 * * *"))
    scene.clock.at = at("2026-03-09T12:00")
    scene.save("nightly", cron("0 2 * * *"))

    assert scene.tick() == []


def test_a_change_of_something_else_leaves_a_missed_run_to_be_made_up(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-03-02T12:00")
    scene.save("nightly", cron("0 2 * * *"), cron("0 5 * * *"), title="Nightly people")

    assert scene.tick() == [("nightly", "schedule 2026-03-02T02:00+00:00")]


def test_a_workflow_that_is_switched_off_does_not_fire_nor_make_up_for_that_time(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.catalog.enable("nightly", enabled=False, now=scene.clock.now())
    scene.clock.at = at("2026-03-05T12:00")
    off = scene.tick()
    scene.catalog.enable("nightly", enabled=True, now=scene.clock.now())
    on_again = scene.tick()
    scene.clock.at = at("2026-03-06T02:00")

    assert (off, on_again, scene.tick()) == ([], [], [("nightly", "schedule 2026-03-06T02:00+00:00")])


def test_a_workflow_that_is_deleted_and_made_again_begins_anew(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.delete("nightly")
    scene.clock.at = at("2026-03-05T12:00")
    gone = scene.tick()
    scene.save("nightly", cron("0 2 * * *"))

    assert (gone, scene.tick()) == ([], [])


def test_a_workflow_that_is_switched_off_while_a_ticker_looks_is_not_asked(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-03-02T02:00")
    late = scene.ticker()
    standing = scene.catalog.all()
    late._definitions = type("Stale", (), {"readable": lambda _: standing})()
    scene.catalog.enable("nightly", enabled=False, now=scene.clock.now())

    assert late.tick().asked == ()
    assert scene.asked("nightly") == []


def test_triggers_that_overlap_join_the_run_that_waits(scene):
    scene.save("nightly", cron("0 2 * * *"), cron("0 2,3 * * *"))
    scene.clock.at = at("2026-03-02T02:00")
    scene.tick()
    scene.clock.at = at("2026-03-02T03:00")
    scene.tick()

    assert scene.asked("nightly") == ["schedule 2026-03-02T02:00+00:00"]


def test_a_run_that_is_at_work_is_followed_by_one_more(scene):
    scene.save("nightly", cron("0 * * * *"))
    scene.clock.at = at("2026-03-02T02:00")
    scene.tick()
    (run,) = scene.runs.unfinished("nightly")
    lease = scene.runs.take_lease("nightly", "worker-1", lambda _: True)
    scene.runs.begin(run.id, lease, worker="worker-1", now=scene.clock.now())
    for hour in (3, 4, 5):
        scene.clock.at = at(f"2026-03-02T0{hour}:00")
        scene.tick()

    assert scene.asked("nightly") == ["schedule 2026-03-02T02:00+00:00", "schedule 2026-03-02T03:00+00:00"]


def test_a_clock_that_is_set_back_repeats_nothing(scene):
    scene.save("nightly", cron("0 * * * *"))
    scene.clock.at = at("2026-03-02T04:00")
    scene.tick()
    scene.finish_all("nightly")
    scene.clock.at = at("2026-03-02T02:59:30")
    back = [scene.tick()]
    for minute in (60, 120, 180):
        scene.clock.at = at("2026-03-02T03:00") + timedelta(minutes=minute - 60)
        back.append(scene.tick())

    assert back == [[], [], [], [("nightly", "schedule 2026-03-02T05:00+00:00")]]


def test_a_clock_that_was_years_ahead_does_not_silence_a_schedule(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2031-01-01T12:00")
    scene.tick()
    scene.finish_all("nightly")
    scene.clock.at = at("2026-03-05T12:00")
    righted = scene.tick()
    scene.clock.at = at("2026-03-06T02:00")

    assert (righted, scene.tick()) == ([], [("nightly", "schedule 2026-03-06T02:00+00:00")])


def test_it_looks_again_when_the_next_time_comes_but_soon_enough_to_see_changes(scene):
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-03-02T01:59:50")
    close = scene.ticker().tick().look_at
    scene.clock.at = at("2026-03-02T05:00")
    far = scene.ticker().tick().look_at

    assert (close, far) == (at("2026-03-02T02:00"), at("2026-03-02T05:00") + LOOK_EVERY)


def test_a_stored_schedule_that_nobody_can_read_does_not_stop_the_others(scene):
    scene.save("broken", cron("0 0 31 2 *"))
    scene.save("nowhere", cron("0 2 * * *", "Mars/Olympus"))
    scene.save("nightly", cron("0 2 * * *"))
    scene.clock.at = at("2026-03-02T02:00")

    assert scene.tick() == [("nightly", "schedule 2026-03-02T02:00+00:00")]


def test_a_definition_of_the_first_version_fires_from_the_first_look_on(scene):
    scene.save("nightly")
    versions = tables.workflow_versions
    with scene.database.writing() as connection:
        stored = connection.scalar(sa.select(versions.c.definition))
        stored["triggers"] = [
            {"schedule": {"cron": "0 2 * * *", "timezone": DENVER}},
            {"arrival": {"queue": "q"}},
        ]
        connection.execute(sa.update(versions).values(definition=stored))
    scene.clock.at = at("2026-03-05T12:00")
    first = scene.tick()
    scene.clock.at = at("2026-03-06T09:00")

    assert (first, scene.tick()) == ([], [("nightly", "schedule 2026-03-06T02:00-07:00")])
    scene.save("nightly", cron("0 2 * * *", DENVER))
    assert scene.catalog.workflow("nightly").version == 1


def test_a_workflow_that_cannot_be_read_stops_no_other(scene):
    scene.save("broken", cron("0 13 * * *"))
    scene.save("nightly", cron("0 13 * * *"))
    with scene.database.writing() as connection:
        versions = tables.workflow_versions
        of_it = versions.c.workflow == "broken"
        connection.execute(versions.update().where(of_it).values(definition={"key": "broken"}))
    scene.clock.at = NOON + timedelta(hours=1)

    assert scene.tick() == [("nightly", "schedule 2026-03-01T13:00+00:00")]


def test_a_workflow_that_was_deleted_since_it_was_looked_at_is_not_watched(scene):
    scene.save("nightly", cron("0 13 * * *"))
    scene.delete("nightly")

    Schedules(scene.database).begin("nightly", "schedule:1", now=NOON)

    assert Schedules(scene.database).marks() == {}
