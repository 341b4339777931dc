"""Who this installation is."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.database import Database

_installation = tables.installation


class Installation:
    """The one row that the ledger was made with."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._id: str | None = None

    def id(self) -> str:
        """Random, and the same for as long as the ledger lives, its restored backups included."""
        if self._id is None:
            with self._database.reading() as connection:
                self._id = str(connection.execute(sa.select(_installation.c.id)).scalar_one())
        return self._id
