"""Opens a ledger in a SQLite file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import LedgerUnavailable, RequestWrong
from bucketlift.ledger.db.database import Database

BUSY_MS = 30_000


def open_file(path: Path, alive: Callable[[str], bool] = lambda _: False) -> Database:
    """Open the ledger file and migrate its tables; if the file is missing, create it with mode 0600.

    ``alive`` returns whether the worker with this ID is running. The default is for backups, which have no
    workers.

    Raises:
        RequestWrong: the file cannot be opened, a newer version wrote it, or a worker of an older version
        uses it.
    """
    _make(path)
    engine = sa.create_engine(
        f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000}
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    database = Database(engine, name=str(path))
    try:
        database.migrate(alive)
    except RequestWrong:
        database.close()
        raise
    except (sa.exc.DatabaseError, LedgerUnavailable) as error:
        database.close()
        why = error.orig if isinstance(error, sa.exc.DatabaseError) else error.what
        raise RequestWrong(
            f"The ledger cannot be opened ({why})",
            to=str(path),
            hint="Use another home with BUCKETLIFT_HOME, or restore a backup of the ledger.",
        ) from error
    return database


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise RequestWrong(
            f"The ledger cannot be opened ({error.strerror})",
            to=str(path),
            hint="Set BUCKETLIFT_HOME to a folder that you may write to.",
        ) from error


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Bucketlift sends BEGIN itself
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at the start of a writing transaction.

    A transaction that takes the lock later could fail in the middle, because another one has the lock.
    """
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
