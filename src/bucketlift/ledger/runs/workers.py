"""Running worker processes. Each process writes a heartbeat to the ledger every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.other_versions import own_version
from bucketlift.model.worker import STALE, WorkerInfo, WorkerKind

FORGOTTEN = timedelta(days=1)

_workers = tables.workers


class Processes(Protocol):
    """Finds out which processes of this machine are alive, from what the kernel reports."""

    def alive(self, worker: str) -> bool: ...


class Workers:
    """The registered worker processes.

    With ``processes``, the kernel decides which workers are alive, because only one machine uses a SQLite
    ledger. Without ``processes``, heartbeats are compared with the ledger's clock, so that a wrong clock of a
    worker does no harm.
    """

    def __init__(self, database: Database, processes: Processes | None = None) -> None:
        self._database = database
        self._processes = processes

    def enter(self, worker: str, *, name: str, host: str, kind: WorkerKind) -> None:
        """Register a process that starts. Also delete the rows of workers that died long ago."""
        with self._database.writing() as connection:
            now = self._database.clock()
            lately = _workers.c.beat_at.between(now - FORGOTTEN, now + FORGOTTEN)
            connection.execute(sa.delete(_workers).where(~lately))
            connection.execute(
                sa.insert(_workers).values(
                    id=worker,
                    name=name,
                    host=host,
                    kind=kind.value,
                    draining=False,
                    started_at=now,
                    beat_at=now,
                    version=own_version(),
                )
            )

    def beat(self, worker: str, *, draining: bool) -> bool:
        """Write a heartbeat; the global write lock is not taken. Returns False if the worker's row was
        deleted.
        """
        with self._database.writing_own_row() as connection:
            beaten = connection.execute(
                sa.update(_workers)
                .where(_workers.c.id == worker)
                .values(beat_at=self._database.clock(), draining=draining)
            )
            return beaten.rowcount == 1

    def leave(self, worker: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(_workers).where(_workers.c.id == worker))

    def fresh(self, worker: str) -> bool:
        """Whether a process is alive: it is registered and has a recent heartbeat."""
        if self._processes is not None:
            return self._processes.alive(worker)
        return any(each.id == worker and each.fresh for each in self.all())

    def all(self) -> tuple[WorkerInfo, ...]:
        """Return all registered processes, oldest first. Dead processes are included."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(_workers).order_by(_workers.c.started_at, _workers.c.id)
            ).all()
        # Read after the rows. Otherwise a heartbeat that is written in between would appear to be in the
        # future.
        now = self._database.now()
        return tuple(self._worker(row, now) for row in rows)

    def _worker(self, row: sa.Row[Any], now: datetime) -> WorkerInfo:
        beat_at, started_at = aware(row.beat_at), aware(row.started_at)
        assert beat_at is not None  # noqa: S101 - the column is not nullable
        assert started_at is not None  # noqa: S101 - nor this one
        # A heartbeat in the future was written before the clock was set back, and is ignored.
        lately = timedelta() <= now - beat_at < STALE
        return WorkerInfo(
            id=row.id,
            name=row.name,
            host=row.host,
            kind=WorkerKind(row.kind),
            draining=row.draining,
            started_at=started_at,
            beat_at=beat_at,
            fresh=lately if self._processes is None else self._processes.alive(row.id),
        )
