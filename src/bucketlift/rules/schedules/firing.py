"""The moments at which a schedule starts a run: one for every named time, also across clock changes.

If the clock shows a named time twice, the run starts the first time. If the clock skips a named time, the run
starts when the clock jumps. Several times that are the same moment start one run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from bucketlift.errors import RequestWrong
from bucketlift.model.trigger import Schedule
from bucketlift.rules.schedules.wall_times import instant, shown, times_after, times_until

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def next_fire(schedule: Schedule, after: datetime) -> datetime | None:
    """The first moment after ``after`` at which the schedule starts a run, in UTC; None if there is none.

    Raises:
        RequestWrong: the schedule's expression or zone is invalid.
    """
    return next(_fires(schedule, after), None)


def next_fires(schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
    return tuple(islice(_fires(schedule, after), count))


def latest_fire(schedule: Schedule, after: datetime, until: datetime) -> datetime | None:
    """The last moment after ``after``, up to and including ``until``, at which the schedule starts a run.

    The search is fast for any number of moments.
    """
    zone = _zone(schedule.timezone)
    moments = (instant(wall, zone) for wall in times_until(schedule, shown(until, zone)))
    moment = next((each for each in moments if each <= until), None)
    return moment if moment is not None and moment > after else None


def run_trigger(schedule: Schedule, moment: datetime) -> str:
    """The trigger of a run that a schedule started: the scheduled moment, in local time."""
    return f"schedule {moment.astimezone(_zone(schedule.timezone)).isoformat(timespec='minutes')}"


def never_fires(schedule: Schedule) -> bool:
    """Whether a schedule has no time at all, in the past or in the future."""
    return next_fire(schedule, _LONG_AGO) is None


def _fires(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    zone = _zone(schedule.timezone)
    last = after
    for wall in times_after(schedule, after.astimezone(zone).replace(tzinfo=None, fold=0)):
        moment = instant(wall, zone)
        if moment > last:
            yield moment
            last = moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise RequestWrong(
            "The time zone does not exist", to=name, hint="Use a name such as Europe/Berlin."
        ) from None
