"""Decides whether a run loaded an unusual number of rows. The rule is described in docs/how-to/health.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from bucketlift.model.trigger import OnSchedule
from bucketlift.model.workflow import Workflow

SAMPLE = 8
"""Number of earlier runs of the same weekday to which a run is compared."""
MINIMUM = 4
"""If there are fewer earlier runs than this, nothing is decided."""
FACTOR = 2
"""A number of rows is far from the median if it is less than half of it, or more than twice as large."""
SPREAD = 5
"""A number of rows is not unusual within this many median deviations, because the numbers vary this much."""
LEAST = 10
"""Differences of fewer rows than this are never unusual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The usual number of rows of a run, and whether the run is far from it."""

    rows: int
    is_unusual: bool


def compared(rows: int, earlier: Sequence[int]) -> Usual | None:
    """Compare a run's rows to those of earlier runs, newest first. Returns None if these are too few."""
    sample = earlier[:SAMPLE]
    if len(sample) < MINIMUM:
        return None
    usual = median(sample)
    deviation = median(abs(each - usual) for each in sample)
    distance = abs(rows - usual)
    is_far = rows * FACTOR < usual or rows > usual * FACTOR
    is_unusual = is_far and distance > SPREAD * deviation and distance >= LEAST
    return Usual(rows=round(usual), is_unusual=is_unusual)


def of_weekday(runs: Iterable[tuple[datetime, int]], moment: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """The rows of the runs that were requested on the same day of the week as ``moment``."""
    day = moment.astimezone(zone).weekday()
    return tuple(rows for asked_at, rows in runs if asked_at.astimezone(zone).weekday() == day)


def zone_of(workflow: Workflow) -> ZoneInfo:
    """The time zone that decides on which day of the week a run is: that of the workflow's first schedule."""
    schedules = (each.schedule for each in workflow.triggers if isinstance(each, OnSchedule))
    first = next(schedules, workflow.expected)
    try:
        return ZoneInfo("UTC" if first is None else first.timezone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")  # an earlier version stored it without this check
