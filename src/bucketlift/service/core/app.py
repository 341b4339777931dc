"""An installation as the services see it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bucketlift.ledger.claims.claims import Files
from bucketlift.ledger.claims.outbox import Outbox
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.ledger.claims.probes import Probes
from bucketlift.ledger.claims.replays import Replays
from bucketlift.ledger.claims.survey import Survey
from bucketlift.ledger.claims.unloads import Unloads
from bucketlift.ledger.claims.waiting import Waiting
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.maintenance.audit import Audit
from bucketlift.ledger.people.people import People
from bucketlift.ledger.people.sessions import Sessions
from bucketlift.ledger.people.sign_in_attempts import Tries
from bucketlift.ledger.runs.counts import Counts
from bucketlift.ledger.runs.history import History
from bucketlift.ledger.runs.logs import Logs
from bucketlift.ledger.runs.progress import Advances
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.runs.workers import Workers
from bucketlift.ledger.secrets.keys import Keys
from bucketlift.ledger.triggers.events import Events
from bucketlift.ledger.triggers.notices import Notices
from bucketlift.ledger.triggers.schedules import Schedules
from bucketlift.ledger.triggers.silences import Silences
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.ledger.workflows.drafts import Drafts
from bucketlift.ledger.workflows.overview import Overview
from bucketlift.ledger.workflows.sharing import Sharings
from bucketlift.model.user import SessionLimits
from bucketlift.model.worker import WorkerKind
from bucketlift.notices.mail_server import MailServer
from bucketlift.ports import Clock, Connections, Doctor, Progress
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.engine.context.run_context import Tools
    from bucketlift.engine.worker.engine import Engine

Turn = Callable[[str, Callable[[], None]], AbstractContextManager[None]]
"""Opens when a load unit may begin in a destination."""


def no_turn(destination: str, heed: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG001 - nothing is loaded
    """For work that loads nothing."""
    return nullcontext()


class OpensTools(Protocol):
    def __call__(self, spool: Path, progress: Progress, turn: Turn = no_turn) -> Tools: ...


class OpensEngine(Protocol):
    def __call__(
        self, progress: Progress, kind: WorkerKind = WorkerKind.COMMAND
    ) -> AbstractContextManager[Engine]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """State, ways out, and the engine, which is opened only for a run."""

    home: Path
    database: Database
    clock: Clock
    catalog: Catalog
    sharings: Sharings
    """Whose accounts are, and with whom they are shared."""
    drafts: Drafts
    events: Events
    """Calls that began runs."""
    runs: Runs
    files: Files
    counts: Counts
    outbox: Outbox
    overview: Overview
    logs: Logs
    replays: Replays
    unloads: Unloads
    advances: Advances
    audit: Audit
    history: History
    waiting: Waiting
    pauses: Pauses
    notices: Notices
    schedules: Schedules
    silences: Silences
    probes: Probes
    survey: Survey
    workers: Workers
    people: People
    sessions: Sessions
    tries: Tries
    vault: Vault
    keys: Keys
    """Of encrypted files."""
    connections: Connections
    doctor: Doctor
    tools: OpensTools
    """The engine's tools with a spool in this folder."""
    engine: OpensEngine
    """The engine of this process, which is a worker of that kind meanwhile."""
    session_limits: SessionLimits
    public_url: str | None
    """Where people open the page; None where that is where it listens."""
    mail: MailServer | None
    """None where no mail server is set."""
    aws_account_id: str | None
    keep_history_days: int | None
    """None: for good."""
    allow_ambient_aws: bool
    """Whether accounts may read buckets as Bucketlift itself."""
    allowed_endpoints: tuple[str, ...]
    allowed_databases: tuple[str, ...]
    """Stores beside AWS that people may name on the page."""
    worker: str
    """This machine's name among the workers."""
    is_fleet: bool
    """Whether workers on several machines may share this installation."""

    def now(self) -> datetime:
        return self.clock.now()


def unheard(doing: str, task: str, done: int, total: int | None) -> None:
    """Progress that nobody looks at."""
