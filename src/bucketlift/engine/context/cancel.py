"""Whether a run is to go on here: asked often, and looked up seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bucketlift.model.run import Standing

EVERY = 1.0
"""Seconds that an answer of the ledger counts, however often a run's loops ask."""
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux the monotonic clock stands still while the machine sleeps."""


class Cancelled(BaseException):
    """Somebody cancelled the run: what is not committed is left to the next one.

    No error, so that nothing which copes with errors takes it for one.
    """


def elapsed() -> float:
    """Seconds since some moment, those included that the process was stopped or the machine slept."""
    return time.clock_gettime(_CLOCK)


class StandingCache:
    """One run's looks into the ledger. Safe to use from several threads."""

    def __init__(self, every: float | None = None, *, clock: Callable[[], float] = elapsed) -> None:
        self._every = EVERY if every is None else every
        self._clock = clock
        self._seen: Standing | None = None
        self._asked_at = 0.0
        self._lock = threading.Lock()

    def look(self, ask: Callable[[], Standing]) -> Standing:
        """How the run stands, or stood less than a second ago."""
        with self._lock:
            if self._seen is None or self._clock() - self._asked_at >= self._every:
                # As old as the question: we may stand still before the answer is here.
                asked_at = self._clock()
                self._seen = ask()
                self._asked_at = asked_at
            return self._seen


class NeverCancelled(StandingCache):
    """For work that no run does, and that writes nothing: nobody takes it over or cancels it."""

    def look(self, ask: Callable[[], Standing]) -> Standing:  # noqa: ARG002 - there is nothing to ask for
        return Standing(leased=True, cancel_asked=False)
