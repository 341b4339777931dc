"""Waits for a turn at a destination that takes only so many load units at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bucketlift.engine.presence import Presence
from bucketlift.ports import Connections, Slots

POLL = 0.2
"""Seconds between two looks for a free slot."""


class Turns:
    """A destination without a cap is never waited for."""

    def __init__(self, slots: Slots, presence: Presence, connections: Connections) -> None:
        self._slots = slots
        self._presence = presence
        self._connections = connections

    @contextmanager
    def at(self, destination: str) -> Iterator[None]:
        """Opens when a load unit may begin in a destination; the turn ends with the block."""
        cap = self._connections.max_parallel(destination)
        if cap is None:
            yield
            return
        slot = self._wait(destination, cap)
        try:
            yield
        finally:
            self._slots.drop(destination, slot, self._presence.id)

    def _wait(self, destination: str, cap: int) -> int:
        while True:
            slot = self._slots.take(destination, cap, self._presence.id, self._presence.alive)
            if slot is not None:
                return slot
            threading.Event().wait(POLL)
