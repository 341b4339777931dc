"""Finds and creates tables in a PostgreSQL schema."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import Fit, TableColumn, columns_of_new_table, fitted
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.columns import TYPES
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.model.load import Lineage, Target
from bucketlift.rules.targets import NAMINGS, RESERVED, collisions, shorter_names, too_long

NAMING = NAMINGS["postgresql"]

KINDS = {
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "S": "sequence",
    "i": "index",
    "I": "index",
    "c": "type",
}

TREE = """
    tree AS (SELECT {root} AS oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
"""
"""SQL for a table and all tables that inherit from it, such as its partitions."""
_RELATION = f"""
    SELECT c.oid, c.relkind::text, c.relpersistence::text, row_security_active(c.oid),
        has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'DELETE'),
        c.relkind = 'r' AND NOT c.relhasrules AND NOT c.relrowsecurity
            AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion))
            AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
        EXISTS (WITH RECURSIVE {TREE.format(root="c.oid")}
            SELECT FROM tree JOIN pg_rewrite r ON r.ev_class = tree.oid WHERE r.ev_type <> '1'),
        EXISTS (WITH RECURSIVE {TREE.format(root="c.oid")}
            SELECT FROM tree JOIN pg_trigger t ON t.tgrelid = tree.oid WHERE NOT t.tgisinternal)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
"""  # noqa: S608  constants
_COLUMNS = """
    SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
        a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
        a.attgenerated <> '' OR a.attidentity = 'a',
        coalesce(NOT k.collisdeterministic, false),
        CASE WHEN k.collisdeterministic AND k.collname <> 'default'
            THEN quote_ident(s.nspname) || '.' || quote_ident(k.collname) END,
        has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
        has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
    FROM pg_attribute a
        LEFT JOIN pg_collation k ON k.oid = a.attcollation LEFT JOIN pg_namespace s ON s.oid = k.collnamespace
    WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_UNIQUES = """
    SELECT c.relname::text, ARRAY(SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = $1 AND i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL ORDER BY c.relname
"""
# Not the table's row type: another session may create the table between the query and the CREATE.
_TYPE = """
    SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE n.nspname = $1 AND t.typname = $2 AND (c.oid IS NULL OR c.relkind = 'c')
"""
_SCHEMA = """
    SELECT has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, 'CREATE'), quote_ident(current_user)
    FROM pg_namespace WHERE nspname = $1
"""
_MAKE = "CREATE TABLE {table} ({columns})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The definition of a table. Two definitions are equal if the table was not altered in the meantime."""

    oid: int
    columns: tuple[TableColumn, ...]
    folding: frozenset[str]
    """Columns in which texts with different bytes can be equal."""
    collations: tuple[tuple[str, str], ...]
    """The columns with a collation, each with the collation's name in SQL. Columns in ``folding`` are left
    out.
    """
    uniques: tuple[tuple[str, frozenset[str]], ...]
    """The unique indexes: the name of each, and its columns."""
    insertable: frozenset[str]
    updatable: frozenset[str]
    selectable: bool
    deletable: bool
    plain: bool
    """Whether a COPY into the table takes no lock that blocks another writer, because the table has no unique
    index and no trigger.
    """
    hides_rows: bool
    """Whether row security hides rows of the table from us."""
    ruled: bool
    """Whether the table, or one of its partitions, has a rule."""
    triggered: bool
    """Whether the table, or one of its partitions, has a trigger."""

    @property
    def guarded(self) -> bool:
        """Whether a statement may report rows as written that are not in the table afterwards."""
        return self.ruled or self.triggered

    def declared(self, column: TableColumn) -> str:
        """The column's type with its collation. A copy of the column with this type compares values in the
        same way.
        """
        collation = dict(self.collations).get(column.name)
        return f"{column.type} COLLATE {collation}" if collation else column.type


def find_table(connection: Connection, schema: str, target: Target) -> Table | None:
    """The definition of the target's table; None if no object has this name.

    Raises:
        DestinationRefused: an object of another kind has the name, or the table is unlogged, so that the
        server may lose its rows.
    """
    found = connection.execute(_RELATION, [schema, target.table]).fetchone()
    if found is None:
        return None
    oid, kind, persistence, hides_rows, selectable, deletable, plain, ruled, triggered = found
    if kind not in {"r", "p"}:
        raise DestinationRefused(
            f"The name belongs to a {KINDS.get(kind, 'relation')}, not to a table",
            to=f"table {target.table}",
            hint=f"Load into another table, or rename the {KINDS.get(kind, 'relation')}.",
        )
    if persistence == "u":
        raise DestinationRefused(
            "The table is unlogged: the server empties it after a crash, and the files may already be deleted",
            to=f"table {target.table}",
            hint=f"Protect its rows with: ALTER TABLE {quoted(schema, target.table)} SET LOGGED;",
        )
    columns = connection.execute(_COLUMNS, [oid]).fetchall()
    uniques = connection.execute(_UNIQUES, [oid]).fetchall()
    return Table(
        oid=oid,
        columns=tuple(
            TableColumn(name=name, type=kind, required=required, generated=generated)
            for name, kind, required, generated, *_ in columns
        ),
        folding=frozenset(name for name, *_, folding, _, _, _ in columns if folding),
        collations=tuple((name, collation) for name, *_, collation, _, _ in columns if collation),
        uniques=tuple((name, frozenset(among)) for name, among in uniques),
        insertable=frozenset(name for name, *_, may, _ in columns if may),
        updatable=frozenset(name for name, *_, may in columns if may),
        selectable=selectable,
        deletable=deletable,
        plain=plain,
        hides_rows=hides_rows,
        ruled=ruled,
        triggered=triggered,
    )


def fit_of(schema: str, target: Target, table: Table | None) -> Fit:
    """The columns of the existing table for the target, or of the table that will be created."""
    _refuse_names(target)
    if table is None:
        return columns_of_new_table(target, TYPES)
    return fitted(target, table.columns, NAMING, TYPES, schema=(schema,))


def require_schema(connection: Connection, schema: str, target: Target, *, makes: bool) -> None:
    """Check that the schema exists, and that we have the needed rights on it.

    Raises:
        DestinationRefused: the schema does not exist, or a right on it is missing.
    """
    found = connection.execute(_SCHEMA, [schema]).fetchone()
    if found is None:
        raise DestinationRefused(
            "The database has no such schema",
            to=f"schema {schema}",
            hint=f"Create the schema with: CREATE SCHEMA {quoted(schema)}; or name another schema in the destination.",
        )
    may_use, may_make, user = found
    if not may_use or (makes and not may_make):
        right = "CREATE" if may_use else "USAGE"
        raise DestinationRefused(
            "The database user may not create a table in the schema"
            if may_use
            else "The user may not use the schema",
            to=f"schema {schema}, table {target.table}",
            hint=f"Grant the right with: GRANT {right} ON SCHEMA {quoted(schema)} TO {user}; or create the table yourself.",
        )
    if makes and connection.execute(_TYPE, [schema, target.table]).fetchone():
        raise DestinationRefused(
            "The name belongs to a type, not to a table",
            to=f"table {target.table}",
            hint="Load into another table, or rename the type.",
        )


def make_table(connection: Connection, table: str, fit: Fit) -> None:
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in (*fit.mapped, *fit.lineage))
    connection.execute(_MAKE.format(table=table, columns=columns))


def temporary_name() -> str:
    """A random name for a table that is renamed before the commit. No other session can wait for this name."""
    return f"_bucketlift_{secrets.token_hex(8)}"


def _refuse_names(target: Target) -> None:
    """Refuse invalid names. PostgreSQL would, for example, cut a long name and then find another table."""
    names = [column.name for column in target.columns]
    if long := too_long(target, NAMING):
        raise DestinationRefused(
            f"Names are longer than PostgreSQL's limit of {NAMING.max_bytes} bytes",
            to=", ".join(f"`{name}`" for name in long),
            hint=shorter_names(target, long),
        )
    for name in names:
        if name in NAMING.system_columns:
            raise DestinationRefused(
                f"Every PostgreSQL table already has a system column {name}, which cannot be loaded",
                to=f"table {target.table}",
                hint="Map the field to another column.",
            )
    lineage = () if target.lineage is Lineage.OFF else RESERVED
    for earlier, _ in collisions([*names, *lineage], NAMING):
        raise DestinationRefused(
            f"Two fields are mapped to the column {earlier}",
            to=f"table {target.table}",
            hint="Map one of the two fields to another column.",
        )
