"""Loads of mended rejects: into every table that their file went to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bucketlift.model.claim import Claim, ClaimReceipt


class ReplayState(StrEnum):
    WAITING = "waiting"
    """Asked for; no load of it was begun."""
    BEGUN = "begun"
    """A receipt in a destination may be its own."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The n-th load of mended rejects of one file; n names it in its LoadIds."""

    claim: Claim
    part: int
    state: ReplayState
    rows: int
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReceipt:
    """That one replay was committed by one load task."""

    part: int
    receipt: ClaimReceipt
