"""How far each run is that is under way: one small row per run."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.json_codec import dump, load_advance
from bucketlift.model.advance import Advance
from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import Lease, RunId

_advances, _runs, _leases = tables.advances, tables.runs, tables.leases


class Advances:
    """Information for people. Nothing is decided by it, and it is gone when the run ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, run: RunId, lease: Lease, advance: Advance) -> None:
        """Say how far a run is, without a turn among the writers; nothing where it is over or somebody else's."""
        told = {"told": dump(Advance, advance), "at": advance.at}
        under_way = sa.exists().where(_runs.c.id == run, _runs.c.state == RunState.RUNNING.value)
        ours = sa.exists().where(_leases.c.workflow == lease.workflow, _leases.c.token == lease.token)
        with self._database.writing_aside() as connection:
            changed = connection.execute(
                sa.update(_advances).where(_advances.c.run == run, under_way, ours).values(**told)
            )
            if changed.rowcount:
                return
            row = sa.select(
                sa.literal(run),
                sa.literal(told["told"], _advances.c.told.type),
                sa.literal(told["at"], _advances.c.at.type),
            )
            connection.execute(
                sa.insert(_advances).from_select(["run", "told", "at"], row.where(under_way, ours))
            )

    def of(self, run: str) -> Advance | None:
        """None where nothing is told yet, or the run is over."""
        wanted = (
            sa.select(_advances.c.told)
            .join(_runs, _runs.c.id == _advances.c.run)
            .where(_advances.c.run == run, _runs.c.state == RunState.RUNNING.value)
        )
        with self._database.reading() as connection:
            told = connection.scalar(wanted)
        return None if told is None else load_advance(told)


def drop(connection: sa.Connection, run: RunId) -> None:
    """Forget a run that ends, within the transaction that ends it; and what a worker told too late of others."""
    over = sa.select(_runs.c.id).where(_runs.c.finished_at.is_not(None))
    connection.execute(sa.delete(_advances).where(sa.or_(_advances.c.run == run, _advances.c.run.in_(over))))
