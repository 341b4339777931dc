"""The installation: everything that the services use."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bucketlift.ledger.ledger import Ledger
from bucketlift.model.sharing import AllowLists
from bucketlift.model.user import SessionLimits
from bucketlift.model.worker import WorkerKind
from bucketlift.notices.mail_server import MailServer
from bucketlift.ports import Clock, Connections, Doctor, Progress
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.engine.context.run_context import Services
    from bucketlift.engine.worker.engine import Engine

TakeSlot = Callable[[str, Callable[[], None]], AbstractContextManager[None]]
"""Limits concurrent loads: the context is entered when a load unit may start in the destination."""


def no_limit(destination: str, check_cancelled: Callable[[], None]) -> AbstractContextManager[None]:  # noqa: ARG001 - the signature of TakeSlot
    """The slot function for work that loads no data: it limits nothing."""
    return nullcontext()


class OpensServices(Protocol):
    def __call__(self, spool: Path, progress: Progress, take_slot: TakeSlot = no_limit) -> Services: ...


class OpensEngine(Protocol):
    def __call__(
        self, progress: Progress, kind: WorkerKind = WorkerKind.COMMAND
    ) -> AbstractContextManager[Engine]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What the services use of an installation: the ledger, connections and settings. The engine is opened
    only for a run.
    """

    home: Path
    ledger: Ledger
    clock: Clock
    vault: Vault
    connections: Connections
    doctor: Doctor
    services: OpensServices
    """Opens what the engine needs, with a spool folder."""
    engine: OpensEngine
    """Opens the engine. The process is registered as a worker while the engine is open."""
    session_limits: SessionLimits
    public_url: str | None
    """The public URL of the page; None if users reach the page at its listening address."""
    mail: MailServer | None
    """The mail server; None if the operator configured none."""
    aws_account_id: str | None
    keep_history_days: int | None
    """Age in days at which history is deleted; None if all history is kept."""
    allow_ambient_aws: bool
    """Whether accounts may use Bucketlift's own AWS identity."""
    allowed_endpoints: tuple[str, ...]
    """Endpoints of S3-compatible stores that users may connect on the page."""
    allowed: AllowLists
    """Other places that users may name on the page."""
    worker: str
    """The name of this machine as a worker."""
    is_fleet: bool
    """Whether workers on several machines may share this installation."""

    def now(self) -> datetime:
        return self.clock.now()


def no_progress(doing: str, task: str, done: int, total: int | None) -> None:
    """Ignore the progress: the default for commands that do not show it."""
