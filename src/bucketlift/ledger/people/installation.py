"""Who this installation is."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database

_installation = tables.installation


class Installation:
    """The one row that the ledger was made with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def id(self) -> str:
        """Random, and the same for as long as the ledger lives, its restored backups included.

        Asked anew each time: a restore may bring another one.
        """
        with self._database.reading() as connection:
            return str(connection.execute(sa.select(_installation.c.id)).scalar_one())
