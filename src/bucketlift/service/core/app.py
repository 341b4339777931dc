"""An installation as the services see it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bucketlift.ledger.ledger import Ledger
from bucketlift.model.user import SessionLimits
from bucketlift.model.worker import WorkerKind
from bucketlift.notices.mail_server import MailServer
from bucketlift.ports import Clock, Connections, Doctor, Progress
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.engine.context.run_context import Services
    from bucketlift.engine.worker.engine import Engine

Turn = Callable[[str, Callable[[], None]], AbstractContextManager[None]]
"""Opens when a load unit may begin in a destination."""


def no_limit(destination: str, check_cancelled: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG001 - nothing is loaded
    """For work that loads nothing."""
    return nullcontext()


class OpensServices(Protocol):
    def __call__(self, spool: Path, progress: Progress, turn: Turn = no_limit) -> Services: ...


class OpensEngine(Protocol):
    def __call__(
        self, progress: Progress, kind: WorkerKind = WorkerKind.COMMAND
    ) -> AbstractContextManager[Engine]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """State, ways out, and the engine, which is opened only for a run."""

    home: Path
    ledger: Ledger
    clock: Clock
    vault: Vault
    connections: Connections
    doctor: Doctor
    services: OpensServices
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


def no_progress(doing: str, task: str, done: int, total: int | None) -> None:
    """Progress that nobody looks at."""
