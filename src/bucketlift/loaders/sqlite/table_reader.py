"""Reads tables of a SQLite file for display.

Python's own SQLite is used, because Arrow's driver cannot stop a statement. This is safe although the driver
includes another copy of SQLite: only one thread of this process has the file open at a time, and with one copy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.loaders.process_locks import exclusive
from bucketlift.loaders.sqlite.error_translation import translated
from bucketlift.loaders.sqlite.opening import refuse_unusable
from bucketlift.loaders.sqlite.results import SqliteError, error_of
from bucketlift.loaders.sqlite.tables import SCHEMA, qualified
from bucketlift.loaders.table_reader import WAIT, Ask, SqlTableReader, TooSlow, by_table, interrupting
from bucketlift.ports.table_reader import TableColumn
from bucketlift.rules.targets import RECEIPTS

_COLUMNS = """
    SELECT made.name, its.name, its.type, 1, its.hidden <> 0 FROM main.sqlite_schema AS made
    JOIN pragma_table_xinfo(made.name, ?) AS its
    WHERE made.type = 'table' AND made.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND its.hidden <> 1
    ORDER BY made.name, its.cid
"""


@dataclass(frozen=True)
class SqliteTableReader(SqlTableReader):
    path: Path

    def tables(self) -> Mapping[str, tuple[TableColumn, ...]]:
        if not self.path.exists():
            return {}
        with self._opened(str(self.path)) as ask:
            return by_table(ask(_COLUMNS, [SCHEMA], seconds=WAIT), RECEIPTS)

    @contextmanager
    def _opened(self, to: str) -> Iterator[Ask]:
        # Reading may need write access: SQLite first rolls back the unfinished work of a killed process.
        address = f"{self.path.absolute().as_uri()}?mode=rw"
        with exclusive(self.path, wait=WAIT):
            refuse_unusable(self.path)
            try:
                with closing(
                    sqlite3.connect(address, uri=True, timeout=WAIT, check_same_thread=False)
                ) as connection:
                    connection.execute("PRAGMA query_only = ON")
                    connection.execute("PRAGMA trusted_schema = OFF")
                    connection.text_factory = _text
                    yield _asking(connection)
            except sqlite3.Error as error:
                known = SqliteError(
                    getattr(error, "sqlite_errorname", "SQLITE_ERROR"), error_of(str(error)).words
                )
                raise translated(known, to, self.path) from None

    def _qualified(self, table: str) -> str:
        return qualified(table)

    def _text(self, expression: str, most: int) -> str:
        return f"substr(CAST({expression} AS TEXT), 1, {most})"

    def _parameter(self, number: int) -> str:  # noqa: ARG002 - of the base class
        return "?"


def _asking(connection: sqlite3.Connection) -> Ask:
    def ask(sql: str, values: Sequence[str] = (), *, seconds: float) -> list[tuple[Any, ...]]:
        try:
            with interrupting(connection, seconds):
                return connection.execute(sql, list(values)).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise TooSlow from None
            raise

    return ask


def _text(stored: bytes) -> str:
    """A text of a cell. Bytes that are not UTF-8 are replaced."""
    return stored.decode("utf-8", "replace")
