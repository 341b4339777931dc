"""How quickly a file goes on, and how long it will still take, from two samples."""

from __future__ import annotations

from datetime import datetime, timedelta

from bucketlift.model.advance import FileAdvance

ENOUGH = timedelta(seconds=0.5)
"""Samples nearer to each other tell no rate."""


def rate(file: FileAdvance, at: datetime) -> float | None:
    """Bytes or rows per second lately; None where it cannot be told yet."""
    since = at - file.earlier.at
    if since < ENOUGH:
        return None
    return (file.done - file.earlier.done) / since.total_seconds()


def left(file: FileAdvance, at: datetime) -> timedelta | None:
    """Time until this part of the work is done, if it goes on as lately; None where that cannot be told."""
    pace = rate(file, at)
    return timedelta(seconds=(file.total - file.done) / pace) if pace else None
