"""Reads and writes destinations in the ledger."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.json_codec import dump, load_destination
from bucketlift.ledger.db.rows import Row
from bucketlift.model.account import Destination, DestinationSettings

_ON_PAGE = "on_page"
"""The key beside the stored settings that is true if a user of the page named the place."""


def destination_of(row: Row) -> Destination:
    settings = dict(row.settings)
    on_page = bool(settings.pop(_ON_PAGE, False))
    return Destination(
        name=row.name, project=row.project, settings=load_destination(settings), on_page=on_page
    )


def save_destination(connection: sa.Connection, destination: Destination, now: datetime) -> None:
    values = {
        "project": destination.project,
        "settings": dump(DestinationSettings, destination.settings)
        | ({_ON_PAGE: True} if destination.on_page else {}),
        "deleted_at": None,
    }
    known = connection.execute(
        sa.update(tables.destinations).where(tables.destinations.c.name == destination.name).values(**values)
    )
    if known.rowcount == 0:
        connection.execute(
            sa.insert(tables.destinations).values(name=destination.name, made_at=now, **values)
        )
