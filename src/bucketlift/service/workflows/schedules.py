"""The next runs of workflows, and descriptions of their triggers."""

from __future__ import annotations

from datetime import datetime

from bucketlift.errors import RequestWrong
from bucketlift.model.trigger import OnSchedule, Schedule
from bucketlift.model.workflow import Workflow
from bucketlift.rules.schedules.firing import next_fires
from bucketlift.rules.schedules.words import words


def triggers_in_words(workflow: Workflow) -> tuple[str, ...]:
    return tuple(words(each) for each in workflow.triggers)


def next_runs(workflow: Workflow, now: datetime, count: int = 5) -> tuple[datetime, ...]:
    """The next times, in UTC, at which schedules start the workflow; none for a disabled workflow."""
    schedules = [each.schedule for each in workflow.triggers if isinstance(each, OnSchedule)]
    if not workflow.enabled:
        return ()
    moments = {moment for each in schedules for moment in _next(each, now, count)}
    return tuple(sorted(moments)[:count])


def _next(schedule: Schedule, now: datetime, count: int) -> tuple[datetime, ...]:
    try:
        return next_fires(schedule, now, count)
    except RequestWrong:
        return ()  # an older version stored it without this check
