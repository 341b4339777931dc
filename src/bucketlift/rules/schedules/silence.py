"""Decides to which expected time the arrival of a file belongs."""

from __future__ import annotations

from datetime import datetime


def counted_from(since: datetime, *, missed: datetime | None, expected: datetime) -> datetime:
    """The moment after which an arriving file counts for ``expected``.

    Usually this is the last check (``since``).

    If the last check reported that nothing had arrived by ``missed``, a late file may still arrive. A file
    that arrives closer to ``missed`` than to ``expected`` is the late one and does not count.
    """
    return since if missed is None else max(since, missed + (expected - missed) / 2)
