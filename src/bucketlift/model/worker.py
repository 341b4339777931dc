"""A worker process, as other processes see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BEAT = 2.0
"""Seconds between two heartbeats."""
STALE = timedelta(seconds=8)
"""A worker without a heartbeat for this time may lose its work to another worker. Its later writes are
refused.
"""


class WorkerKind(StrEnum):
    SERVE = "serve"
    WORKER = "worker"
    COMMAND = "command"
    """Executes only the run for which it was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    id: str
    """The ID of one worker process. An ID is never used again."""
    name: str
    """The name that the operator gave the worker's machine. It is the value of a destination's ``worker``."""
    host: str
    kind: WorkerKind
    draining: bool
    """Whether the worker accepts no new work."""
    started_at: datetime
    beat_at: datetime
    fresh: bool
    """Whether the worker sent a heartbeat recently: see ``ledger.workers``."""
