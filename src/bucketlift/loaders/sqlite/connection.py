"""A connection to a SQLite file through Arrow's driver (ADBC), which binds columns without making objects of them.

Always one statement at a time, in SQLite's own autocommit: transactions are said in SQL.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager as adbc
import adbc_driver_sqlite
import pyarrow as pa

from bucketlift.loaders.sqlite.results import CANTOPEN, SqliteError, error_of

Value = str | int | float | None


class Connection:
    """Not for two threads at once. Closing undoes what was not committed."""

    def __init__(self, address: str) -> None:
        """Open ``file:`` and what follows (sqlite.org/uri.html).

        Raises:
            SqliteError: the file cannot be opened.
        """
        try:
            self._database = adbc_driver_sqlite.connect(address)
            self._connection = adbc.AdbcConnection(self._database)
        except adbc.Error:  # its text tells of memory whatever it was
            raise SqliteError(CANTOPEN) from None

    def rows(self, query: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; of each column the first value decides what the others may be: number or text.

        Raises:
            SqliteError: named as SQLite names its results.
        """
        with _told(), self._statement(query) as statement:
            if values:
                statement.bind(_row(values))
            stream, _ = statement.execute_query()
            table = pa.RecordBatchReader.from_stream(stream).read_all()
            return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def change(self, sql: str, values: pa.RecordBatch | Sequence[Value] = ()) -> int:
        """Execute a statement, with a batch once for each of its rows; tells how many rows it changed.

        Raises:
            SqliteError: named as SQLite names its results. What was done before in the transaction stays.
        """
        with _told(), self._statement(sql) as statement:
            if isinstance(values, pa.RecordBatch):
                statement.bind(values)
            elif values:
                statement.bind(_row(values))
            return int(statement.execute_update())

    def close(self) -> None:
        self._connection.close()
        self._database.close()

    @contextmanager
    def _statement(self, sql: str) -> Iterator[adbc.AdbcStatement]:
        statement = adbc.AdbcStatement(self._connection)
        try:
            statement.set_sql_query(sql)
            statement.prepare()
            yield statement
        finally:
            with contextlib.suppress(adbc.Error):  # SQLite says once more why the statement failed
                statement.close()


def _row(values: Sequence[Value]) -> pa.RecordBatch:
    names = [str(place) for place in range(len(values))]
    return pa.RecordBatch.from_arrays([pa.array([each]) for each in values], names=names)


@contextmanager
def _told() -> Iterator[None]:
    """The driver's errors, and Arrow's while it reads from the driver."""
    try:
        yield
    except (adbc.Error, OSError, ValueError) as error:
        raise error_of(str(error)) from None
