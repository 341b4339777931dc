"""Finds the meaning of PostgreSQL errors whose code has several meanings."""

from __future__ import annotations

import psycopg

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.constraints import Meaning
from bucketlift.loaders.identifiers import quoted

STATEMENT_POOLING: Meaning = (
    DestinationRefused,
    "The connection pool in front of the server uses statement mode, but a load needs a transaction",
    "Set `pool_mode = transaction` for this database in pgbouncer.ini, or set the URL to the server itself.",
)
_LONGEST_NAME = 63
_DEFAULT = "_default"
_RETRY = "Then try the file again with `bucketlift files retry`."


def is_statement_pooling(text: str) -> bool:
    """Whether the error comes from a connection pool in statement mode.

    PgBouncer in this mode ends the session at the start of a transaction.
    """
    return "statement pooling" in text


def special(error: psycopg.Error, user: str, table: str) -> Meaning | None:
    """The meaning of an error whose code has several meanings; None if the code alone is clear.

    The error is recognised by names of functions inside the server, which are the same in every language.
    """
    diagnostics, state = error.diag, error.sqlstate
    message, function = diagnostics.message_primary or "", diagnostics.source_function or ""
    if state == "08P01" and is_statement_pooling(message):
        return STATEMENT_POOLING
    if state == "23514" and diagnostics.constraint_name is None:
        return _OTHER_PARTITION if function == "ExecPartitionCheckEmitError" else _no_partition(error)
    if state == "42501" and (function == "ExecWithCheckOptions" or "row-level security" in message):
        return _not_admitted(user, table)
    return None


_OTHER_PARTITION: Meaning = (
    DestinationRefused,
    "A row does not belong to this partition",
    "Load into the partitioned table itself, which stores each row in its partition.",
)


def _no_partition(error: psycopg.Error) -> Meaning:
    schema, table = error.diag.schema_name or "", error.diag.table_name or ""
    name = table.encode()[: _LONGEST_NAME - len(_DEFAULT)].decode(errors="ignore") + _DEFAULT
    make = f"CREATE TABLE {quoted(schema, name)} PARTITION OF {quoted(schema, table)} DEFAULT;"
    hint = (
        f"Create the partition that the row belongs to, or one for all other rows: {make} (A table that is "
        f"partitioned by hash cannot have a default: create its missing partition.) {_RETRY}"
    )
    return DestinationRefused, "No partition of the table accepts a row", hint


def _not_admitted(user: str, table: str) -> Meaning:
    policy = f"CREATE POLICY bucketlift ON {table} FOR INSERT TO {user} WITH CHECK (true);"
    hint = f"Admit the rows with: {policy} If a restrictive policy refuses them, change that policy. {_RETRY}"
    return DestinationRefused, "No policy of the table's row security admits a row", hint
