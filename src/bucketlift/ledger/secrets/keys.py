"""PGP keys by name, without their private parts."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.errors import NotFound
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.model.pgp import KeyKind, PgpKey

_keys = tables.keys


class Keys:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, PgpKey]:
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_keys).order_by(_keys.c.name)).all()
        return {
            row.name: PgpKey(
                name=row.name,
                kind=KeyKind(row.kind),
                fingerprint=row.fingerprint,
                user_id=row.user_id,
                public=row.public,
                made_at=aware(row.made_at) or row.made_at,
                expires_at=aware(row.expires_at),
            )
            for row in rows
        }

    def get(self, name: str) -> PgpKey:
        """Return the key with this name.

        Raises:
            NotFound: the key does not exist.
        """
        known = self.all()
        if name not in known:
            raise NotFound(
                "There is no PGP key with this name",
                to=name,
                hint=f"Known keys: {', '.join(known) or 'there is no key yet; bucketlift keys create NAME'}.",
            )
        return known[name]

    def put(self, key: PgpKey) -> None:
        """Store a key; it replaces a key with the same name."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(_keys).where(_keys.c.name == key.name))
            connection.execute(
                sa.insert(_keys).values(
                    name=key.name,
                    kind=key.kind.value,
                    fingerprint=key.fingerprint,
                    user_id=key.user_id,
                    public=key.public,
                    made_at=key.made_at,
                    expires_at=key.expires_at,
                )
            )

    def remove(self, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(_keys).where(_keys.c.name == name))
