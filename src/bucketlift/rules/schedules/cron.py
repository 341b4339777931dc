"""Checks cron expressions."""

from __future__ import annotations

from datetime import datetime

from bucketlift.errors import RequestWrong
from bucketlift.rules.schedules.wall_times import local_times

_HINT = 'Write minute, hour, day, month and day of week: "0 2 * * *" is every day at 02:00.'
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - a local time; the search covers 50 years from it


def wrong_cron(cron: str) -> tuple[str, str] | None:
    """The problem of a cron expression, and a hint; None if the expression is valid and matches at least one
    time.
    """
    try:
        if next(local_times(cron, _SOME_DAY), None) is not None:
            return None
    except RequestWrong as error:
        if not _is_valid_apart(cron):
            return error.what[0].lower() + error.what[1:], _HINT
    return "this never fires", "None of these months has such a day."


def _is_valid_apart(cron: str) -> bool:
    """Whether the day and the month are valid separately, but no month has this day, as in 31 February."""
    fields = cron.split()
    try:
        for day_or_month in (2, 3):
            local_times(" ".join([*fields[:day_or_month], "*", *fields[day_or_month + 1 :]]), _SOME_DAY)
    except RequestWrong:
        return False
    return True
