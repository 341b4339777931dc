"""The connection to the ledger, and its transactions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import LeaseLost, RequestWrong
from bucketlift.ledger import tables
from bucketlift.model.run import Lease

BUSY_MS = 30_000


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise RequestWrong(
            f"The ledger cannot be opened ({error.strerror})",
            to=str(path),
            hint="Name a home that you may write to: BUCKETLIFT_HOME.",
        ) from error


def aware(moment: datetime | None) -> datetime | None:
    """Give a time its zone back: SQLite keeps none, and everything in the ledger is UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


class Database:
    """One ledger. Transactions that write take SQLite's write lock at once, so none dies half-way for it."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @staticmethod
    def at(path: Path) -> Database:
        """Open the ledger file, making it (mode 0600) where it is absent, and bring its tables up to date."""
        _make(path)
        engine = sa.create_engine(
            f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": BUSY_MS / 1000}
        )
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
        database = Database(engine)
        try:
            database._migrate(path)
        except sa.exc.DatabaseError as error:
            database.close()
            raise RequestWrong(
                f"The ledger cannot be opened ({error.orig})",
                to=str(path),
                hint="Name another home with BUCKETLIFT_HOME, or put the ledger's backup back.",
            ) from error
        return database

    def _migrate(self, path: Path) -> None:
        from bucketlift.ledger.migrations import HEAD, upgrade  # noqa: PLC0415 - Alembic is slow to import

        found = self._revision()
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise RequestWrong(
                "This ledger was written by a newer Bucketlift",
                to=str(path),
                hint="Use that version, or restore a backup made by this one.",
            )
        upgrade(self.engine)

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return None if found is None else str(found)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, lease: Lease | None = None) -> Iterator[sa.Connection]:
        """Write in one transaction; refused with LeaseLost where the lease is stale."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if lease is not None:
                _require(connection, lease)
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def _require(connection: sa.Connection, lease: Lease) -> None:
    token = connection.scalar(
        sa.select(tables.leases.c.token).where(tables.leases.c.workflow == lease.workflow)
    )
    if token != lease.token:
        raise LeaseLost("Another worker has taken this run over", to=lease.workflow, hint="It goes on there.")


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
