"""Decides whether a scheduled run is late. The rule is described in docs/how-to/health.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

GRACE = timedelta(hours=1)
"""A scheduled run has at least this long to end."""
FACTOR = 2
"""A scheduled run has this many times the median duration of the workflow's last runs to end."""
REMIND = timedelta(hours=20)
"""If runs stay away, there is at most one notice in this time: one per day, also if the clock changes."""


def allowed(durations: Sequence[timedelta]) -> timedelta:
    """How long after its time a run may end. ``durations`` are those of the workflow's last runs."""
    if not durations:
        return GRACE
    usual = median(each.total_seconds() for each in durations)
    return max(GRACE, FACTOR * timedelta(seconds=usual))


def is_reported(missed: datetime | None, due: datetime) -> bool:
    """Whether there is a notice already about the missing runs. ``missed`` is the scheduled time of the last
    notice, if no run has ended since.
    """
    return missed is not None and due - missed < REMIND
