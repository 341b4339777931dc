"""Why no object is acted on: the ledger may have lost what it knew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CONFIRM = (
    "Look at the files whose actions are pending (`bucketlift db status`, `bucketlift files list`); "
    "then `bucketlift db confirm`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """It ends when a person confirms, or when no destination has a receipt that the ledger cannot explain."""

    what: str
    paused_at: datetime
    look_from: datetime
    """Receipts written before this time are in the ledger."""
    hint: str = CONFIRM
