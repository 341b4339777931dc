"""Translates PostgreSQL's errors of connecting and of signing in."""

from __future__ import annotations

import re

import psycopg

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused
from bucketlift.loaders.foreign_words import in_brackets

_URL = "Correct the destination's URL."
_LATER = "The next run tries again."

# A refused connection has no SQLSTATE, only text. If the server uses another language, the text is not
# recognised here, and the server counts as unreachable.
_MEANING: tuple[tuple[str, type[BucketliftError], str, str], ...] = (
    (
        r"password authentication failed|no password supplied|authentication failed for user",
        DestinationRefused,
        "The server refused the user or the password",
        "Correct the user and the password in the destination's URL.",
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        DestinationRefused,
        "The server's pg_hba.conf does not allow this connection: this user, from this machine, to this database",
        "Ask the server's administrator for a line in pg_hba.conf. If the server requires TLS, add ?sslmode=require to the URL.",
    ),
    (r'database ".*" does not exist', DestinationRefused, "The server has no such database", _URL),
    (r'role ".*" does not exist', DestinationRefused, "The server has no such user", _URL),
    (
        r"is not permitted to log in|permission denied for database|is not currently accepting connections",
        DestinationRefused,
        "This user may not connect to this database",
        "Ask the server's administrator for LOGIN, and for CONNECT on the database.",
    ),
    (r"no such database", DestinationRefused, "The connection pool has no such database", _URL),
    (r"no such user", DestinationRefused, "The connection pool has no such user", _URL),
    (
        r"unsupported startup parameter",
        DestinationRefused,
        "The connection pool in front of the server does not accept a setting of the URL",
        "Remove that setting from the URL, or add it to ignore_startup_parameters in pgbouncer.ini.",
    ),
    (
        r"certificate|does not support SSL|SSL error",
        DestinationRefused,
        "The server's TLS does not meet the settings of the URL",
        "Correct sslmode and sslrootcert in the destination's URL, or the server's certificate.",
    ),
    (
        r"too many clients|too many connections|connection slots",
        DestinationBusy,
        "The server has no connection left",
        "Lower max_parallel of the destination, or raise max_connections of the server; the next run tries again.",
    ),
    (
        r"starting up|shutting down|in recovery mode|not accepting connections|not yet accepting",
        DestinationBusy,
        "The server is starting, stopping or recovering",
        _LATER,
    ),
    (r"timeout expired|timed out", DestinationBusy, "The server did not answer in time", _LATER),
)


def unconnected(error: psycopg.Error, place: str, password: str) -> BucketliftError:
    """Translate the error, and add the words of the server or of libpq, without the password."""
    text = str(error)
    appended = in_brackets("PostgreSQL", "", _without_secrets(text, password))
    for sign, kind, what, hint in _MEANING:
        if re.search(sign, text):
            return kind(f"{what}{appended}", to=place, hint=hint)
    return DestinationBusy(f"The server cannot be reached{appended}", to=place, hint=_LATER)


def _without_secrets(text: str, password: str) -> str:
    """The error's text without the password.

    If libpq tried several hosts, only the message of the last one is used.
    """
    last = (text.strip().splitlines() or [""])[0 if "\n\t" in text else -1]
    return "" if "://" in last else last.replace(password, "…") if password else last
