"""The identity of this installation."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database

_installation = tables.installation


class Installation:
    """The ID of this installation, in the only row of the table ``installation``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def id(self) -> str:
        """Return the installation's random ID. Backups contain it.

        The ID is read each time, because a restore may change it.
        """
        with self._database.reading() as connection:
            return str(connection.execute(sa.select(_installation.c.id)).scalar_one())
