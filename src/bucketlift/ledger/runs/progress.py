"""The progress of running runs. Each run has one small row."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.json_codec import dump, load
from bucketlift.model.advance import Advance
from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import Lease, RunId

_advances, _runs, _leases = tables.advances, tables.runs, tables.leases


class SavedProgress:
    """The saved progress of runs.

    Progress is used only for display, and is deleted when the run ends.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, run: RunId, lease: Lease, advance: Advance) -> None:
        """Save the progress of a run, if the run is still running and the lease is still valid.

        The global write lock is not taken.
        """
        values = {"told": dump(Advance, advance), "at": advance.at}
        under_way = sa.exists().where(_runs.c.id == run, _runs.c.state == RunState.RUNNING.value)
        ours = sa.exists().where(_leases.c.workflow == lease.workflow, _leases.c.token == lease.token)
        with self._database.writing_own_row() as connection:
            changed = connection.execute(
                sa.update(_advances).where(_advances.c.run == run, under_way, ours).values(**values)
            )
            if changed.rowcount:
                return
            row = sa.select(
                sa.literal(run),
                sa.literal(values["told"], _advances.c.told.type),
                sa.literal(values["at"], _advances.c.at.type),
            )
            connection.execute(
                sa.insert(_advances).from_select(["run", "told", "at"], row.where(under_way, ours))
            )

    def of(self, run: str) -> Advance | None:
        """Return the progress of a run; None if no progress is saved, for example because the run has ended."""
        query = (
            sa.select(_advances.c.told)
            .join(_runs, _runs.c.id == _advances.c.run)
            .where(_advances.c.run == run, _runs.c.state == RunState.RUNNING.value)
        )
        with self._database.reading() as connection:
            stored = connection.scalar(query)
        return None if stored is None else load(Advance, stored)


def drop(connection: sa.Connection, run: RunId) -> None:
    """Delete the progress of a run, in the transaction that ends the run.

    Also delete progress that was saved after the end of other runs.
    """
    over = sa.select(_runs.c.id).where(_runs.c.finished_at.is_not(None))
    connection.execute(sa.delete(_advances).where(sa.or_(_advances.c.run == run, _advances.c.run.in_(over))))
