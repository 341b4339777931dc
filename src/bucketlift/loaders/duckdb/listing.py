"""Lists the tables of a DuckDB database that are possible targets."""

from __future__ import annotations

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

from bucketlift.loaders.duckdb.tables import SCHEMA
from bucketlift.loaders.listing import by_table

_COLUMNS = """
    SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (database_oid, schema_oid, table_name)
    WHERE duckdb_columns.database_name = current_database() AND duckdb_columns.schema_name = ?
    ORDER BY table_name, column_index
"""


def columns(connection: DuckDBPyConnection) -> Mapping[str, tuple[str, ...]]:
    return by_table(connection.execute(_COLUMNS, [SCHEMA]).fetchall())
