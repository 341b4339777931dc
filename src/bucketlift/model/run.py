"""One execution of one workflow version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

from bucketlift.model.lifecycle import RunState

RunId = NewType("RunId", str)

OUTBOX = "outbox"
"""The trigger of a run that only takes the actions that are due: it lists and loads nothing."""
REPLAY = "replay"
"""The trigger of a run that only loads mended rejects, beside the actions that are due."""
LISTING_NOTHING = frozenset({OUTBOX, REPLAY})
"""Triggers of runs that take no file: every other run does what they do as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write for one workflow; a later holder's token makes it stale."""

    workflow: str
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a run stands for the worker that is at it."""

    leased: bool
    """The worker's lease is still the newest."""
    cancel_asked: bool
    """Somebody wants the run to end before its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a task failed: what happened, to what, and what to do."""

    what: str
    to: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as the ledger knows it."""

    id: RunId
    workflow: str
    version: int
    trigger: str
    state: RunState
    asked_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    worker: str | None = None
    manifest: dict[str, int] | None = None
    """Batches per extract task, once all manifests are pinned."""
    known: dict[str, int] | None = None
    """Per extract task: keys that are selected and were not taken."""
    newly_held: int = 0
    """Files that this run held, or whose action it held."""
    answers: dict[str, Any] | None = None
    """What the conditions answered; decided once per run."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """Per task id, or "" for the run itself."""
    document: dict[str, Any] | None = None
