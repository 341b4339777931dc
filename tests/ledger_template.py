"""A quick way to a new ledger: the tables that the migrations made once are made again by their final statements.

The migrations take a seventh of a second of a processor for each ledger, and most tests make one.
"""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa

from bucketlift.ledger import migrations, tables

MIGRATE = migrations.upgrade


@cache
def statements() -> Sequence[str]:
    """What makes the tables and indexes of a ledger that every migration has run on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.sqlite"
        engine = sa.create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            MIGRATE(connection)
        engine.dispose()
        with closing(sqlite3.connect(file)) as template:
            found = template.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
            return [statement for (statement,) in found]


def upgrade(connection: sa.Connection) -> None:
    """As the migrations' own; it stands in for them where a SQLite ledger is empty."""
    if connection.dialect.name != "sqlite" or connection.scalar(sa.text("SELECT 1 FROM sqlite_schema")):
        MIGRATE(connection)
        return
    for statement in statements():
        connection.exec_driver_sql(statement)
    connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.HEAD})
    new = {"id": secrets.token_hex(16), "made_at": datetime.now(UTC)}
    connection.execute(tables.installation.insert(), new)


@contextmanager
def upgrading_by(way: Callable[[sa.Connection], None]) -> Iterator[None]:
    """New ledgers of this process are made so until the block ends."""
    with patch.object(migrations, "upgrade", way):
        yield
