"""Connections to a PostgreSQL server. Each unit of work opens its own connection, which is closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.postgresql.refusals import unconnected

Connection = psycopg.Connection[tuple[Any, ...]]

_ASKED: dict[str, str | int | None] = {
    "application_name": "bucketlift",
    # These settings detect a lost server within half a minute, also during a COPY.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Default parameters of a connection. The URL can replace them."""
_BEGIN = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = {lock};
    SET LOCAL idle_in_transaction_session_timeout = {idle};
    SET LOCAL standard_conforming_strings = on;
    SET LOCAL tcp_keepalives_idle = 10;
    SET LOCAL tcp_keepalives_interval = 5;
    SET LOCAL tcp_keepalives_count = 3;
    SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
"""
# SET LOCAL, because a connection pool may give the session to another client after each transaction.


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTimeouts:
    """Timeouts in milliseconds."""

    connect: int = 10_000
    lock: int = 5_000
    """Maximum wait for a lock that another session holds."""
    idle: int = 10_000
    """Maximum time between two statements, after which the server rolls back the transaction.

    This limits how long a stopped worker can block other sessions. A COPY is never idle, even if its rows
    arrive slowly.
    """


USUAL = ConnectionTimeouts()


def place_of(url: str) -> str:
    """The host and the database of a URL, for display, without the password.

    Raises:
        DestinationRefused: the URL is invalid.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise DestinationRefused(  # libpq's message repeats the URL, including the password
            "The URL of the destination is not a valid PostgreSQL URL",
            hint="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE. In a password, write %25 for % and %40 for @.",
        ) from None
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or parts.get('user') or ''}"


@contextmanager
def connected(url: str, timeouts: ConnectionTimeouts) -> Iterator[Connection]:
    """Open a connection without a transaction.

    At the end of the block, work that is not committed is rolled back and the connection is closed.

    Raises:
        DestinationBusy: the server is down or has no free connection.
        DestinationRefused: the URL is wrong, or the server refuses the login.
    """
    place = place_of(url)
    given = conninfo_to_dict(url)
    settings = _ASKED | {"connect_timeout": timeouts.connect // 1000}
    asked = {name: value for name, value in settings.items() if name not in given}
    try:
        connection = psycopg.connect(
            make_conninfo(url, client_encoding="utf8", **asked),
            autocommit=True,
            prepare_threshold=None,  # a pool may run each transaction in another session
            cursor_factory=psycopg.RawCursor,  # names may contain any character, including %
        )
    except psycopg.Error as error:
        raise unconnected(error, place, str(given.get("password") or "")) from None
    try:
        yield connection
    finally:
        connection.close()


def begin(connection: Connection, timeouts: ConnectionTimeouts) -> None:
    """Open a transaction with short timeouts for locks and for idle time."""
    connection.execute(_BEGIN.format(lock=timeouts.lock, idle=timeouts.idle))
