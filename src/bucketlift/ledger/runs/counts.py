"""Counts for a run's summary and its conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.rows import stored
from bucketlift.ledger.tables.objects import IN_NEED
from bucketlift.model.claim import Tally
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import RunId

_claims, _manifests, _sources, _receipts = (
    tables.claims,
    tables.manifests,
    tables.source_objects,
    tables.receipts,
)


class Counts:
    """Read-only queries for the counts of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tally(self, run: RunId, task: str) -> list[Tally]:
        """Count the files, rows and bytes of a manifest by state.

        A file that was loaded before may be read again for a replace unit. It counts as done if this run
        loaded it, as staged if this run only read it, and as retrying if reading failed.
        """
        loaded = sa.exists().where(_receipts.c.claim == _claims.c.id, _receipts.c.run == run)
        state = sa.case(
            (~_manifests.c.again, _claims.c.state),
            (loaded, FileState.DONE.value),
            (_manifests.c.staged, FileState.STAGED.value),
            else_=FileState.RETRYING.value,
        ).label("stands")
        query = (
            sa.select(
                state,
                sa.func.count().label("files"),
                _sum(_claims.c.rows).label("rows"),
                _sum(_claims.c.rejected).label("rejected"),
                _sum(_sources.c.size).label("bytes"),
            )
            .join(_manifests, _claims.c.id == _manifests.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_manifests.c.run == run, _manifests.c.task == task)
            .group_by(state)
        )
        with self._database.reading() as connection:
            return [
                Tally(
                    state=FileState(row.stands),
                    files=row.files,
                    rows=row.rows,
                    rejected=row.rejected,
                    bytes=row.bytes,
                )
                for row in connection.execute(query)
            ]

    def loaded_rows(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """Count the rows that a load task inserted, updated and left unchanged in this run.

        If the destination refused rows, their number is included.
        """
        names = ("inserted", "updated", "unchanged", "refused")
        columns = [_sum(_receipts.c[name]).label(name) for name in names]
        query = sa.select(*columns).where(_receipts.c.run == run, _receipts.c.load_task == load_task)
        with self._database.reading() as connection:
            found = dict(connection.execute(query).mappings().one())
        return {name: count for name, count in found.items() if count or name != "refused"}

    def attention(self, workflow: str | None = None) -> int:
        """Count the files of a workflow, or of all workflows, that need a decision."""
        query = sa.select(sa.func.count()).select_from(_claims).where(IN_NEED)
        if workflow is not None:
            query = query.where(_claims.c.workflow == workflow)
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def newly_held(self, run: RunId) -> int:
        """Count the files of a run's manifest that are held now, and the files whose actions this run held."""
        manifest = sa.select(_manifests.c.claim).where(_manifests.c.run == run)
        held = sa.select(sa.func.count()).where(
            _claims.c.id.in_(manifest),
            _claims.c.state.in_(stored((FileState.HELD, FileState.ARCHIVED_TIER))),
        )
        actions = sa.select(sa.func.count()).where(tables.outbox.c.held_by == run)
        with self._database.reading() as connection:
            return (connection.scalar(held) or 0) + (connection.scalar(actions) or 0)


def _sum(column: sa.Column[Any]) -> sa.Cast[int]:
    """Return an expression for the sum of a column, as bigint; 0 if there are no rows.

    PostgreSQL's sum of bigints is a numeric, which JSON cannot encode.
    """
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)
