"""Computes the rate of a file's progress, and its remaining time, from two samples."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.model.advance import FileAdvance

ENOUGH = timedelta(seconds=0.5)
"""Minimum time between two samples for a reliable rate."""


def rate(file: FileAdvance, at: datetime) -> float | None:
    """The file's present rate: bytes or rows per second; None if unknown."""
    since = at - file.earlier.at
    if since < ENOUGH:
        return None
    return (file.done - file.earlier.done) / since.total_seconds()


def left(file: FileAdvance, at: datetime) -> timedelta | None:
    """The remaining time of the file's present step (fetch, read or load) at the present rate; None if
    unknown.
    """
    pace = rate(file, at)
    return timedelta(seconds=(file.total - file.done) / pace) if pace else None
