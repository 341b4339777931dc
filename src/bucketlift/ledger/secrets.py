"""Sealed secrets: the ledger keeps their bytes and cannot open them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.database import Database


class Secrets:
    """What the vault rests on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return tuple(connection.scalars(sa.select(tables.secrets.c.name).order_by(tables.secrets.c.name)))

    def get(self, name: str) -> bytes | None:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(tables.secrets.c.sealed).where(tables.secrets.c.name == name))

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None:
        with self._database.writing() as connection:
            known = connection.execute(
                sa.update(tables.secrets).where(tables.secrets.c.name == name).values(sealed=sealed)
            )
            if known.rowcount == 0:
                connection.execute(sa.insert(tables.secrets).values(name=name, sealed=sealed, made_at=now))
