"""The source of the time: the clock of this machine, or that of the ledger, which a fleet shares."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bucketlift.errors import LedgerUnavailable
from bucketlift.logs import log

REFRESH_EVERY = timedelta(seconds=30)
"""Maximum time for which this machine computes the time from the ledger's last answer, without a new query."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class LedgerClock:
    """The time of the ledger. The clock of this machine only measures the time since the ledger's last
    answer.

    A query to the ledger takes time, so each answer is reused for a while. If the ledger cannot be reached,
    the last answer is reused for longer.
    """

    def __init__(
        self, query: Callable[[], datetime], *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._query_time = query
        self._seconds = seconds
        self._answer = self._query()

    def now(self) -> datetime:
        if self._counted(self._answer) - self._answer[0] >= REFRESH_EVERY:
            self._answer = self._query_or_none()
        return self._counted(self._answer)

    def _counted(self, answer: tuple[datetime, float]) -> datetime:
        said, at = answer
        return said + timedelta(seconds=self._seconds() - at)

    def _query_or_none(self) -> tuple[datetime, float]:
        try:
            return self._query()
        except LedgerUnavailable:
            log.warning("the ledger is unreachable, so its time is estimated")
            return self._counted(self._answer), self._seconds()

    def _query(self) -> tuple[datetime, float]:
        """The ledger's time, and the time of this machine's clock when the answer arrived.

        The ledger's time may be late by the delay of the network. It is never early.
        """
        said = self._query_time().astimezone(UTC)
        return said, self._seconds()
