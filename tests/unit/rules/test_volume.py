"""An unusual number of rows: against the median of the same weekday, quiet if there are few runs or wide spread."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bucketlift.model.trigger import CronSchedule, OnSchedule
from bucketlift.rules.health.volume import Usual, compared, of_weekday, zone_of
from builders import a_workflow

MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("rows", "earlier", "unusual"),
    [
        (1000, [1000] * 8, False),
        (501, [1000] * 8, False),
        (499, [1000] * 8, True),
        (2000, [1000] * 8, False),
        (2001, [1000] * 8, True),
        (0, [1000] * 4, True),
        (4, [12, 13, 12, 13], False),  # 8 rows apart
        (0, [12, 13, 12, 13], True),
        (300, [1000, 100, 1900, 400, 1500, 50, 2000, 700], False),  # the numbers vary this much
        (30_000, [1000, 100, 1900, 400, 1500, 50, 2000, 700], True),
        (1000, [1000, 1000, 1000, 1000, 1000, 90_000, 90_000, 90_000], False),  # some runs were unusual
    ],
)
def test_far_is_half_or_twice_the_median_and_outside_of_the_usual_spread(rows, earlier, unusual):
    found = compared(rows, earlier)

    assert found is not None
    assert found.is_unusual is unusual


def test_nothing_is_decided_below_the_minimum():
    assert compared(0, [1000] * 3) is None


def test_only_the_newest_runs_count():
    assert compared(1000, [1000] * 8 + [1] * 50) == Usual(rows=1000, is_unusual=False)


def test_the_weekday_is_that_of_the_time_zone():
    runs = [(MONDAY - DAY * number, number) for number in range(15)]

    utc = of_weekday(runs, MONDAY, ZoneInfo("UTC"))
    denver = of_weekday(
        [(MONDAY - DAY + timedelta(hours=8), 5), (MONDAY, 6)], MONDAY, ZoneInfo("America/Denver")
    )

    assert utc == (0, 7, 14)
    assert denver == (5, 6)  # 19:00 on Sunday, twice


def test_the_first_schedule_gives_the_time_zone():
    trigger = OnSchedule(schedule=CronSchedule(cron="0 2 * * *", timezone="Europe/Berlin"))

    zones = [zone_of(a_workflow()), zone_of(a_workflow(triggers=(trigger,)))]

    assert zones == [ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")]
