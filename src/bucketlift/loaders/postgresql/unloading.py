"""Counts or removes the rows of a load in a PostgreSQL table."""

from __future__ import annotations

from collections.abc import Collection

import psycopg

from bucketlift.loaders.fit import load_ids
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import require_removed
from bucketlift.loaders.postgresql.columns import TYPES
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.receipts import PostgresqlReceipts
from bucketlift.loaders.postgresql.tables import NAMING, find_table
from bucketlift.loaders.unloading import require_lineage, still_referred_to
from bucketlift.loaders.unloading import unload as unload_load
from bucketlift.model.load import LoadId, Target
from bucketlift.ports import Fence

_COUNT = "SELECT {load_id}, count(*) FROM {table} WHERE {load_id} = ANY($1::text[]) GROUP BY {load_id}"
_DELETE = "DELETE FROM {table} WHERE {load_id} = $1"
# The rows that a foreign key would delete, or set to null, together with the load's rows.
_FOLLOWERS = """
    SELECT n.nspname::text, c.relname::text,
        (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY AS k (at, n)
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.at),
        (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.confkey) WITH ORDINALITY AS k (at, n)
         JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.at)
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE f.contype = 'f' AND f.confrelid = $1 AND f.confdeltype IN ('c', 'n', 'd')
"""
_FOLLOWS = "SELECT 1 FROM {follower} AS f JOIN {table} AS t ON {meets} WHERE t.{load_id} = $1 LIMIT 1"


def count(
    connection: Connection, schema: str, target: Target, loads: Collection[LoadId]
) -> dict[LoadId, int] | None:
    """The number of rows of each load.

    None if there is no table, or if the table has no column for the load ID.
    """
    table = find_table(connection, schema, target)
    load_id = load_ids(table.columns, NAMING, TYPES) if table else None
    if load_id is None:
        return None
    query = _COUNT.format(table=quoted(schema, target.table), load_id=quoted(load_id.name))
    found: dict[LoadId, int] = dict(connection.execute(query, [list(loads)]).fetchall())
    return {load: found.get(load, 0) for load in loads}


def size(connection: Connection, schema: str, target: Target) -> int | None:
    """The number of all rows of the table. None if there is no table, or if row security hides some rows."""
    table = find_table(connection, schema, target)
    if table is None or table.hides_rows:
        return None
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {quoted(schema, target.table)}").fetchall()  # noqa: S608  the name is quoted
    return int(rows)


def unload(
    connection: Connection, receipts: PostgresqlReceipts, target: Target, load: LoadId, fence: Fence
) -> int:
    """Delete the load's rows and its receipt, and commit. Returns the number of deleted rows.

    If the table does not exist any more, only the receipt is deleted.
    """
    try:
        rows = unload_load(receipts, target, load, lambda: _delete(connection, receipts.schema, target, load))
        fence()
        connection.execute("COMMIT")  # deferred foreign keys are checked here
    except psycopg.errors.ForeignKeyViolation:
        raise still_referred_to(target) from None
    return rows


def _delete(connection: Connection, schema: str, target: Target, load: LoadId) -> int:
    table = find_table(connection, schema, target)
    if table is None:
        return 0
    load_id = quoted(require_lineage(target, table.columns, NAMING, TYPES).name)
    named = quoted(schema, target.table)
    for other_schema, other, mine, theirs in connection.execute(_FOLLOWERS, [table.oid]).fetchall():
        meets = " AND ".join(
            f"f.{quoted(one)} = t.{quoted(its)}" for one, its in zip(mine, theirs, strict=True)
        )
        follows = _FOLLOWS.format(
            follower=quoted(other_schema, other), table=named, meets=meets, load_id=load_id
        )
        if connection.execute(follows, [load]).fetchone():
            raise still_referred_to(target)
    rows = connection.execute(_DELETE.format(table=named, load_id=load_id), [load]).rowcount
    require_removed((count(connection, schema, target, [load]) or {}).get(load, 0), target)
    return rows
