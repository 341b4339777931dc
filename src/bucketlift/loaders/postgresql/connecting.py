"""Connections to a PostgreSQL server: one for each unit of work, closed after it."""

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
    # A server that vanished is noticed within half a minute, in the middle of a COPY too.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""What the url may say otherwise."""
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
# SET LOCAL, because a pool between us and the server may hand the session on after each transaction.


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, in milliseconds."""

    connect: int = 10_000
    lock: int = 5_000
    """For what somebody else has locked."""
    idle: int = 10_000
    """Between two statements of a transaction, before the server undoes it: a worker that was stopped there
    holds nobody up for longer. A COPY is not idle, however slowly its rows come."""


USUAL = Patience()


def place_of(url: str) -> str:
    """Host and database for people to read, without the password.

    Raises:
        DestinationRefused: the url is none.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise DestinationRefused(  # libpq's own words repeat the url, and the password with it
            "The url is not one of a PostgreSQL database",
            hint="Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE; % and @ in a password as %25 and %40.",
        ) from None
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or parts.get('user') or ''}"


@contextmanager
def connected(url: str, patience: Patience) -> Iterator[Connection]:
    """A connection without a transaction. It is closed whatever happens, and what was not committed undone.

    Raises:
        DestinationBusy: the server is down, or has no connection left.
        DestinationRefused: the url is wrong, or the server does not let us in.
    """
    place = place_of(url)
    given = conninfo_to_dict(url)
    settings = _ASKED | {"connect_timeout": patience.connect // 1000}
    asked = {name: value for name, value in settings.items() if name not in given}
    try:
        connection = psycopg.connect(
            make_conninfo(url, client_encoding="utf8", **asked),
            autocommit=True,
            prepare_threshold=None,  # a pool may run each transaction on another session
            cursor_factory=psycopg.RawCursor,  # names may hold any character, % too
        )
    except psycopg.Error as error:
        raise unconnected(error, place, str(given.get("password") or "")) from None
    try:
        yield connection
    finally:
        connection.close()


def begin(connection: Connection, patience: Patience) -> None:
    """Open a transaction that waits for nobody for long, and lets nobody wait for long."""
    connection.execute(_BEGIN.format(lock=patience.lock, idle=patience.idle))
