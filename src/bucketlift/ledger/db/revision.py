"""Which migration a ledger stands at, without bringing it up to date."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bucketlift.errors import LedgerUnavailable
from bucketlift.ledger.db.database import Database


def of_file(path: Path) -> str | None:
    """None where there is no ledger yet, or something that is none: opening it tells what is wrong."""
    return _of(f"sqlite:///{path}", path) if path.exists() else None


def of_url(url: str) -> str | None:
    """None where there is no ledger yet, or where it cannot be reached: opening it tells what is wrong."""
    try:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError:
        return None
    return _of(address, address.database)


def _of(address: sa.URL | str, name: object) -> str | None:
    database = Database(sa.create_engine(address, hide_parameters=True), name=str(name))
    try:
        return database.revision()
    except (sa.exc.DatabaseError, LedgerUnavailable):
        return None
    finally:
        database.close()
