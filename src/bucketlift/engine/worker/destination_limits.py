"""Waits for a slot of a destination that limits its concurrent load units."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bucketlift.engine.worker.presence import Presence
from bucketlift.errors import LeaseLost, LedgerUnavailable
from bucketlift.ledger.runs.slots import Slots
from bucketlift.logs import log
from bucketlift.ports import Connections

POLL = 0.2
"""Seconds between two attempts to take a slot."""


class DestinationLimits:
    """The slots of all destinations.

    A destination without a limit needs no slot. Several threads may use this object at the same time.
    """

    def __init__(self, slots: Slots, presence: Presence, connections: Connections) -> None:
        self._slots = slots
        self._presence = presence
        self._connections = connections
        self._mine: dict[str, set[int]] = defaultdict(set)
        self._lock = threading.Lock()

    @contextmanager
    def at(self, destination: str, check_cancelled: Callable[[], None]) -> Iterator[None]:
        """Wait for a slot of a destination, and release it at the end of the block.

        Raises:
            LeaseLost: this worker is shutting down.
        """
        cap = self._connections.max_parallel(destination)
        if cap is None:
            yield
            return
        slot = self._wait(destination, cap, check_cancelled)
        try:
            yield
        finally:
            self._give_back(destination, slot)

    def _wait(self, destination: str, cap: int, check_cancelled: Callable[[], None]) -> int:
        while True:
            check_cancelled()
            if self._presence.going.is_set():
                raise LeaseLost("This worker is shutting down", to=destination)
            slot = self._take(destination, cap)
            if slot is not None:
                return slot
            threading.Event().wait(POLL)

    def _take(self, destination: str, cap: int) -> int | None:
        """Take a slot. Returns its number, or None if no slot is free.

        Only one thread at a time does this, so that we recognise slots that this process took but no thread
        uses.
        """
        with self._lock:
            mine = self._mine[destination]
            slot = self._slots.take(destination, cap, self._presence.id, self._presence.alive, own_slots=mine)
            if slot is not None:
                mine.add(slot)
            return slot

    def _give_back(self, destination: str, slot: int) -> None:
        """Release the slot.

        An unavailable ledger is ignored, because the work that needed the slot is finished.
        """
        with self._lock:
            self._mine[destination].discard(slot)
            try:
                self._slots.drop(destination, slot, self._presence.id)
            except LedgerUnavailable:
                log.warning("a slot could not be given back: it is taken again", destination=destination)
