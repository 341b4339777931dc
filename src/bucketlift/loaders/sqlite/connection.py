"""A connection to a SQLite file through Arrow's driver (ADBC), which binds columns without creating Python
objects.

SQLite is in autocommit mode, so SQL statements open and close the transactions. Only one statement runs at a
time.
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
    """A connection to a SQLite file. Only one thread may use it at a time. Closing it rolls back uncommitted
    work.
    """

    def __init__(self, address: str) -> None:
        """Open the file at a ``file:`` URI (sqlite.org/uri.html).

        Raises:
            SqliteError: the file cannot be opened.
        """
        try:
            self._database = adbc_driver_sqlite.connect(address)
            self._connection = adbc.AdbcConnection(self._database)
        except adbc.Error:  # the text mentions memory for every cause
            raise SqliteError(CANTOPEN) from None

    def rows(self, query: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query. The first value of each column decides its type: number or text.

        Raises:
            SqliteError: the query failed; the error has SQLite's name of the result.
        """
        with _translated(), self._statement(query) as statement:
            if values:
                statement.bind(_row(values))
            stream, _ = statement.execute_query()
            table = pa.RecordBatchReader.from_stream(stream).read_all()
            return list(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def change(self, sql: str, values: pa.RecordBatch | Sequence[Value] = ()) -> int:
        """Execute a statement; if a batch is given, once for each of its rows. Returns the number of changed
        rows.

        Raises:
            SqliteError: the statement failed; the error has SQLite's name of the result. Earlier statements
            of the transaction stay in effect.
        """
        with _translated(), self._statement(sql) as statement:
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
            with contextlib.suppress(adbc.Error):  # SQLite repeats why the statement failed
                statement.close()


def _row(values: Sequence[Value]) -> pa.RecordBatch:
    names = [str(place) for place in range(len(values))]
    return pa.RecordBatch.from_arrays([pa.array([each]) for each in values], names=names)


@contextmanager
def _translated() -> Iterator[None]:
    """Translate the driver's errors in the block, and Arrow's errors while it reads from the driver."""
    try:
        yield
    except (adbc.Error, OSError, ValueError) as error:
        raise error_of(str(error)) from None
