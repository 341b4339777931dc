"""Opens a ledger in a PostgreSQL database, for a fleet."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.errors import LedgerUnavailable, RequestWrong
from bucketlift.ledger.db.database import WRITERS, Database

IDLE_MS = 5_000
"""Maximum milliseconds between two statements of a transaction. A worker that hangs longer loses the
transaction and its lock.
"""
MIGRATION_IDLE_MS = 60_000
"""Maximum milliseconds between two statements during a migration (see ``IDLE_MS``), because a busy machine
may pause for seconds.
"""
WAIT_MS = 30_000
"""Maximum milliseconds that a transaction waits for another one."""
CONNECT_S = 10

_OPTIONS = (
    f"-c idle_in_transaction_session_timeout={IDLE_MS} -c lock_timeout={WAIT_MS} -c timezone=UTC"
    " -c synchronous_commit=on"
)


def open_url(url: str) -> Database:
    """Open a fleet's ledger and migrate it. One worker migrates; the others wait.

    Raises:
        RequestWrong: the URL is wrong, the server does not answer, a newer version wrote this ledger, or a worker
            of an older version uses it.
    """
    address = _address(url)
    engine = sa.create_engine(
        address,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={
            "options": _OPTIONS,
            "application_name": "bucketlift-ledger",
            "connect_timeout": CONNECT_S,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        },
    )
    sa.event.listen(engine, "begin", _begin)
    database = Database(engine, name=f"{address.host or 'local'}/{address.database}")
    try:
        database.migrate()
    except RequestWrong:
        database.close()
        raise
    except (sa.exc.DatabaseError, LedgerUnavailable) as error:
        database.close()
        why = str(error.orig if isinstance(error, sa.exc.DatabaseError) else error.what).partition("\n")[0]
        raise RequestWrong(
            f"The ledger cannot be opened ({why})",
            to=database.name,
            hint="Check that the server is running and BUCKETLIFT_DATABASE_URL is right. Then try again.",
        ) from None
    return database


def _address(url: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        address = None
    if address is None or address.get_backend_name() not in ("postgresql", "postgres"):
        raise RequestWrong(
            "The value is not the URL of a PostgreSQL database",
            to="BUCKETLIFT_DATABASE_URL",
            hint="Write postgresql://USER:PASSWORD@HOST:5432/DATABASE.",
        )
    return address.set(drivername="postgresql+psycopg")


def _begin(connection: sa.Connection) -> None:
    """Let only one transaction write at a time, so that the ledger's rules hold as on SQLite. Readers see one
    consistent state.
    """
    options = connection.get_execution_options()
    if options.get("own_row", False):
        return
    if options.get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
        if options.get("migrates", False):
            connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {MIGRATION_IDLE_MS}")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
