"""A worker process, as other processes see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BEAT = 2.0
"""Seconds between two heartbeats."""
STALE = timedelta(seconds=8)
"""After this time without a heartbeat, a worker's work may be taken over; its later writes are refused."""


class WorkerKind(StrEnum):
    SERVE = "serve"
    WORKER = "worker"
    COMMAND = "command"
    """Executes only the run it was started for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    id: str
    """Identifies one process. An id is never used again."""
    name: str
    """The operator's name for its machine: the value of a destination's ``worker``."""
    host: str
    kind: WorkerKind
    draining: bool
    """Whether it accepts no new work."""
    started_at: datetime
    beat_at: datetime
    fresh: bool
    """Whether it sent a heartbeat recently: see ``ledger.workers``."""
