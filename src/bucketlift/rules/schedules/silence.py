"""Assigns arrivals to an expected time."""

from __future__ import annotations

from datetime import datetime


def counted_from(since: datetime, *, missed: datetime | None, expected: datetime) -> datetime:
    """The moment after which an arriving file counts for ``expected``.

    Usually the last check (``since``). If that check reported that nothing had arrived by ``missed``, a file that
    arrived closer to ``missed`` than to ``expected`` is the late one and does not count.
    """
    return since if missed is None else max(since, missed + (expected - missed) / 2)
