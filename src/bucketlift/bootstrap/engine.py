"""Builds the engine of this process, and what the engine uses."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.bootstrap.codecs import Codecs
from bucketlift.bootstrap.connections import Connections
from bucketlift.ledger.ledger import Ledger
from bucketlift.model.worker import WorkerKind
from bucketlift.ports import Clock, Progress
from bucketlift.service.core.app import TakeSlot, no_limit
from bucketlift.settings import Settings

if TYPE_CHECKING:
    from bucketlift.engine.context.run_context import Services
    from bucketlift.engine.worker.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Opens the engine only when it is needed, because its imports are slow."""

    ledger: Ledger
    connections: Connections
    codecs: Codecs
    clock: Clock
    settings: Settings

    def services(self, spool: Path, progress: Progress, take_slot: TakeSlot = no_limit) -> Services:
        from bucketlift.engine.context.run_context import Services
        from bucketlift.engine.context.spool import Spool

        return Services(
            ledger=self.ledger,
            connections=self.connections,
            codecs=self.codecs,
            spool=Spool(spool, quota=self.settings.spool_bytes),
            clock=self.clock,
            progress=progress,
            take_slot=take_slot,
        )

    @contextmanager
    def engine(self, progress: Progress, kind: WorkerKind = WorkerKind.COMMAND) -> Iterator[Engine]:
        from bucketlift.engine.worker.destination_limits import DestinationLimits
        from bucketlift.engine.worker.engine import Engine
        from bucketlift.engine.worker.presence import Presence
        from bucketlift.engine.worker.processes import Process

        if not gc.isenabled():
            # The start is complete: enable garbage collection for a long run. The existing objects are
            # frozen, because repeated scans of them took a tenth of a short run's time.
            gc.freeze()
            gc.enable()

        home = self.settings.home
        with (
            Process(home / "workers") as process,
            Presence(process, self.ledger.workers, name=self.settings.worker, kind=kind) as presence,
            Engine(
                presence=presence,
                services=self.services(
                    home / "spool" / process.id,
                    progress,
                    DestinationLimits(self.ledger.slots, presence, self.connections).at,
                ),
            ) as opened,
        ):
            yield opened
