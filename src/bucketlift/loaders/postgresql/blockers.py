"""Finds the sessions that hold a lock for which Bucketlift waits."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from bucketlift.errors import DestinationBusy
from bucketlift.loaders.postgresql.connecting import Connection

UNIT_LOCK = 0x6275636B
"""The upper half of the key of an advisory lock, which lets only one unit at a time write to a table.

The lower half identifies the table.
"""

# Runs after the wait, and names the sessions that hold a lock on the object, longest first.
_HOLDERS = """
    SELECT a.pid, a.usename::text, a.application_name, to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
      AND (l.locktype = 'advisory' AND l.classid = $3
           OR l.locktype = 'relation' AND l.mode <> 'AccessShareLock' AND l.relation IN (
               SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))))
    ORDER BY l.locktype = 'advisory' DESC, a.xact_start LIMIT 1
"""


def waited(connection: Connection, tables: Sequence[tuple[str, str]], to: str) -> DestinationBusy:
    """The error for a lock that was not released in time. Rolls back the transaction."""
    hint = "Commit or roll back its transaction, or end that session; the next run tries again."
    try:
        connection.execute("ROLLBACK")
        asked = [[schema for schema, _ in tables], [table for _, table in tables], UNIT_LOCK]
        holder = connection.execute(_HOLDERS, asked).fetchone()
    except psycopg.Error:
        holder = None
    if holder is None:
        return DestinationBusy("Another session kept a lock on the table for too long", to=to, hint=hint)
    pid, user, program, since = holder
    session = f"session {pid} of {user or 'an unknown user'} ({program or 'an unnamed program'})"
    since_text = f", in a transaction since {since} UTC" if since else ""
    return DestinationBusy(f"The table is locked by {session}{since_text}", to=to, hint=hint)
