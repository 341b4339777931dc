"""Finds and creates tables in a DuckDB database."""

from __future__ import annotations

from typing import assert_never

from duckdb import DuckDBPyConnection

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import Fit, TableColumn, Types, columns_of_new_table, fitted, refuse_collisions
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import Target
from bucketlift.model.types import TypeName, ValueType
from bucketlift.rules.targets import NAMINGS

NAMING = NAMINGS["duckdb"]


def _type_of(kind: ValueType) -> str:
    match kind.name:
        case TypeName.TEXT:
            return "VARCHAR"
        case TypeName.INTEGER:
            return "BIGINT"
        case TypeName.DECIMAL:
            return f"DECIMAL({kind.precision},{kind.scale})"
        case TypeName.DATE:
            return "DATE"
        case TypeName.TIMESTAMP:
            return "TIMESTAMP WITH TIME ZONE" if kind.zoned else "TIMESTAMP"
        case TypeName.BOOLEAN:
            return "BOOLEAN"
        case _:
            assert_never(kind.name)


TYPES = Types(
    text="VARCHAR",
    of=_type_of,
    line="BIGINT",
    lines=frozenset({"BIGINT", "HUGEINT", "UBIGINT", "INTEGER", "UINTEGER"}),
)
SCHEMA = "main"

_OBJECTS = """
    SELECT table_name, table_type FROM information_schema.tables
    WHERE table_catalog = current_database() AND table_schema = ?
"""
_COLUMNS = """
    SELECT column_name, data_type, NOT is_nullable AND column_default IS NULL, is_generated
    FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index
"""
_MAKE = "CREATE TABLE {table} ({columns})"


def qualified(connection: DuckDBPyConnection, *names: str) -> str:
    """The name, preceded by the name of its database.

    Without the database, ``bucketlift.loads`` has two meanings in a file named bucketlift.
    """
    [[database]] = connection.execute("SELECT current_database()").fetchall()
    return quoted(database, *names)


def prepare_table(connection: DuckDBPyConnection, target: Target) -> Fit:
    """Find the table's columns for the target. If the table does not exist, create it."""
    refuse_collisions(target, NAMING, "DuckDB")
    columns = columns_of(connection, target)
    if columns is not None:
        return fitted(target, columns, NAMING, TYPES)
    fit = columns_of_new_table(target, TYPES)
    columns_sql = ", ".join(f"{quoted(column.name)} {column.type}" for column in (*fit.mapped, *fit.lineage))
    connection.execute(_MAKE.format(table=qualified(connection, SCHEMA, target.table), columns=columns_sql))
    return fit


def columns_of(connection: DuckDBPyConnection, target: Target) -> list[TableColumn] | None:
    """The columns of the target's table; None if the table does not exist.

    Raises:
        DestinationRefused: an object of another kind has the table's name.
    """
    name = _table_name(connection, target)
    if name is None:
        return None
    found = connection.execute(_COLUMNS, [SCHEMA, name]).fetchall()
    return [TableColumn(name=n, type=t, required=r, generated=g) for n, t, r, g in found]


def _table_name(connection: DuckDBPyConnection, target: Target) -> str | None:
    """The table's name in its original upper and lower case; None if the table does not exist."""
    for name, kind in connection.execute(_OBJECTS, [SCHEMA]).fetchall():
        if NAMING.fold(name) != NAMING.fold(target.table):
            continue
        if kind != "BASE TABLE":
            raise DestinationRefused(
                f"The name belongs to a {kind.lower()}, not to a table",
                to=f"table {target.table}",
                hint=f"Load into another table, or rename the {kind.lower()}.",
            )
        return str(name)
    return None
