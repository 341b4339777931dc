"""The store's time, from the Date header of its answers. The store sets LastModified by this clock, and our
clock may differ from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any


class StoreTime:
    """The time of the last answer plus the time since then. It is never ahead of the store's clock, because
    Date has no fractions of seconds.
    """

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._last: tuple[datetime, float] | None = None

    def read_date(self, answer: Mapping[str, Any]) -> None:
        """Read the Date header of an answer. A missing or invalid header is ignored."""
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
        try:
            server_time = parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return
        self._last = (
            (server_time if server_time.tzinfo else server_time.replace(tzinfo=UTC)).astimezone(UTC),
            self._seconds(),
        )

    def now(self) -> datetime | None:
        """The store's time now; None before the first answer with a Date header."""
        if self._last is None:
            return None
        server_time, at = self._last
        return server_time + timedelta(seconds=self._seconds() - at)
