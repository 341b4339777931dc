"""Streams rows into a table or into its staging table."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from bucketlift.loaders.batches import LINE, PLACE, SEQUENCE, native, schema_of, value
from bucketlift.loaders.duckdb.casts import exact, inexact
from bucketlift.loaders.duckdb.error_translation import translated
from bucketlift.loaders.duckdb.tables import TYPES
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import require_size
from bucketlift.model.load import LoadUnit, Target

STAGED = "temp.main.staged"

_LOAD_ID = f"$loads[{PLACE} + 1]"
_INSERT = "INSERT INTO {table} ({columns}) SELECT {values} FROM incoming"
_MAKE_STAGING = "CREATE TEMP TABLE staged ({columns}, place BIGINT, line BIGINT, sequence BIGINT)"


def insert_into(table: str, target: Target, fit: Fit) -> str:
    """SQL that inserts rows directly into the table. No staging is needed, because the open transaction
    already hides the rows.
    """
    lineage = [_LOAD_ID] * bool(fit.load_id) + [LINE] * bool(fit.source_line)
    columns = ", ".join(quoted(column.name) for column in (*fit.mapped, *fit.lineage))
    return _INSERT.format(table=table, columns=columns, values=", ".join(_values(target, fit) + lineage))


def insert_staged(target: Target, fit: Fit) -> str:
    columns = [*_staged(fit), PLACE, LINE, SEQUENCE]
    values = [*_values(target, fit), PLACE, LINE, SEQUENCE]
    return _INSERT.format(table=STAGED, columns=", ".join(columns), values=", ".join(values))


def make_staging(connection: DuckDBPyConnection, fit: Fit) -> None:
    """Create the staging table.

    Its columns have the types of the table's columns, so that keys are compared as in the table.
    """
    columns = [f"{name} {column.type}" for name, column in zip(_staged(fit), fit.mapped, strict=True)]
    connection.execute(_MAKE_STAGING.format(columns=", ".join(columns)))


def empty(connection: DuckDBPyConnection, table: str, target: Target) -> None:
    """Delete all rows of the table.

    Raises:
        RowsNotKept: some rows remain.
    """
    connection.execute(f"DELETE FROM {table}")  # noqa: S608  the name is quoted
    [(left,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608  the name is quoted
    require_size(left, 0, target)


def stream(
    connection: DuckDBPyConnection,
    batches: Iterator[pa.RecordBatch],
    *,
    unit: LoadUnit,
    fit: Fit,
    insert: str,
) -> int:
    """Stream batches into an INSERT statement.

    Returns the number of rows that DuckDB reports as written.

    Raises:
        DestinationRefused: a value does not fit its column. The error names the column and the line, never
        the value.
        BucketliftError: the batches could not be read. This is the error that was raised when they were read.
    """
    reader = pa.RecordBatchReader.from_batches(schema_of(unit.target, fit, TYPES), batches)
    connection.register("incoming", reader)
    try:
        loads = {"loads": list(unit.loads)} if "$loads" in insert else {}
        [(rows,)] = connection.execute(insert, loads).fetchall()
    except duckdb.Error as error:
        raise inexact(error, unit.target, fit) or translated(error, _table(unit.target)) from None
    connection.unregister("incoming")
    return int(rows)


def _table(target: Target) -> str:
    return f"table {target.table}"


def _staged(fit: Fit) -> list[str]:
    return [value(position) for position in range(len(fit.mapped))]


def _values(target: Target, fit: Fit) -> list[str]:
    """SQL for the value of each mapped column, made from the native value or the text in the batch."""
    return [
        value(position) if native(column, held, TYPES) else exact(value(position), held, position)
        for position, (column, held) in enumerate(zip(target.columns, fit.mapped, strict=True))
    ]
