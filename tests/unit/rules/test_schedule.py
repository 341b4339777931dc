"""When schedules fire: over nights on which clocks change, and against a clock that is watched minute by minute."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.errors import RequestWrong
from bucketlift.model.trigger import CronSchedule, Every, PlainSchedule, Weekday
from bucketlift.rules.schedules.firing import (
    latest_fire,
    never_fires,
    next_fire,
    next_fires,
    run_trigger,
)

DENVER, BERLIN, LORD_HOWE, APIA = "America/Denver", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"
SPRING, AUTUMN = "2026-03-08", "2026-11-01"
"""The nights on which Denver's clocks change, at 02:00."""


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(expression, timezone="UTC", **dates):
    return CronSchedule(cron=expression, timezone=timezone, **dates)


def fires_between(schedule, after, until):
    """The moments behind ``after`` and up to ``until``, which is included, each asked for behind the one before."""
    moment = next_fire(schedule, after)
    while moment is not None and moment <= until:
        yield moment
        moment = next_fire(schedule, moment)


def fires(schedule, since, until):
    return [f"{moment:%dT%H:%M}" for moment in fires_between(schedule, at(since), at(until))]


@pytest.mark.parametrize(
    ("expression", "timezone", "since", "until", "expected"),
    [
        # Denver, spring: 02:00 to 02:59 is never shown, and 09:00 UTC is 03:00.
        ("30 1 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T08:30"]),
        ("0 2 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("30 2 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("0 3 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("15,45 2 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("*/30 2 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("0 2,3 * * *", DENVER, "2026-03-08T06:00", "2026-03-09T06:00", ["08T09:00"]),
        ("0 * * * *", DENVER, "2026-03-08T07:00", "2026-03-08T11:00", ["08T08:00", "08T09:00", "08T10:00", "08T11:00"]),
        (
            "*/30 * * * *",
            DENVER,
            "2026-03-08T08:00",
            "2026-03-08T10:00",
            ["08T08:30", "08T09:00", "08T09:30", "08T10:00"],
        ),
        # Denver, autumn: 01:00 to 01:59 is shown twice, from 07:00 UTC and from 08:00 UTC.
        ("30 1 * * *", DENVER, "2026-11-01T05:00", "2026-11-02T05:00", ["01T07:30"]),
        ("59 1 * * *", DENVER, "2026-11-01T05:00", "2026-11-02T05:00", ["01T07:59"]),
        ("30 2 * * *", DENVER, "2026-11-01T05:00", "2026-11-02T05:00", ["01T09:30"]),
        ("0 * * * *", DENVER, "2026-11-01T06:00", "2026-11-01T10:00", ["01T07:00", "01T09:00", "01T10:00"]),
        (
            "*/30 * * * *",
            DENVER,
            "2026-11-01T06:30",
            "2026-11-01T09:30",
            ["01T07:00", "01T07:30", "01T09:00", "01T09:30"],
        ),
        # Berlin: 02:00 to 02:59 is skipped in March, and shown twice in October.
        ("30 2 * * *", BERLIN, "2026-03-28T12:00", "2026-03-30T12:00", ["29T01:00", "30T00:30"]),
        ("30 2 * * *", BERLIN, "2026-10-24T12:00", "2026-10-26T12:00", ["25T00:30", "26T01:30"]),
        ("0 3 * * SUN", BERLIN, "2026-10-20T12:00", "2026-10-26T12:00", ["25T02:00"]),
        # Lord Howe: half an hour is skipped in October (02:00 to 02:29), and doubled in April (01:30 to 01:59).
        ("15 2 * * *", LORD_HOWE, "2026-10-02T16:00", "2026-10-04T16:00", ["03T15:30", "04T15:15"]),
        ("45 1 * * *", LORD_HOWE, "2026-04-03T16:00", "2026-04-05T16:00", ["04T14:45", "05T15:15"]),
        ("*/15 * * * *", LORD_HOWE, "2026-04-04T14:15", "2026-04-04T15:45", ["04T14:30", "04T14:45", "04T15:30", "04T15:45"]),
        # Apia never had a 30 December 2011: it fires as the calendar jumps over that day.
        ("0 2 * * *", APIA, "2011-12-28T12:00", "2011-12-31T12:00", ["29T12:00", "30T10:00", "30T12:00", "31T12:00"]),
        # Kwajalein left out 21 August 1993.
        ("0 0 21 8 *", "Pacific/Kwajalein", "1993-08-20T00:00", "1993-08-23T00:00", ["21T12:00"]),
        # Cairo's clocks jump at midnight.
        ("0 0 * * *", "Africa/Cairo", "2026-04-23T00:00", "2026-04-24T12:00", ["23T22:00"]),
        ("0 2 * * *", "UTC", "2026-03-08T00:00", "2026-03-10T00:00", ["08T02:00", "09T02:00"]),
    ],
)  # fmt: skip
def test_each_named_time_fires_once_in_a_night_on_which_the_clocks_change(
    expression, timezone, since, until, expected
):
    assert fires(cron(expression, timezone), since, until) == expected


CRONS = [
    "30 1 * * *",
    "30 2 * * *",
    "*/30 * * * *",
    "*/7 * * * *",
    "0 * * * *",
    "10 */2 * * *",
    "*/20 1-3 * * *",
    "15,45 0,2 * * *",
    "59 23 * * *",
    "0 0 * * SUN",
    "0 3 1 * *",
    "0 4 L * *",
    "0 2 8 3 SUN",
    "5 1 * * 0#1",
]
NIGHTS = [
    (DENVER, "2026-03-07T12:00"),
    (DENVER, "2026-10-31T12:00"),
    (BERLIN, "2026-03-28T12:00"),
    (BERLIN, "2026-10-24T12:00"),
    (LORD_HOWE, "2026-10-03T04:00"),
    (LORD_HOWE, "2026-04-04T04:00"),
    (APIA, "2011-12-29T12:00"),
    ("UTC", "2026-03-08T00:00"),
    ("America/Sao_Paulo", "2018-11-03T12:00"),
    ("Africa/Cairo", "2026-10-29T12:00"),
]


def watched(schedule, since, minutes):
    """Look at the clock on the wall each minute: a named time has come as soon as it was shown or passed over."""
    zone = ZoneInfo(schedule.timezone)
    around = timedelta(days=3)
    in_utc = fires_between(cron(schedule.cron), since - around, since + timedelta(minutes=minutes) + around)
    named = [moment.replace(tzinfo=None) for moment in in_utc]  # where no time is skipped or doubled
    reached = since.astimezone(zone).replace(tzinfo=None, fold=0)
    found = []
    for minute in range(1, minutes + 1):
        moment = since + timedelta(minutes=minute)
        shown = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        if bisect_right(named, reached) < bisect_right(named, shown):
            found.append(moment)
        reached = max(reached, shown)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("timezone", "since"), NIGHTS)
def test_the_fires_are_those_that_somebody_sees_who_watches_the_clock(timezone, since):
    for expression in CRONS:
        schedule = cron(expression, timezone)

        found = list(fires_between(schedule, at(since), at(since) + timedelta(minutes=1800)))

        assert found == watched(schedule, at(since), 1800), expression


STARTS = st.sampled_from([since for _, since in NIGHTS]).map(at)
ZONES = st.sampled_from([zone for zone, _ in NIGHTS])
STEPS = st.lists(st.integers(1, 90 * 60), min_size=1, max_size=60)


@given(expression=st.sampled_from(CRONS), zone=ZONES, since=STARTS, steps=STEPS)
@settings(deadline=None)
def test_however_the_time_is_cut_into_looks_the_fires_are_the_same_and_each_once(
    expression, zone, since, steps
):
    schedule, looked = cron(expression, zone), since
    found: list[datetime] = []
    for seconds in steps:
        found += fires_between(schedule, looked, looked + timedelta(seconds=seconds))
        looked += timedelta(seconds=seconds)

    assert found == list(fires_between(schedule, since, looked))
    assert found == sorted(set(found))


@given(expression=st.sampled_from(CRONS), zone=ZONES, since=STARTS, seconds=st.integers(0, 3 * 86_400))
@settings(deadline=None)
def test_the_latest_fire_is_the_last_of_all(expression, zone, since, seconds):
    schedule, until = cron(expression, zone), since + timedelta(seconds=seconds)

    latest = latest_fire(schedule, since, until)

    assert latest == max(fires_between(schedule, since, until), default=None)


def test_the_latest_fire_of_a_long_time_is_found_at_once():
    every_minute = cron("* * * * *", DENVER)

    assert latest_fire(every_minute, at("1990-01-01"), at("2026-11-01T08:10")) == at("2026-11-01T07:59")


def test_the_29th_of_february_comes_every_four_years_and_not_in_2100():
    leap = cron("0 0 29 2 *")

    assert [f"{day:%Y}" for day in next_fires(leap, at("2095-01-01"), 3)] == ["2096", "2104", "2108"]


def test_a_leap_day_that_must_be_a_sunday_is_found_across_a_year_without_one():
    assert next_fire(cron("0 0 29 2 */7"), at("2072-03-01")) == at("2088-02-29")


@pytest.mark.parametrize(
    ("expression", "after"),
    [("0 0 1 1 *", "9999-01-01"), ("* * * * *", "9999-12-31T23:58"), ("0 0 29 2 *", "8999-12-31")],
)
def test_the_end_of_time_ends_the_search(expression, after):
    assert next_fire(cron(expression), at(after)) is None


def test_both_ends_are_included_and_skipped_dates_left_out():
    schedule = cron(
        "0 6,18 * * *", BERLIN, start=date(2026, 12, 23), end=date(2026, 12, 26), skip=(date(2026, 12, 25),)
    )

    assert fires(schedule, "2026-01-01", "2027-01-01") == [
        "23T05:00",
        "23T17:00",
        "24T05:00",
        "24T17:00",
        "26T05:00",
        "26T17:00",
    ]
    assert latest_fire(schedule, at("2026-01-01"), at("2026-12-25T20:00")) == at("2026-12-24T17:00")
    assert latest_fire(schedule, at("2026-01-01"), at("2030-01-01")) == at("2026-12-26T17:00")
    assert latest_fire(schedule, at("2020-01-01"), at("2026-12-23T04:00")) is None
    assert next_fire(schedule, at("2026-12-26T17:00")) is None


def test_a_skipped_date_is_one_of_the_schedules_zone():
    evening = cron("0 22 * * *", DENVER, skip=(date(2026, 7, 4),))

    assert fires(evening, "2026-07-03T12:00", "2026-07-06T12:00") == ["04T04:00", "06T04:00"]


def test_a_day_that_the_calendar_jumps_over_can_be_skipped_too():
    schedule = cron("0 2 * * *", APIA, skip=(date(2011, 12, 30),))

    assert fires(schedule, "2011-12-29T00:00", "2011-12-31T00:00") == ["29T12:00", "30T12:00"]


def test_many_skipped_dates_cost_nothing_to_step_over():
    year = tuple(date(2026, 1, 1) + timedelta(days=each) for each in range(365))

    assert next_fire(cron("* * * * *", skip=year), at("2025-12-31T23:59")) == at("2027-01-01")


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"every": Every.DAY}, ["01", "02", "03", "04", "05", "06", "07", "08"]),
        ({"every": Every.WEEKDAY}, ["01", "02", "03", "06", "07", "08"]),
        ({"every": Every.WEEK, "on": (Weekday.SUNDAY, Weekday.TUESDAY)}, ["05", "07"]),
        ({"every": Every.MONTH, "on": (3, 8)}, ["03", "08"]),
    ],
)
def test_plain_words_name_days(plain, expected):
    schedule = PlainSchedule(at=(time(6),), **plain)

    found = fires_between(schedule, at("2026-07-01"), at("2026-07-09"))

    assert [f"{moment:%d}" for moment in found] == expected


def test_plain_words_name_several_times_a_day_in_any_order():
    schedule = PlainSchedule(every=Every.DAY, at=(time(18, 30), time(6)), timezone=BERLIN)

    assert fires(schedule, "2026-07-01", "2026-07-02") == ["01T04:00", "01T16:30"]
    assert latest_fire(schedule, at("2026-07-01"), at("2026-07-01T12:00")) == at("2026-07-01T04:00")


def test_the_last_day_of_a_month_is_the_last_whatever_its_number():
    schedule = PlainSchedule(every=Every.MONTH, on=("last",), at=(time(0),))

    assert [f"{day:%m-%d}" for day in next_fires(schedule, at("2026-01-01"), 4)] == [
        "01-31",
        "02-28",
        "03-31",
        "04-30",
    ]


def test_a_schedule_that_ended_has_fired_once_upon_a_time():
    assert not never_fires(cron("0 0 * * *", end=date(2020, 1, 1)))
    assert never_fires(
        cron("0 0 * * *", start=date(2020, 1, 1), end=date(2020, 1, 1), skip=(date(2020, 1, 1),))
    )


def test_a_run_says_which_time_on_the_wall_it_stands_for():
    assert run_trigger(cron("0 2 * * *", DENVER), at("2026-03-08T09:00")) == "schedule 2026-03-08T03:00-06:00"


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (cron("0 2 * *"), "A cron expression has five fields"),
        (cron("0 0 2 * * *"), "A cron expression has five fields"),
        (cron("0 25 * * *"), "Not a cron expression"),
        (cron("0 " + "9" * 5000 + " * * *"), "Not a cron expression"),
        (cron("0 0 31 2 *"), "Not a cron expression"),
        (cron("0 2 * * *", "Mars/Olympus"), "The time zone does not exist"),
        (cron("0 2 * * *", "../../etc/passwd"), "The time zone does not exist"),
        (cron("0 2 * * *", "America"), "The time zone does not exist"),
    ],
)
def test_a_schedule_that_nobody_can_read_is_refused(schedule, text):
    with pytest.raises(RequestWrong, match=text):
        next_fire(schedule, at("2026-01-01"))


FIELDS = st.text("0123456789*/,-#LWmonja ", max_size=24)


@given(FIELDS)
def test_whatever_stands_in_a_cron_expression_it_is_read_or_refused(expression):
    try:
        next_fire(cron(expression), at("2026-01-01"))
    except RequestWrong as error:
        assert error.to == expression  # noqa: PT017 - either is right


@pytest.mark.parametrize("every", [each for each in Every if each.minutes is not None])
def test_minutes_and_hours_are_evenly_spaced_from_midnight(every):
    minutes = every.minutes
    assert minutes is not None

    found = next_fires(PlainSchedule(every=every), at("2026-11-21T00:00"), 3)

    assert found == tuple(at("2026-11-21T00:00") + timedelta(minutes=minutes * each) for each in (1, 2, 3))
