"""Whether a run is to end before its time: asked often, and looked up seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

EVERY = 1.0
"""Seconds between two looks into the ledger, however often a run's loops ask."""


class Cancelled(BaseException):
    """Somebody cancelled the run: what is not committed is left to the next one.

    No error, so that nothing which copes with errors takes it for one.
    """


class Pulse:
    """One run's looks. Safe to use from several threads."""

    def __init__(self, every: float | None = None) -> None:
        self._every = EVERY if every is None else every
        self._next = 0.0
        self._cancelled = False
        self._lock = threading.Lock()

    def heed(self, asked: Callable[[], bool]) -> None:
        """Go on, or not.

        Raises:
            Cancelled: it was asked for.
        """
        with self._lock:
            if not self._cancelled and time.monotonic() >= self._next:
                self._cancelled = asked()
                self._next = time.monotonic() + self._every
            if self._cancelled:
                raise Cancelled
