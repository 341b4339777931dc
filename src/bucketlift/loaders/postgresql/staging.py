"""The temporary table that stores rows on the server until the final statements run."""

from __future__ import annotations

from bucketlift.loaders.batches import LINE, PLACE, SEQUENCE, value
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.columns import is_lossless
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import Target

STAGED = "pg_temp.bucketlift_staged"

_MAKE = "CREATE TEMPORARY TABLE bucketlift_staged ({columns}) ON COMMIT DROP"
_INSERT = "INSERT INTO {table} ({columns}) SELECT {values} FROM {staged} AS staged"
_SOURCE = f"{PLACE} bigint, {LINE} bigint, {SEQUENCE} bigint"


def make_staging(connection: Connection, target: Target, fit: Fit, table: Table | None) -> None:
    """Create the staging table.

    A column has the table's type if its values are native; otherwise it is text until the values are checked.
    A temporary table is not written to the write-ahead log, and other sessions cannot see it.
    """
    columns = [
        f"{value(at)} {declared(held, table) if is_lossless(column, held) else 'text'}"
        for at, (column, held) in enumerate(zip(target.columns, fit.mapped, strict=True))
    ]
    connection.execute(_MAKE.format(columns=", ".join([*columns, _SOURCE])))


def declared(column: TableColumn, table: Table | None) -> str:
    return table.declared(column) if table else column.type


def insert_staged(table: str, fit: Fit) -> str:
    """SQL that inserts all staged rows into the table.

    If rows name their load, the parameter ``$1`` is the list of the unit's load IDs.
    """
    values = [f"staged.{value(at)}" for at in range(len(fit.mapped))]
    if fit.load_id:
        values.append(f"($1::text[])[staged.{PLACE} + 1]")
    if fit.source_line:
        values.append(f"staged.{LINE}")
    names = ", ".join(quoted(column.name) for column in (*fit.mapped, *fit.lineage))
    return _INSERT.format(table=table, columns=names, values=", ".join(values), staged=STAGED)
