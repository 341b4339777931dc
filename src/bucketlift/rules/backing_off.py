"""The wait after repeated failures, which becomes longer with each failure, up to a maximum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFailures:
    """The number of failures that are allowed without a wait."""

    free: int


def wait_left(limit: FreeFailures, failed: int, last_at: datetime, now: datetime) -> timedelta:
    """The remaining wait after ``failed`` failures. ``last_at`` is the time of the last failure."""
    beyond = failed - limit.free
    if beyond < 0:
        return timedelta()
    wait: timedelta = min(FIRST * 2 ** min(beyond, 20), LONGEST)
    return max(last_at + wait - now, timedelta())
