"""Encrypted secrets: the ledger stores their bytes and cannot decrypt them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database

_secrets, _installation = tables.secrets, tables.installation


class Secrets:
    """The part of the ledger in which the vault stores secrets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return tuple(connection.scalars(sa.select(_secrets.c.name).order_by(_secrets.c.name)))

    def get(self, name: str) -> bytes | None:
        with self._database.reading() as connection:
            return connection.scalar(sa.select(_secrets.c.sealed).where(_secrets.c.name == name))

    def key_check(self) -> bytes | None:
        """Return the value by which the vault recognises a wrong key; None if nothing is encrypted yet."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(_installation.c.key_check))

    @contextmanager
    def changing(self) -> Iterator[SecretChanges]:
        """Change secrets in one transaction. Other writers wait until the transaction ends."""
        with self._database.writing() as connection:
            yield SecretChanges(connection)


class SecretChanges:
    """Reads and changes secrets in an open transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, bytes]:
        rows = self._connection.execute(
            sa.select(_secrets.c.name, _secrets.c.sealed).order_by(_secrets.c.name)
        )
        return {row.name: row.sealed for row in rows}

    def key_check(self) -> bytes | None:
        return self._connection.scalar(sa.select(_installation.c.key_check))

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None:
        known = self._connection.execute(
            sa.update(_secrets).where(_secrets.c.name == name).values(sealed=sealed)
        )
        if known.rowcount == 0:
            self._connection.execute(sa.insert(_secrets).values(name=name, sealed=sealed, made_at=now))

    def remove(self, name: str) -> None:
        self._connection.execute(sa.delete(_secrets).where(_secrets.c.name == name))

    def set_key_check(self, check: bytes | None) -> None:
        self._connection.execute(sa.update(_installation).values(key_check=check))
