"""Loads of mended rejects into every table of their file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bucketlift.model.claim import Claim, ClaimReceipt


class ReplayState(StrEnum):
    WAITING = "waiting"
    """Requested; no load has started."""
    BEGUN = "begun"
    """A load has started: a receipt in a destination may belong to it."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The n-th load of mended rejects of one file; n is part of its LoadIds."""

    claim: Claim
    part: int
    state: ReplayState
    rows: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReceipt:
    """One load task has committed one replay."""

    part: int
    receipt: ClaimReceipt
