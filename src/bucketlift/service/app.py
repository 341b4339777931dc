"""An installation as the services see it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.ledger.catalog import Catalog
from bucketlift.ledger.counts import Counts
from bucketlift.ledger.files import Files
from bucketlift.ledger.outbox import Outbox
from bucketlift.ledger.probes import Probes
from bucketlift.ledger.runs import Runs
from bucketlift.ledger.survey import Survey
from bucketlift.ports import Clock, Connections, Progress
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.engine.durable import Engine
    from bucketlift.engine.work import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """State, ways out, and the engine, which is opened only for a run."""

    home: Path
    clock: Clock
    catalog: Catalog
    runs: Runs
    files: Files
    counts: Counts
    outbox: Outbox
    probes: Probes
    survey: Survey
    vault: Vault
    connections: Connections
    tools: Callable[[Path, Progress], Tools]
    """The engine's tools with a spool in this folder."""
    engine: Callable[[Progress], AbstractContextManager[Engine]]
    aws_account_id: str | None

    def now(self) -> datetime:
        return self.clock.now()


def unheard(doing: str, task: str, done: int, total: int | None) -> None:
    """Progress that nobody looks at."""
