"""Counts or removes the rows of a load in a DuckDB table."""

from __future__ import annotations

from collections.abc import Collection

from duckdb import ConstraintException, DuckDBPyConnection

from bucketlift.loaders.duckdb import receipts
from bucketlift.loaders.duckdb.tables import NAMING, SCHEMA, TYPES, columns_of, qualified
from bucketlift.loaders.fit import TableColumn, load_ids
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import require_removed
from bucketlift.loaders.undoing import require_append, still_referred_to, without_lineage
from bucketlift.model.load import LoadId, Target

_COUNT = """
    SELECT {load_id}, count(*) FROM {table}
    WHERE {load_id} IN (SELECT unnest(CAST(? AS VARCHAR[]))) GROUP BY ALL
"""
_DELETE = "DELETE FROM {table} WHERE {load_id} = ?"


def count(
    connection: DuckDBPyConnection, target: Target, loads: Collection[LoadId]
) -> dict[LoadId, int] | None:
    """The number of rows per load; None if there is no table, or its rows do not name their load."""
    columns = columns_of(connection, target)
    load_id = load_ids(columns or (), NAMING, TYPES)
    if load_id is None:
        return None
    query = _COUNT.format(table=_table(connection, target), load_id=quoted(load_id.name))
    found = dict(connection.execute(query, [list(loads)]).fetchall())
    return {load: found.get(load, 0) for load in loads}


def size(connection: DuckDBPyConnection, target: Target) -> int | None:
    """The number of all rows; None if there is no table."""
    if columns_of(connection, target) is None:
        return None
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {_table(connection, target)}").fetchall()  # noqa: S608  the name is quoted
    return int(rows)


def unload(connection: DuckDBPyConnection, target: Target, load: LoadId) -> int:
    """Delete the load's rows and receipt. If the table was dropped, only the receipt is deleted."""
    mode = receipts.mode_of(connection, load)
    if mode is None:
        return 0
    require_append(mode, target)
    columns = columns_of(connection, target)
    rows = 0 if columns is None else _delete(connection, target, load_ids(columns, NAMING, TYPES), load)
    receipts.remove(connection, [load])
    return rows


def _delete(connection: DuckDBPyConnection, target: Target, load_id: TableColumn | None, load: LoadId) -> int:
    if load_id is None:
        raise without_lineage(target)
    statement = _DELETE.format(table=_table(connection, target), load_id=quoted(load_id.name))
    try:
        [[rows]] = connection.execute(statement, [load]).fetchall()
    except ConstraintException:
        raise still_referred_to(target) from None
    require_removed((count(connection, target, [load]) or {}).get(load, 0), target)
    return int(rows)


def _table(connection: DuckDBPyConnection, target: Target) -> str:
    return qualified(connection, SCHEMA, target.table)
