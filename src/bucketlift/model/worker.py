"""A process that does work, as the others see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BEAT = 2.0
"""Seconds between two signs of life."""
STALE = timedelta(seconds=8)
"""Without a sign of life for so long, a worker's work may be taken over; it is fenced from then on."""


class WorkerKind(StrEnum):
    SERVE = "serve"
    WORKER = "worker"
    COMMAND = "command"
    """Does the one run it was started for, and takes no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    id: str
    """One process; never used again."""
    name: str
    """The operator's name for its place: what a destination's ``worker`` means."""
    host: str
    kind: WorkerKind
    draining: bool
    """Takes nothing new."""
    started_at: datetime
    beat_at: datetime
    fresh: bool
    """It gave a sign of life lately: see ``ledger.workers``."""
