"""Decides to which expected time an arriving file belongs."""

from __future__ import annotations

from datetime import datetime


def counted_from(since: datetime, *, missed: datetime | None, expected: datetime) -> datetime:
    """The moment after which an arriving file counts for ``expected``.

    Usually this is the time of the last check (``since``).

    ``missed`` is an earlier expected time, if the last check reported that no file had arrived by then. That
    late file may still arrive: a file that arrives closer to ``missed`` than to ``expected`` is the late
    file, and does not count.
    """
    return since if missed is None else max(since, missed + (expected - missed) / 2)
