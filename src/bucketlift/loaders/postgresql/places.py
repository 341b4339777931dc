"""Finds the table of a PostgreSQL database in which the receipts are stored."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.tables import KINDS

SCHEMA, TABLE = "bucketlift", "loads"
BESIDE = "_bucketlift_loads"
"""The name of the table of receipts in the target's schema.

This table is used if the schema ``bucketlift`` does not exist and cannot be created.
"""

_TABLES = """
    SELECT n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text,
        has_schema_privilege(n.oid, 'USAGE')
        AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
        AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'), quote_ident(current_user)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    UNION ALL
    SELECT n.nspname::text, t.typname::text, 'type', '', false, ''
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typrelid = 0 AND t.typcategory <> 'A'
        AND (n.nspname, t.typname) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
_TABLE = frozenset({"r", "p"})
_KINDS = KINDS | {"type": "type"}
_MAY_MAKE = """
    SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1),
        coalesce((SELECT has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE')
                  FROM pg_namespace WHERE nspname = $1),
                 has_database_privilege(current_database(), 'CREATE'))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table of receipts, which exists or will be created."""

    schema: str
    table: str
    exists: bool = False
    makes_schema: bool = False

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


def find_place(connection: Connection, schema: str, chosen: str | None) -> Place:
    """Find the table of receipts.

    It is the configured table, otherwise an existing one, otherwise the best one that may be created. An
    existing table stays in use, because its receipts would be lost from view if another table were chosen
    after a new right is granted.

    Raises:
        DestinationRefused: the table exists but may not be used, or none may be created.
    """
    candidates = [_named(chosen)] if chosen else [(schema, BESIDE), (SCHEMA, TABLE)]
    asked = [[name for name, _ in candidates], [table for _, table in candidates]]
    found = {(row[0], row[1]): row[2:] for row in connection.execute(_TABLES, asked).fetchall()}
    for place in candidates:
        if place in found:
            _refuse_unusable(place, *found[place])
            return Place(schema=place[0], table=place[1], exists=True)
    for name, table in candidates if chosen else [(SCHEMA, TABLE), (schema, BESIDE)]:
        there, may_make = _one(connection, name)
        if may_make:
            return Place(schema=name, table=table, makes_schema=not there)
    raise DestinationRefused(
        "The database user may not create the table of receipts, which records what was loaded",
        to=f"table {'.'.join(candidates[-1])}",
        hint=f"Grant the right with: CREATE SCHEMA {SCHEMA}; GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO the user; "
        "or name a table as the destination's `receipts`.",
    )


def _one(connection: Connection, schema: str) -> tuple[bool, bool]:
    [(there, may_make)] = connection.execute(_MAY_MAKE, [schema]).fetchall()
    return there, may_make


def _named(chosen: str) -> tuple[str, str]:
    schema, _, table = chosen.partition(".")
    if schema and table:
        return schema, table
    raise DestinationRefused(
        "The name of the table of receipts does not have the form SCHEMA.TABLE",
        to=f"`{chosen}`",
        hint="Write `receipts: ops.bucketlift_loads`, or leave `receipts` out.",
    )


def _refuse_unusable(
    place: tuple[str, str],
    relkind: str,
    persistence: str,
    may_use: bool,  # noqa: FBT001  a row of the query
    user: str,
) -> None:
    if relkind not in _TABLE:
        kind = _KINDS.get(relkind, "relation")
        raise DestinationRefused(
            f"{'An' if kind == 'index' else 'A'} {kind} has the name of the table of receipts",
            to=f"{kind} {'.'.join(place)}",
            hint=f"Give the {kind} another name (ALTER {kind.upper()} {quoted(*place)} RENAME TO other_name), "
            "or name another table as the destination's `receipts`.",
        )
    if not may_use:
        raise DestinationRefused(
            "The database user may not use the table of receipts, which records what was loaded",
            to=f"table {'.'.join(place)}",
            hint=f"Grant the right with: GRANT USAGE ON SCHEMA {quoted(place[0])} TO {user}; "
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted(*place)} TO {user}; "
            "or name another table as the destination's `receipts`.",
        )
    if persistence != "p":
        raise DestinationRefused(
            "The table of receipts is unlogged: a crash would lose the record of what was loaded",
            to=f"table {'.'.join(place)}",
            hint=f"Make the table durable with: ALTER TABLE {quoted(*place)} SET LOGGED;",
        )
