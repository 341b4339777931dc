"""One execution of one workflow version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

from bucketlift.model.lifecycle import RunState

RunId = NewType("RunId", str)

OUTBOX = "outbox"
"""The trigger of a run that executes due actions and does nothing else: it lists and loads no files."""
REPLAY = "replay"
"""The trigger of a run that loads mended rejects and executes due actions, and lists no files."""
LISTING_NOTHING = frozenset({OUTBOX, REPLAY})
"""Triggers of runs that take no files. All other runs do the work of these runs, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write for one workflow. It ends when another worker gets the lease with a newer token."""

    workflow: str
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the worker that executes a run may go on."""

    leased: bool
    """Whether the worker's lease is the newest one of the workflow."""
    cancel_asked: bool
    """Whether a person has requested to cancel the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a task failed: what happened, to what, and what to do."""

    what: str
    to: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run, as the ledger records it."""

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
    """The number of batches of each extract task; None until all manifests are pinned."""
    known: dict[str, int] | None = None
    """For each extract task, the number of selected keys that the run did not take."""
    newly_held: int = 0
    """Number of files that this run held, and of files whose action it held."""
    answers: dict[str, Any] | None = None
    """The results of the conditions. Each run evaluates them once."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """Why tasks failed, by task ID. The key "" is for the run itself."""
    document: dict[str, Any] | None = None
    usual_rows: int | None = None
    """The usual number of loaded rows; None if there are too few earlier runs."""
    unusual: bool = False
    """Whether the number of loaded rows is far from the usual one."""
