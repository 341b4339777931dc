"""Reads the revision of a ledger without migrating it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bucketlift.errors import LedgerUnavailable
from bucketlift.ledger.db.database import Database


def of_file(path: Path) -> str | None:
    """Return the revision of a ledger file.

    None if the file is missing or is not a ledger: opening the file later reports the error.
    """
    return _of(f"sqlite:///{path}", path) if path.exists() else None


def of_url(url: str) -> str | None:
    """Return the revision of a ledger in a database.

    None if there is no ledger or the server is unreachable: opening the ledger later reports the error.
    """
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
