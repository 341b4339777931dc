"""What runs did, in lines for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.model.run import Lease, RunId

_log = tables.run_log

LINES = 5_000
"""Lines kept of one run: some two million files, or a few thousand mishaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event. ``id`` grows with the time."""

    id: int
    at: datetime
    level: str
    task: str | None
    what: str


class Logs:
    """Never the content of a cell, and never a line per file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say(
        self, run: RunId, lease: Lease, level: str, what: str, *, task: str | None, now: datetime
    ) -> None:
        """Add a line; a run that says very much is cut off with a last one."""
        with self._database.writing(lease) as connection:
            said = connection.scalar(sa.select(sa.func.count()).where(_log.c.run == run)) or 0
            if said > LINES:
                return
            if said == LINES:
                level, task, what = "warning", None, "The log is full: what follows is not kept"
            connection.execute(sa.insert(_log).values(run=run, level=level, task=task, what=what, at=now))

    def newest(self, run: RunId, *, before: int | None = None, limit: int = 100) -> list[Line]:
        """A run's last lines, or the last before one of them, oldest first."""
        wanted = sa.select(_log).where(_log.c.run == run).order_by(_log.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(_log.c.id < before)
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(wanted)][::-1]

    def find(self, run: RunId, *, after: int = 0, limit: int = LINES + 1) -> list[Line]:
        """A run's lines behind one of them, oldest first."""
        wanted = sa.select(_log).where(_log.c.run == run, _log.c.id > after).order_by(_log.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(wanted)]


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    at = aware(row.at)
    assert at is not None  # noqa: S101 - the column is not nullable
    return Line(id=row.id, at=at, level=row.level, task=row.task, what=row.what)
