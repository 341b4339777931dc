"""Opens a directory's database for one transaction, and translates its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, OurFault
from bucketlift.loaders.directory import tables
from bucketlift.loaders.directory.bulk import named
from bucketlift.loaders.places import make_parent
from bucketlift.loaders.postgresql.connecting import place_of
from bucketlift.loaders.postgresql.error_translation import translated as translated_postgresql
from bucketlift.loaders.postgresql.refusals import unconnected
from bucketlift.loaders.process_locks import exclusive
from bucketlift.loaders.sqlite.error_translation import translated as translated_sqlite
from bucketlift.loaders.sqlite.results import SqliteError

WAIT = 5.0
"""Seconds to wait for a lock that another process holds."""
_PRAGMAS = ("cache_size = -65536", "temp_store = FILE", "synchronous = EXTRA")
_CONNECT = {
    "application_name": "bucketlift",
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_SERVER_SETTINGS = (
    "SET LOCAL lock_timeout = 5000",
    "SET LOCAL idle_in_transaction_session_timeout = 60000",
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a directory is stored: a SQLite file, or a schema of a PostgreSQL database."""

    path: Path | None = None
    url: str | None = None
    schema: str = "public"
    wait: float = WAIT

    def __str__(self) -> str:
        return str(self.path) if self.url is None else f"{place_of(self.url)}, schema {self.schema}"

    @property
    def exists(self) -> bool:
        """Whether there may be a directory. For a PostgreSQL server, the result is always True, because only
        a connection can show this.
        """
        return self.path is None or self.path.exists()


@contextmanager
def writing(place: Place) -> Iterator[sa.Connection]:
    """Open a transaction that excludes other writers.

    Missing tables are created. If the transaction is not committed, it is rolled back.

    Raises:
        DestinationBusy: another process or session has locked the directory, or the server is down.
        DestinationRefused: the database cannot be used; the error explains what to do.
    """
    if place.path is not None:
        make_parent(place.path)
    with _opened(place) as connection, connection.begin() as transaction:
        if place.url is None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            _begin_on_server(connection)
        _prepare(connection, place)
        if place.url is not None:
            # Readers are not blocked. The lock ends with the transaction.
            connection.exec_driver_sql(f"LOCK TABLE {named(connection, tables.loads)} IN EXCLUSIVE MODE")
        yield connection
        if transaction.is_active:
            transaction.rollback()


@contextmanager
def reading(place: Place) -> Iterator[sa.Connection | None]:
    """Open a transaction that reads one consistent state of the directory. Yields None if there is no
    directory yet.

    Raises: as in ``writing``.
    """
    if not place.exists:
        yield None
        return
    with _opened(place) as connection, connection.begin():
        if place.url is None:
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection if is_there(connection, place) else None


@contextmanager
def explained(place: Place) -> Iterator[None]:
    """Translate the database's errors that are raised in the block."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translated(error, place) from None
    except psycopg.Error as error:  # from a COPY, which SQLAlchemy does not translate
        raise translated_postgresql(error, str(place)) from None


def is_there(connection: sa.Connection, place: Place) -> bool:
    schema = None if place.url is None else place.schema
    return sa.inspect(connection).has_table(tables.settings.name, schema=schema)


@contextmanager
def _opened(place: Place) -> Iterator[sa.Connection]:
    with _exclusive(place), explained(place):
        engine = _engine(place)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@contextmanager
def _exclusive(place: Place) -> Iterator[None]:
    if place.path is None:
        yield
        return
    with exclusive(place.path):
        yield


def _engine(place: Place) -> sa.Engine:
    if place.url is None:
        engine = sa.create_engine(
            f"sqlite:///{place.path}",
            hide_parameters=True,
            poolclass=sa.NullPool,
            connect_args={"timeout": place.wait},
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        return engine
    place_of(place.url)  # refuses an invalid URL, and does not repeat its password
    engine = sa.create_engine(
        sa.make_url(place.url).set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        poolclass=sa.NullPool,
        connect_args=_CONNECT | {"prepare_threshold": None},
    )
    return engine.execution_options(schema_translate_map={None: place.schema})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Bucketlift sends BEGIN itself
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_server(connection: sa.Connection) -> None:
    for setting in _SERVER_SETTINGS:
        connection.exec_driver_sql(setting)


def _prepare(connection: sa.Connection, place: Place) -> None:
    """Create the tables if they do not exist.

    Raises:
        DestinationRefused: a newer version of Bucketlift created the tables.
    """
    if not is_there(connection, place):
        tables.metadata.create_all(connection)
        connection.execute(tables.settings.insert(), [{"name": "format", "value": tables.FORMAT}])
        return
    found = connection.scalar(sa.select(tables.settings.c.value).where(tables.settings.c.name == "format"))
    if found != tables.FORMAT:
        raise DestinationRefused(
            f"A newer version of Bucketlift made this directory (format {found})",
            to=str(place),
            hint="Use that version or a later one.",
        )


def _translated(error: sa.exc.DBAPIError, place: Place) -> BucketliftError:
    cause: Any = error.orig
    if place.path is not None:
        name = getattr(cause, "sqlite_errorname", None)
        if name is None:
            return OurFault(f"SQLite's driver refused a call ({type(cause).__name__})", to=str(place))
        return translated_sqlite(SqliteError(name, str(cause)), str(place), place.path)
    if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None and error.statement is None:
        return unconnected(cause, str(place), str(sa.make_url(place.url or "").password or ""))
    if isinstance(cause, psycopg.Error):
        return translated_postgresql(cause, str(place))
    return DestinationBusy(f"The connection to the server was lost ({type(cause).__name__})", to=str(place))
