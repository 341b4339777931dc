"""The rate of a file's progress and its remaining time, from two samples."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.model.advance import FileAdvance

ENOUGH = timedelta(seconds=0.5)
"""Closer samples give no reliable rate."""


def rate(file: FileAdvance, at: datetime) -> float | None:
    """Recent bytes or rows per second; None if unknown."""
    since = at - file.earlier.at
    if since < ENOUGH:
        return None
    return (file.done - file.earlier.done) / since.total_seconds()


def left(file: FileAdvance, at: datetime) -> timedelta | None:
    """Remaining time of this part at the recent rate; None if unknown."""
    pace = rate(file, at)
    return timedelta(seconds=(file.total - file.done) / pace) if pace else None
