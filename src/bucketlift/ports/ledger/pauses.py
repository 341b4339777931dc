"""When no object may be acted on, and what tells so: receipts that the ledger cannot explain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bucketlift.model.load import LoadId, Receipt
from bucketlift.model.pause import Pause
from bucketlift.model.run import RunId


class Pauses(Protocol):
    def paused(self) -> Pause | None: ...

    def pause(self, pause: Pause) -> Pause:
        """Let no object be acted on; a pause that is there already stays."""
        ...

    def resume(self) -> None: ...

    def look_from(self, destination: str, *, but: RunId | None = None) -> datetime:
        """Since when a destination may have receipts that the ledger lost: the last that it knows, or a person
        confirmed. ``but``: a run whose own receipts do not count, for they came after the loss.
        """
        ...

    def last_load(self, destination: str) -> LoadId | None:
        """The last that the ledger knows there; None where it knows of none."""
        ...

    def unexplained(self, destination: str, receipts: Collection[Receipt]) -> tuple[Receipt, ...]:
        """Those of a destination's receipts that no file of this ledger can have brought."""
        ...
