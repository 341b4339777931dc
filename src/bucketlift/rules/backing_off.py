"""How long somebody waits who failed often: longer each time, and never for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many tries may fail before there is a wait."""

    free: int


def wait_left(patience: Patience, failed: int, last_at: datetime, now: datetime) -> timedelta:
    """What is left of the wait after so many failures, of which the last was then."""
    beyond = failed - patience.free
    if beyond < 0:
        return timedelta()
    wait: timedelta = min(FIRST * 2 ** min(beyond, 20), LONGEST)
    return max(last_at + wait - now, timedelta())
