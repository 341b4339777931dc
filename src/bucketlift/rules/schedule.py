"""When a schedule fires: every time that it names once, whatever the clocks do in its zone.

A time that the clock shows twice fires the first time; one that it jumps over fires at the jump. Times of which
several fall on one moment fire together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from bucketlift.errors import RequestWrong
from bucketlift.model.trigger import Schedule
from bucketlift.rules.schedule_wall import downwards, instant, shown, upwards

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def next_fire(schedule: Schedule, after: datetime) -> datetime | None:
    """The first moment behind ``after``, in UTC; None where there is none any more.

    Raises:
        RequestWrong: the schedule's expression or zone cannot be read.
    """
    return next(_fires(schedule, after), None)


def next_fires(schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
    return tuple(islice(_fires(schedule, after), count))


def latest_fire(schedule: Schedule, after: datetime, until: datetime) -> datetime | None:
    """The last moment behind ``after`` and up to ``until``, which is included; quick, however many there are."""
    zone = _zone(schedule.timezone)
    moments = (instant(wall, zone) for wall in downwards(schedule, shown(until, zone)))
    moment = next((each for each in moments if each <= until), None)
    return moment if moment is not None and moment > after else None


def said_of(schedule: Schedule, moment: datetime) -> str:
    """A run's trigger: which scheduled moment it stands for, by the clock on the wall."""
    return f"schedule {moment.astimezone(_zone(schedule.timezone)).isoformat(timespec='minutes')}"


def never_fires(schedule: Schedule) -> bool:
    """Whether no moment is left even when its first day is still to come."""
    return next_fire(schedule, _LONG_AGO) is None


def _fires(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    zone = _zone(schedule.timezone)
    last = after
    for wall in upwards(schedule, after.astimezone(zone).replace(tzinfo=None, fold=0)):
        moment = instant(wall, zone)
        if moment > last:
            yield moment
            last = moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RequestWrong(
            "There is no time zone of this name", to=name, hint="Name one like Europe/Berlin."
        ) from None
