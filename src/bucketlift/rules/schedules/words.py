"""Describes triggers in words, for lists and pages."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import assert_never

from bucketlift.errors import RequestWrong
from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import (
    CronSchedule,
    Dates,
    Every,
    OnEvent,
    OnFinish,
    OnSchedule,
    PlainSchedule,
    Schedule,
    Trigger,
)
from bucketlift.rules.schedules.wall_times import days, local_times

_AT_AND_DAYS = re.compile(r"At ((?:\d\d:\d\d(?:, and | and |, )?)+) (every day|on .+)")
_A_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - only the expression is looked at
_LISTED = 3
"""Maximum number of skipped dates that are written out. If there are more, only their number is shown."""


def words(trigger: Trigger) -> str:
    """The trigger in words: ``every day at 02:00, America/Denver``, ``after nightly succeeded``."""
    match trigger:
        case OnSchedule(schedule=schedule):
            return schedule_words(schedule)
        case OnFinish(after=after):
            return f"after {after.workflow} {_joined([RunState(state).value for state in after.when], 'or')}"
        case OnEvent():
            return "when called"
        case _:
            assert_never(trigger)


@lru_cache(maxsize=2_000)
def schedule_words(schedule: Schedule) -> str:
    """The schedule in words. An unreadable cron expression is shown unchanged."""
    try:
        when = _when(schedule)
    except RequestWrong:
        when = f"never: {schedule.cron}" if isinstance(schedule, CronSchedule) else "never"
    return " ".join((f"{when},", schedule.timezone, *_dates(schedule)))


def _when(schedule: Schedule) -> str:
    match schedule:
        case CronSchedule(cron=cron):
            text = local_times(cron, _A_TIME).explain()
            at, on = found.groups() if (found := _AT_AND_DAYS.fullmatch(text)) else ("", "")
            return f"{on} at {at}" if found else text[0].lower() + text[1:]
        case PlainSchedule(every=every) if every.minutes is not None:
            return f"every {interval_words(every)}"
        case PlainSchedule(at=at):
            return f"{_days(schedule)} at {_joined([f'{each:%H:%M}' for each in sorted(at)], 'and')}"


def interval_words(every: Every) -> str:
    """The minutes or hours between two runs: ``15 minutes``, ``hour``."""
    number, unit = every.value[:-1], "hour" if every.value.endswith("h") else "minute"
    return unit if number == "1" else f"{number} {unit}s"


def _days(schedule: PlainSchedule) -> str:
    if schedule.every is Every.WEEKDAY:
        return "every weekday"
    text = local_times(f"0 0 {days(schedule)}", _A_TIME).explain()
    return str(text.removeprefix("At 00:00 "))


def _dates(schedule: Dates) -> list[str]:
    parts = []
    if schedule.start is not None:
        parts.append(f"from {schedule.start}")
    if schedule.end is not None:
        parts.append(f"until {schedule.end}")
    if len(schedule.skip) > _LISTED:
        parts.append(f"except {len(schedule.skip)} dates")
    elif schedule.skip:
        parts.append(f"except {_joined([str(day) for day in sorted(schedule.skip)], 'and')}")
    return parts


def _joined(parts: list[str], last: str) -> str:
    return f" {last} ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
