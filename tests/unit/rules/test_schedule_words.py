"""Triggers as people read them."""

from __future__ import annotations

from datetime import date, time

import pytest

from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import (
    AfterWorkflow,
    CronSchedule,
    Every,
    OnFinish,
    OnSchedule,
    PlainSchedule,
    Weekday,
)
from bucketlift.rules.schedules.words import words


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0 2 * * *", "every day at 02:00, UTC"),
        ("0 6,18 * * *", "every day at 06:00 and 18:00, UTC"),
        ("30 2 * * MON-FRI", "on Monday through Friday at 02:30, UTC"),
        ("0 6 1,15,L * *", "on the first, the 15th, and the last day of month at 06:00, UTC"),
        ("0 0 1 1 *", "on January 1 at 00:00, UTC"),
        ("*/15 8-18 * * 1-5", "every 15th minute from 08:00 through 18:59 on Monday through Friday, UTC"),
        ("5 * * * *", "at minute 5 of every hour, UTC"),
        ("0 0 31 2 *", "never: 0 0 31 2 *, UTC"),
    ],
)
def test_a_cron_expression_is_told_in_words(expression, text):
    assert words(OnSchedule(schedule=CronSchedule(cron=expression))) == text


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ({"every": Every.DAY}, "every day at 06:00 and 18:30, UTC"),
        ({"every": Every.WEEKDAY}, "every weekday at 06:00 and 18:30, UTC"),
        (
            {"every": Every.WEEK, "on": (Weekday.MONDAY, Weekday.THURSDAY)},
            "on Monday and Thursday at 06:00 and 18:30, UTC",
        ),
        (
            {"every": Every.MONTH, "on": (1, "last")},
            "on the first and the last day of month at 06:00 and 18:30, UTC",
        ),
    ],
)
def test_plain_words_stay_plain(plain, text):
    schedule = PlainSchedule(at=(time(18, 30), time(6)), **plain)

    assert words(OnSchedule(schedule=schedule)) == text


@pytest.mark.parametrize(
    ("dates", "text"),
    [
        ({"start": date(2026, 1, 1)}, "from 2026-01-01"),
        ({"end": date(2026, 12, 31), "skip": (date(2026, 12, 25),)}, "until 2026-12-31 except 2026-12-25"),
        (
            {"skip": (date(2027, 1, 1), date(2026, 12, 25), date(2026, 12, 24))},
            "except 2026-12-24, 2026-12-25 and 2027-01-01",
        ),
        ({"skip": tuple(date(2026, 1, day) for day in range(1, 5))}, "except 4 dates"),
    ],
)
def test_dates_are_told_behind_the_zone(dates, text):
    schedule = CronSchedule(cron="0 2 * * *", timezone="America/Denver", **dates)

    assert words(OnSchedule(schedule=schedule)) == f"every day at 02:00, America/Denver {text}"


def test_a_workflow_that_follows_names_what_it_waits_for():
    after = AfterWorkflow(workflow="nightly", when=(RunState.SUCCEEDED, RunState.FAILED))

    assert words(OnFinish(after=after)) == "after nightly succeeded or failed"


@pytest.mark.parametrize(
    ("every", "text"),
    [
        (Every.MINUTES_15, "every 15 minutes, UTC"),
        (Every.MINUTES_1, "every minute, UTC"),
        (Every.HOURS_1, "every hour, UTC"),
        (Every.HOURS_4, "every 4 hours, UTC"),
    ],
)
def test_minutes_and_hours_are_told_as_they_were_chosen(every, text):
    assert words(OnSchedule(schedule=PlainSchedule(every=every))) == text
