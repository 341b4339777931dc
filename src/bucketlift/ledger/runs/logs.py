"""The logs of runs, which users can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.model.run import Lease, RunId

_log = tables.run_log

LINES = 5_000
"""Maximum lines in the log of one run: enough for about two million files, or a few thousand errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event in a run's log. A later line has a higher ID."""

    id: int
    at: datetime
    level: str
    task: str | None
    what: str


class Logs:
    """The logs of runs.

    Lines never contain the content of a cell, and there is no line per file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, run: RunId, lease: Lease, level: str, what: str, *, task: str | None, now: datetime
    ) -> None:
        """Add a line, unless the run's log is full. The last line that fits reports that the log is full."""
        with self._database.writing(lease) as connection:
            count = connection.scalar(sa.select(sa.func.count()).where(_log.c.run == run)) or 0
            if count > LINES:
                return
            if count == LINES:
                level, task, what = "warning", None, "The log is full: further lines are not kept"
            connection.execute(sa.insert(_log).values(run=run, level=level, task=task, what=what, at=now))

    def newest(self, run: RunId, *, before: int | None = None, limit: int = 100) -> list[Line]:
        """Return the newest lines of a run's log, oldest first.

        With ``before``, return the newest lines among those before that line.
        """
        query = sa.select(_log).where(_log.c.run == run).order_by(_log.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_log.c.id < before)
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(query)][::-1]

    def find(self, run: RunId, *, after: int = 0, limit: int = LINES + 1) -> list[Line]:
        """Return a run's lines after the line ``after``, oldest first."""
        query = sa.select(_log).where(_log.c.run == run, _log.c.id > after).order_by(_log.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(query)]


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    at = aware(row.at)
    assert at is not None  # noqa: S101 - the column is not nullable
    return Line(id=row.id, at=at, level=row.level, task=row.task, what=row.what)
