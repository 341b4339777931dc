"""The ledger's transactions, on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa

from bucketlift.errors import LeaseLost, LedgerUnavailable, RequestWrong
from bucketlift.ledger import migrations, tables
from bucketlift.ledger.db.other_versions import refuse_live_workers, refuse_newer
from bucketlift.ledger.migrations import HEAD
from bucketlift.model.run import Lease

WRITERS = 0x6275636B6574
"""The number of the advisory lock that writers take on PostgreSQL. Only one transaction can write at a time,
as on SQLite.
"""


def aware(moment: datetime | None) -> datetime | None:
    """Add the time zone UTC to a time of the ledger. All its times are UTC, but SQLite does not store time
    zones.
    """
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


class Database:
    """The database of one ledger. Writing transactions run one after another, so each sees all earlier
    writes.
    """

    def __init__(self, engine: sa.Engine, *, name: str) -> None:
        self.engine = engine
        self.name = name
        """The file, or the server and the database without the password. Errors contain this name."""

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a reading transaction. All its statements see the same state of the ledger."""
        with self._reached(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, lease: Lease | None = None) -> Iterator[sa.Connection]:
        """Open a writing transaction.

        Raises:
            LeaseLost: another worker has taken the lease.
            LedgerUpgraded: a newer version has migrated the ledger since it was opened.
        """
        with self._transaction(writes=True) as connection:
            refuse_newer(connection, ledger=self.name)
            if lease is not None:
                _require(connection, lease)
            yield connection

    @contextmanager
    def writing_own_row(self) -> Iterator[sa.Connection]:
        """Write one row that no other transaction writes. The global write lock is not taken.

        On SQLite the transaction still waits for other writers.
        """
        with self._transaction(writes=True, own_row=True) as connection:
            refuse_newer(connection, ledger=self.name)
            yield connection

    def clock(self) -> sa.ColumnElement[datetime] | datetime:
        """Return an expression for the ledger's time when the statement is executed."""
        if self.engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        return sa.func.clock_timestamp()

    def now(self) -> datetime:
        """Return the time of the ledger's clock, which all workers share."""
        if self.engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        with self.reading() as connection:
            now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            return now

    def migrate(self, alive: Callable[[str], bool] | None = None) -> None:
        """Migrate the tables to the newest revision.

        ``alive`` returns whether the worker with this ID is running. It is given only if all workers run on
        this machine.

        Raises:
            LedgerUpgraded: a newer version wrote this ledger.
            RequestWrong: a worker of an older version uses this ledger.
        """
        found = self.revision()
        if found == HEAD:
            return
        migrations.load()
        with self._transaction(writes=True, migrates=True) as connection:
            found = _revision(connection)  # another process may have upgraded it during the wait
            if found is not None:
                refuse_newer(connection, ledger=self.name)
            if found is not None and found < HEAD:
                refuse_live_workers(connection, found, alive, ledger=self.name)
            migrations.upgrade(connection)

    def revision(self) -> str | None:
        """Return the revision of the tables, which is their last migration; None before the first migration."""
        with self.engine.connect() as connection:
            return _revision(connection)

    @contextmanager
    def _transaction(self, **options: bool) -> Iterator[sa.Connection]:
        with (
            self._reached(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.TimeoutError as error:
            raise LedgerUnavailable("The ledger has too many open connections", to=self.name) from error
        except UnicodeEncodeError:
            raise RequestWrong(
                "An argument is not UTF-8 text",
                hint="Use UTF-8 in the command and in the terminal's locale.",
            ) from None
        except sa.exc.DataError as error:
            if "NUL" not in str(error.orig):
                raise
            raise RequestWrong("A value contains a NUL character", hint="Remove the character.") from None
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            # Only the first line: the following lines of PostgreSQL's errors may contain values.
            why = str(error.orig).partition("\n")[0]
            raise LedgerUnavailable(f"The ledger failed ({why})", to=self.name) from error

    def close(self) -> None:
        self.engine.dispose()


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _require(connection: sa.Connection, lease: Lease) -> None:
    token = connection.scalar(
        sa.select(tables.leases.c.token).where(tables.leases.c.workflow == lease.workflow)
    )
    if token != lease.token:
        raise LeaseLost(
            "Another worker has taken this run over",
            to=lease.workflow,
            hint="The other worker continues the run.",
        )
