"""The pause of all actions on objects, and its reason: the ledger may have lost records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CONFIRM = (
    "Look at the files whose actions are pending (`bucketlift db status`, `bucketlift files list`); "
    "then `bucketlift db confirm`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of all actions on objects. It ends when a person confirms the end, or when the ledger can
    explain every receipt of every destination.
    """

    what: str
    paused_at: datetime
    look_from: datetime
    """The ledger contains every receipt that was written before this time."""
    hint: str = CONFIRM
