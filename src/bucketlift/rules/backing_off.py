"""How long to wait after repeated failures: longer each time, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The number of failed tries that are allowed without a wait."""

    free: int


def wait_left(patience: Patience, failed: int, last_at: datetime, now: datetime) -> timedelta:
    """The remaining wait after this number of failures, the last of which was at ``last_at``."""
    beyond = failed - patience.free
    if beyond < 0:
        return timedelta()
    wait: timedelta = min(FIRST * 2 ** min(beyond, 20), LONGEST)
    return max(last_at + wait - now, timedelta())
