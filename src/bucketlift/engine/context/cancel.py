"""Checks whether a run may continue in this worker, with at most one query to the ledger per second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bucketlift.model.run import Standing

EVERY = 1.0
"""Number of seconds for which an answer of the ledger is used again."""
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""The clock that measures ages. On Linux the monotonic clock stops while the machine sleeps; this clock does
not.
"""


class Cancelled(BaseException):
    """A person cancelled the run. The next run loads the files that are not committed.

    The class is not an ``Exception``, so that no error handler catches it.
    """


def elapsed() -> float:
    """Seconds since a fixed moment, including time in which the process was stopped or the machine slept."""
    return time.clock_gettime(_CLOCK)


class StandingCache:
    """The state of one run, as the ledger last returned it. Several threads may use it at the same time."""

    def __init__(self, every: float | None = None, *, clock: Callable[[], float] = elapsed) -> None:
        self._every = EVERY if every is None else every
        self._clock = clock
        self._seen: Standing | None = None
        self._asked_at = 0.0
        self._lock = threading.Lock()

    def look(self, ask: Callable[[], Standing]) -> Standing:
        """The state of the run, which may be up to ``every`` seconds old."""
        with self._lock:
            if self._seen is None or self._clock() - self._asked_at >= self._every:
                # The age counts from the query, because this process may be stopped before the result
                # arrives.
                asked_at = self._clock()
                self._seen = ask()
                self._asked_at = asked_at
            return self._seen


class NeverCancelled(StandingCache):
    """The state of work outside a run that writes nothing. Such work is never cancelled, and no other worker
    takes it over.
    """

    def look(self, ask: Callable[[], Standing]) -> Standing:  # noqa: ARG002 - there is nothing to ask for
        return Standing(leased=True, cancel_asked=False)
