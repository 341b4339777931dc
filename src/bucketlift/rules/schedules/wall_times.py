"""The local times that a schedule names in its time zone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bucketlift.errors import RequestWrong
from bucketlift.model.trigger import CronSchedule, Dates, Every, PlainSchedule, Schedule, Weekday

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_WEEK = tuple(Weekday)
LAST_DAY = date(9000, 1, 1)
"""The last day of the search. It is so early that adding decades to a time cannot overflow."""


def crons(schedule: Schedule) -> tuple[str, ...]:
    """The cron expressions of a schedule. A plain schedule has one for each time of day."""
    match schedule:
        case CronSchedule(cron=cron):
            return (cron,)
        case PlainSchedule(every=every) if every.minutes is not None:
            hours = every.minutes // 60
            return (f"0 */{hours} * * *" if hours else f"*/{every.minutes} * * * *",)
        case PlainSchedule(at=at):
            return tuple(f"{each.minute} {each.hour} {days(schedule)}" for each in at)


def days(schedule: PlainSchedule) -> str:
    """The last three fields of the cron expression for a schedule: day of month, month, day of week."""
    match schedule.every:
        case Every.DAY:
            return "* * *"
        case Every.WEEKDAY:
            return "* * 1-5"
        case Every.WEEK:
            return "* * " + ",".join(str(_WEEK.index(Weekday(str(day)))) for day in schedule.on)
        case Every.MONTH:
            return ",".join("L" if day == "last" else str(day) for day in schedule.on) + " * *"
        case _:
            return "* * *"


def local_times(cron: str, start: datetime, *, back: bool = False) -> CronSim:
    """Yield the times after ``start``, in order. ``start`` has no time zone: clock changes are not considered
    here.

    Raises:
        RequestWrong: the text is not a cron expression of five fields, or names a day that no month has.
    """
    if len(cron.split()) != 5:
        raise RequestWrong(
            "A cron expression has five fields",
            to=cron,
            hint="Write minute, hour, day, month and day of week.",
        )
    try:
        return CronSim(cron, start, reverse=back)
    except (CronSimError, ValueError) as error:
        raise RequestWrong(f"Not a cron expression ({str(error).lower()})", to=cron) from None


def times_after(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Yield the times of the schedule after the time ``after``, in order, each once."""
    return _each_once(merge(*(_times_after(cron, schedule, after) for cron in crons(schedule))))


def times_until(schedule: Schedule, before: datetime) -> Iterator[datetime]:
    """Yield the times of the schedule up to and including the time ``before``, the latest first, each once."""
    walks = (_times_until(cron, schedule, before) for cron in crons(schedule))
    return _each_once(merge(*walks, reverse=True))


def _times_after(cron: str, schedule: Dates, after: datetime) -> Iterator[datetime]:
    if schedule.start is not None:
        after = max(after, _midnight(schedule.start) - _SECOND)
    last = min(schedule.end or LAST_DAY, LAST_DAY)
    walk = local_times(cron, min(after, _midnight(LAST_DAY)))
    for wall in walk:
        if wall.date() > last:
            return
        if wall.date() in schedule.skip:
            walk.dt = _midnight(wall.date()) + _DAY - _SECOND
        else:
            yield wall


def _times_until(cron: str, schedule: Dates, before: datetime) -> Iterator[datetime]:
    before = before.replace(microsecond=0) + _SECOND
    if schedule.end is not None:
        before = min(before, _midnight(schedule.end) + _DAY)
    walk = local_times(cron, before, back=True)
    for wall in walk:
        if schedule.start is not None and wall.date() < schedule.start:
            return
        if wall.date() in schedule.skip:
            walk.dt = _midnight(wall.date())
        else:
            yield wall


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _each_once(walls: Iterator[datetime]) -> Iterator[datetime]:
    last = None
    for wall in walls:
        if wall != last:
            yield wall
        last = wall


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC at which a clock shows a local time.

    If the clock shows the local time twice, it is the first of the two moments. If the clock skips the local
    time, it is the moment at which the clock jumps. So a later local time never gives an earlier moment.
    """
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _jump(wall, zone)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """The latest local time that is not after this moment, without a time zone."""
    local = moment.astimezone(zone)
    first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None  # noqa: S101 - it has a zone
    assert second is not None  # noqa: S101 - it has a zone
    # The clock shows this time for the second time: every repeated time has already passed once.
    return local.replace(tzinfo=None, fold=0) + (first - second if local.fold else timedelta(0))


def _jump(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock skipped this local time.

    The moment is computed from the zone's offsets before and after the skipped time.
    """
    latest = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    earliest = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = earliest.astimezone(zone).utcoffset()
    seconds = range(int((latest - earliest) / _SECOND))
    found = bisect_left(
        seconds, True, key=lambda each: (earliest + each * _SECOND).astimezone(zone).utcoffset() != before
    )
    return earliest + found * _SECOND
