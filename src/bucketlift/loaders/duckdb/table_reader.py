"""Reads tables of a DuckDB file for display."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bucketlift.loaders.duckdb.error_translation import explained
from bucketlift.loaders.duckdb.memory import MEETING
from bucketlift.loaders.duckdb.opening import opened
from bucketlift.loaders.duckdb.tables import SCHEMA
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.table_reader import WAIT, Ask, SqlTableReader, TooSlow, by_table, interrupting
from bucketlift.ports.table_reader import TableColumn
from bucketlift.rules.targets import RECEIPTS

_COLUMNS = """
    SELECT table_name, column_name, data_type, true, false
    FROM duckdb_columns() JOIN duckdb_tables() USING (database_oid, schema_oid, table_name)
    WHERE duckdb_columns.database_name = current_database() AND duckdb_columns.schema_name = ?
    ORDER BY table_name, column_index
"""


@dataclass(frozen=True)
class DuckdbTableReader(SqlTableReader):
    """Opens the file only to read. While it is open, no other process can load into it."""

    path: Path

    def tables(self) -> Mapping[str, tuple[TableColumn, ...]]:
        if not self.path.exists():
            return {}
        with self._opened(str(self.path)) as ask:
            return by_table(ask(_COLUMNS, [SCHEMA], seconds=WAIT), RECEIPTS)

    @contextmanager
    def _opened(self, to: str) -> Iterator[Ask]:
        memory = f"{MEETING}MB"
        with (
            opened(self.path, memory_limit=memory, read_only=True, wait=WAIT) as connection,
            explained(to),
        ):
            # The file may have been written by others: its views and macros must not read other files.
            connection.execute("SET enable_external_access = false")

            def ask(sql: str, values: Sequence[str] = (), *, seconds: float) -> list[tuple[Any, ...]]:
                try:
                    with interrupting(connection, seconds):
                        return connection.execute(sql, list(values)).fetchall()
                except (duckdb.InterruptException, duckdb.OutOfMemoryException):
                    raise TooSlow from None

            yield ask

    def _qualified(self, table: str) -> str:
        return quoted(SCHEMA, table)

    def _text(self, expression: str, most: int) -> str:
        return f"left(CAST({expression} AS VARCHAR), {most})"

    def _parameter(self, number: int) -> str:  # noqa: ARG002 - of the base class
        return "?"
