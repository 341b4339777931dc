"""Replays: loads of a file's mended rejects into every table of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bucketlift.model.claim import Claim, ClaimReceipt


class ReplayState(StrEnum):
    WAITING = "waiting"
    """The replay is requested, and no load of it has started."""
    BEGUN = "begun"
    """A load of the replay has started, so a destination may have a receipt of it."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The n-th load of mended rejects of one file; the number n is part of its load IDs."""

    claim: Claim
    part: int
    state: ReplayState
    rows: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReceipt:
    """The proof that one load task has committed one replay."""

    part: int
    receipt: ClaimReceipt
