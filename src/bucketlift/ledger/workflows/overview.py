"""An overview of all workflows: last runs, and files that need a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import PENDING
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.tables.objects import IN_NEED
from bucketlift.model.lifecycle import Outcome
from bucketlift.model.run import RunId

_runs, _claims, _outbox = tables.runs, tables.claims, tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    id: RunId
    outcome: Outcome
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Overview:
    """Read-only queries, each about all workflows in one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_runs(self) -> dict[str, LastRun]:
        """Return the most recently requested run of each workflow."""
        place = sa.func.row_number().over(
            partition_by=_runs.c.workflow, order_by=(_runs.c.asked_at.desc(), _runs.c.id.desc())
        )
        columns = (_runs.c.workflow, _runs.c.id, _runs.c.state, _runs.c.outcome)
        times = (_runs.c.asked_at, _runs.c.started_at, _runs.c.finished_at)
        placed = sa.select(*columns, *times, place.label("place")).subquery()
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(placed).where(placed.c.place == 1)).all()
        return {
            row.workflow: LastRun(
                id=RunId(row.id),
                outcome=Outcome(row.outcome or row.state),
                asked_at=aware(row.asked_at) or row.asked_at,
                started_at=aware(row.started_at),
                finished_at=aware(row.finished_at),
            )
            for row in rows
        }

    def attention(self) -> dict[str, int]:
        """Count the files that need a decision, by workflow."""
        query = (
            sa.select(_claims.c.workflow, sa.func.count().label("files"))
            .where(IN_NEED)
            .group_by(_claims.c.workflow)
        )
        with self._database.reading() as connection:
            return {row.workflow: row.files for row in connection.execute(query)}

    def pending_actions(self, workflow: str) -> int:
        """Count a workflow's pending actions: deletes, moves and renames."""
        mine = (_outbox.c.workflow == workflow) & _outbox.c.state.in_(PENDING)
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(mine)) or 0
