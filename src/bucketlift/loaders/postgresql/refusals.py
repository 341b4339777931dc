"""Why a server could not be reached, or did not let us in."""

from __future__ import annotations

import re

import psycopg

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused

_URL = "Mend the destination's url."
_LATER = "The next run tries again."

# There is no SQLSTATE yet where a connection is refused, only text; a server with another language says
# nothing of this, and counts as out of reach.
_MEANING: tuple[tuple[str, type[BucketliftError], str, str], ...] = (
    (
        r"password authentication failed|no password supplied|authentication failed for user",
        DestinationRefused,
        "The server refused the user or the password",
        "Mend the user and the password in the destination's url.",
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        DestinationRefused,
        "The server lets this user in neither from here nor in this way",
        "Ask its administrator for a line in pg_hba.conf; where it asks for TLS, add ?sslmode=require to the url.",
    ),
    (r'database ".*" does not exist', DestinationRefused, "The server has no such database", _URL),
    (r'role ".*" does not exist', DestinationRefused, "The server has no such user", _URL),
    (
        r"is not permitted to log in|permission denied for database|is not currently accepting connections",
        DestinationRefused,
        "The server does not let this user into this database",
        "Ask its administrator for LOGIN, and for CONNECT on the database.",
    ),
    (
        r"certificate|does not support SSL|SSL error",
        DestinationRefused,
        "The server's TLS is not as the url demands",
        "Mend sslmode and sslrootcert in the destination's url, or the server's certificate.",
    ),
    (
        r"too many clients|too many connections|connection slots",
        DestinationBusy,
        "The server has no connection left",
        "Lower max_parallel of the destination, or let the server take more; the next run tries again.",
    ),
    (
        r"starting up|shutting down|in recovery mode|not accepting connections|not yet accepting",
        DestinationBusy,
        "The server is starting, stopping or recovering",
        _LATER,
    ),
    (r"timeout expired|timed out", DestinationBusy, "The server did not answer in time", _LATER),
)


def unconnected(error: psycopg.Error, place: str) -> BucketliftError:
    """Ours for theirs; not even their words are kept, for they may repeat the url."""
    text = str(error)
    for sign, kind, what, hint in _MEANING:
        if re.search(sign, text):
            return kind(what, to=place, hint=hint)
    return DestinationBusy("The server cannot be reached", to=place, hint=_LATER)
