"""Counts or removes the rows of a load in a DuckDB table."""

from __future__ import annotations

from collections.abc import Collection

from duckdb import ConstraintException, DuckDBPyConnection

from bucketlift.loaders.duckdb.tables import NAMING, SCHEMA, TYPES, columns_of, qualified
from bucketlift.loaders.fit import load_ids
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import require_removed
from bucketlift.loaders.unloading import require_lineage, still_referred_to
from bucketlift.model.load import LoadId, Target

_COUNT = """
    SELECT {load_id}, count(*) FROM {table}
    WHERE {load_id} IN (SELECT unnest(CAST(? AS VARCHAR[]))) GROUP BY ALL
"""
_DELETE = "DELETE FROM {table} WHERE {load_id} = ?"


def count(
    connection: DuckDBPyConnection, target: Target, loads: Collection[LoadId]
) -> dict[LoadId, int] | None:
    """The number of rows of each load.

    None if there is no table, or if the table has no column for the load ID.
    """
    columns = columns_of(connection, target)
    load_id = load_ids(columns or (), NAMING, TYPES)
    if load_id is None:
        return None
    query = _COUNT.format(table=_table(connection, target), load_id=quoted(load_id.name))
    found = dict(connection.execute(query, [list(loads)]).fetchall())
    return {load: found.get(load, 0) for load in loads}


def size(connection: DuckDBPyConnection, target: Target) -> int | None:
    """The number of all rows of the table; None if there is no table."""
    if columns_of(connection, target) is None:
        return None
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {_table(connection, target)}").fetchall()  # noqa: S608  the name is quoted
    return int(rows)


def delete(connection: DuckDBPyConnection, target: Target, load: LoadId) -> int:
    """Delete the rows of the load. Returns the number of deleted rows; 0 if the table does not exist any
    more.
    """
    columns = columns_of(connection, target)
    if columns is None:
        return 0
    load_id = quoted(require_lineage(target, columns, NAMING, TYPES).name)
    statement = _DELETE.format(table=_table(connection, target), load_id=load_id)
    try:
        [[rows]] = connection.execute(statement, [load]).fetchall()
    except ConstraintException:
        raise still_referred_to(target) from None
    require_removed((count(connection, target, [load]) or {}).get(load, 0), target)
    return int(rows)


def _table(connection: DuckDBPyConnection, target: Target) -> str:
    return qualified(connection, SCHEMA, target.table)
