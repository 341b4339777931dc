"""Which arrivals are those of an expected time."""

from __future__ import annotations

from datetime import datetime


def counted_from(since: datetime, *, missed: datetime | None, expected: datetime) -> datetime:
    """The moment after which a file that arrives is one that was expected by ``expected``.

    That is the last look (``since``). But where that look told that nothing came by ``missed``, a file that came nearer
    to that time than to this one is the late one, and says nothing of this one.
    """
    return since if missed is None else max(since, missed + (expected - missed) / 2)
