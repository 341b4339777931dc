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
"""The PostgreSQL advisory lock that lets one transaction write at a time, as SQLite does by itself."""


def aware(moment: datetime | None) -> datetime | None:
    """Give a time its zone back: SQLite keeps none, and everything in the ledger is UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


class Database:
    """One ledger. Writing transactions follow one another; each sees all that was written before it."""

    def __init__(self, engine: sa.Engine, *, name: str) -> None:
        self.engine = engine
        self.name = name
        """For errors: the file, or the server and database without a password."""

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read one state of the ledger, however many statements that takes."""
        with self._reached(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, lease: Lease | None = None) -> Iterator[sa.Connection]:
        """Write in one transaction; refused with LeaseLost where the lease is stale."""
        with (
            self._reached(),
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            if lease is not None:
                _require(connection, lease)
            yield connection

    @contextmanager
    def writing_aside(self) -> Iterator[sa.Connection]:
        """Write one row that is nobody else's, without a turn: long transactions keep it waiting on SQLite only."""
        with (
            self._reached(),
            self.engine.connect().execution_options(writes=True, aside=True) as connection,
            connection.begin(),
        ):
            yield connection

    def clock(self) -> sa.ColumnElement[datetime] | datetime:
        """The ledger's time at the moment a statement is carried out."""
        if self.engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        return sa.func.clock_timestamp()

    def now(self) -> datetime:
        """The time by the ledger's clock, which all workers share."""
        if self.engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        with self.reading() as connection:
            now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            return now

    def migrate(self, alive: Callable[[str], bool] | None = None) -> None:
        """Bring the tables up to date.

        ``alive``: whether a worker of this id lives, if the kernel knows all workers of this ledger.

        Raises:
            RequestWrong: a newer version wrote this ledger, or a worker of an older one is at work on it.
        """
        found = self.revision()
        if found == HEAD:
            return
        migrations.load()
        with self.writing() as connection:
            found = _revision(connection)  # another process may have upgraded it while we waited
            if found is not None and found > HEAD:
                refuse_newer(connection, found, ledger=self.name)
            if found is not None and found < HEAD:
                refuse_live_workers(connection, found, alive, ledger=self.name)
            migrations.upgrade(connection)

    def revision(self) -> str | None:
        """Which migration the tables stand at; None before the first."""
        with self.engine.connect() as connection:
            return _revision(connection)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.TimeoutError as error:
            raise LedgerUnavailable("Too much is asked of the ledger at once", to=self.name) from error
        except UnicodeEncodeError:
            raise RequestWrong(
                "Something that was given is not text in UTF-8",
                hint="Write it in UTF-8, as the terminal's locale.",
            ) from None
        except sa.exc.DataError as error:
            if "NUL" not in str(error.orig):
                raise
            raise RequestWrong("Nothing here has a NUL character", hint="Leave it out.") from None
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            # Only the first line: what follows it in PostgreSQL's answers may hold values.
            why = str(error.orig).partition("\n")[0]
            raise LedgerUnavailable(f"The ledger broke off ({why})", to=self.name) from error

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
        raise LeaseLost("Another worker has taken this run over", to=lease.workflow, hint="It goes on there.")
