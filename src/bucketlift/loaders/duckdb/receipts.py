"""Receipts in a DuckDB database, in the table ``loads`` of the schema ``bucketlift``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from duckdb import BinderException, DuckDBPyConnection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import GenericTypeCompiler, SQLCompiler

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.duckdb.tables import NAMING, qualified
from bucketlift.loaders.receipts import Receipts, arrays, name_taken, receipts_table

SCHEMA = "bucketlift"
TABLE = "loads"
PLACE = f"{SCHEMA}.{TABLE}"

_KIND = """
    SELECT 'table' FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = $schema AND table_name = $name
    UNION ALL SELECT 'view' FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = $schema AND view_name = $name
"""
_COLUMNS = """
    SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database()
    AND schema_name = ? AND table_name = ?
"""
_TYPES = {sa.Text: "VARCHAR", sa.BigInteger: "BIGINT", sa.DateTime: "TIMESTAMP"}


class _Compiler(SQLCompiler):
    def for_update_clause(self, select: Any, **kw: Any) -> str:  # noqa: ARG002
        return ""  # DuckDB has one writer


class _TypeCompiler(GenericTypeCompiler):
    def visit_ARRAY(self, type_: sa.ARRAY[Any], **kw: Any) -> str:  # noqa: N802 - SQLAlchemy's name
        return f"{self.process(type_.item_type, **kw)}[]"


class _Dialect(DefaultDialect):
    """A small SQLAlchemy dialect that is enough for these statements. To import PostgreSQL's dialect takes
    longer than a small load.
    """

    statement_compiler = _Compiler
    type_compiler_cls = _TypeCompiler


@dataclass(kw_only=True)
class DuckdbReceipts(Receipts):
    connection: DuckDBPyConnection
    naming = NAMING
    dialect = _Dialect(paramstyle="numeric_dollar")

    @cached_property
    def table(self) -> sa.Table:
        # With the database's name: without it, the name is ambiguous in a file named bucketlift.
        schema = sa.sql.quoted_name(qualified(self.connection, SCHEMA), quote=False)
        return receipts_table(TABLE, schema, sa.DateTime())

    def make(self) -> None:
        """Create the table if it does not exist. If an early version created it, add the missing column.

        Raises:
            DestinationRefused: the table's name belongs to another object, or to a table with other columns.
        """
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {qualified(self.connection, SCHEMA)}")
        if not self._exists():
            self._execute(sa.schema.CreateTable(self.table, if_not_exists=True))
        expected = {column.name: _TYPES[type(column.type)] for column in self.table.columns}
        if self._columns() | {"installation": expected["installation"]} != expected:
            raise _other_columns()
        installation = f"{qualified(self.connection, SCHEMA, TABLE)} ADD COLUMN IF NOT EXISTS installation"
        self.connection.execute(f"ALTER TABLE {installation} VARCHAR")

    def _ours(self) -> sa.ColumnElement[bool]:
        return super()._ours() if "installation" in self._columns() else sa.true()

    def _rows(self, select: sa.Select[Any]) -> list[Any]:
        if not self._exists():
            return []
        try:
            return self._execute(select)
        except BinderException:
            raise _other_columns() from None

    def _change(self, statement: sa.ClauseElement) -> int:
        [(rows,)] = self._execute(statement)
        return int(rows)

    def _listed(self, **columns: Sequence[str | int]) -> sa.Subquery:
        return arrays(**columns)

    def _execute(self, statement: sa.ClauseElement) -> list[Any]:
        return self.connection.execute(*self._sql(statement)).fetchall()

    def _columns(self) -> dict[str, str]:
        return dict(self.connection.execute(_COLUMNS, [SCHEMA, TABLE]).fetchall())

    def _exists(self) -> bool:
        """Whether the table exists.

        Raises:
            DestinationRefused: a view has the table's name.
        """
        found = self.connection.execute(_KIND, {"schema": SCHEMA, "name": TABLE}).fetchall()
        if ("view",) in found:
            raise name_taken("view", PLACE)
        return bool(found)


def _other_columns() -> DestinationRefused:
    return DestinationRefused(
        f"The table {PLACE} does not have the columns of receipts",
        to=f"table {PLACE}",
        hint="Rename that table: Bucketlift needs this name for its receipts.",
    )
