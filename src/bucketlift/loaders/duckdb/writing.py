"""Streaming a file's rows into a table, or into the staging table."""

from __future__ import annotations

import duckdb
from duckdb import DuckDBPyConnection

from bucketlift.loaders.batches import LINE, SEQUENCE, cut, own_error, value
from bucketlift.loaders.duckdb.casts import exact, inexact
from bucketlift.loaders.duckdb.meaning import meaning
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import Target
from bucketlift.model.rows import RowStream

STAGED = "temp.main.staged"
PLACE = "place"
"""Column of the staging table: the load's place in the unit (from 0)."""

_INCOMING = "incoming"
_INSERT = "INSERT INTO {table} ({columns}) SELECT {values} FROM incoming"
_MAKE_STAGING = "CREATE TEMP TABLE staged ({columns}, place BIGINT, line BIGINT, sequence BIGINT)"


def insert_into(table: str, fit: Fit) -> str:
    """Straight into the table, as the transaction alone keeps the rows unseen. ``$mark`` is the load's id."""
    lineage = ["$mark"] * bool(fit.load_id) + [LINE] * bool(fit.source_line)
    columns = ", ".join(quoted(column.name) for column in (*fit.mapped, *fit.lineage))
    return _INSERT.format(table=table, columns=columns, values=", ".join(_values(fit) + lineage))


def insert_staged(fit: Fit) -> str:
    """Into the staging table. ``$mark`` is the load's place."""
    values = [*_values(fit), "$mark", LINE, SEQUENCE]
    columns = [*_staged(fit), PLACE, LINE, SEQUENCE]
    return _INSERT.format(table=STAGED, columns=", ".join(columns), values=", ".join(values))


def make_staging(connection: DuckDBPyConnection, fit: Fit) -> None:
    """Columns have the table's types, so that keys meet as the table compares them."""
    columns = [f"{name} {column.type}" for name, column in zip(_staged(fit), fit.mapped, strict=True)]
    connection.execute(_MAKE_STAGING.format(columns=", ".join(columns)))


def pour(
    connection: DuckDBPyConnection, rows: RowStream, *, target: Target, fit: Fit, insert: str, mark: object
) -> int:
    """Pull the stream through an insert; how many rows it brought.

    Raises:
        DestinationRefused: a value does not fit its column; names the column and line, never the value.
        the stream's own error: the file could not be read to its end.
    """
    connection.register(_INCOMING, cut(rows, target))
    try:
        marks = {"mark": mark} if "$mark" in insert else {}
        [[count]] = connection.execute(insert, marks).fetchall()
    except duckdb.Error as error:
        if own := own_error(rows):
            raise own from None
        raise inexact(error, target, fit) or meaning(error, f"table {target.table}") from None
    connection.unregister(_INCOMING)
    return int(count)


def _staged(fit: Fit) -> list[str]:
    return [value(position) for position in range(len(fit.mapped))]


def _values(fit: Fit) -> list[str]:
    """SQL for each mapped column's value, out of a batch's text."""
    return [exact(value(position), column, position) for position, column in enumerate(fit.mapped)]
