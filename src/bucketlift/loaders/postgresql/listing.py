"""Lists the tables of a schema that are possible targets."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection

from bucketlift.loaders.listing import by_table

_COLUMNS = """
    SELECT c.relname, a.attname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum
"""


def columns(connection: Connection, schema: str) -> Mapping[str, tuple[str, ...]]:
    return by_table(connection.execute(_COLUMNS, [schema]).fetchall())
