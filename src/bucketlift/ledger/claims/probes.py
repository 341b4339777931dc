"""The results of probes: which preconditions a store obeys in each bucket."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.model.source import Honoured, Precondition, StoreId

_probes = tables.probes


class Probes:
    """The results of probes.

    A result belongs to the store, not to an account, because an account may later reach another store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, store: StoreId, bucket: str) -> dict[Precondition, Honoured]:
        query = sa.select(_probes).where(_probes.c.store == store, _probes.c.bucket == bucket)
        with self._database.reading() as connection:
            return {
                Precondition(row.precondition): Honoured(row.honoured) for row in connection.execute(query)
            }

    def record(
        self, store: StoreId, bucket: str, precondition: Precondition, honoured: Honoured, *, now: datetime
    ) -> None:
        same = sa.and_(
            _probes.c.store == store,
            _probes.c.bucket == bucket,
            _probes.c.precondition == precondition.value,
        )
        values = {"honoured": honoured.value, "probed_at": now}
        with self._database.writing() as connection:
            known = connection.execute(sa.update(_probes).where(same).values(**values))
            if known.rowcount == 0:
                connection.execute(
                    sa.insert(_probes).values(
                        store=store, bucket=bucket, precondition=precondition.value, **values
                    )
                )

    def forget(self, store: StoreId) -> None:
        """Remove the failed results of a store, so that its preconditions are tested again.

        Call this after a repair of the store.
        """
        with self._database.writing() as connection:
            connection.execute(
                sa.delete(_probes).where(_probes.c.store == store, _probes.c.honoured != Honoured.YES.value)
            )
