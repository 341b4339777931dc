"""Counts or removes the rows of a load in a SQLite table."""

from __future__ import annotations

import json
from collections.abc import Collection

from bucketlift.loaders.fit import load_ids
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import require_removed
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.keeping import watch
from bucketlift.loaders.sqlite.results import SqliteError
from bucketlift.loaders.sqlite.tables import NAMING, TYPES, columns_of, qualified
from bucketlift.loaders.unloading import require_lineage, still_referred_to
from bucketlift.model.load import LoadId, Target

_COUNT = """
    SELECT held.{load_id}, count(*) FROM {table} AS held
    WHERE held.{load_id} IN (SELECT value FROM json_each(?)) GROUP BY 1
"""
_DELETE = "DELETE FROM {table} AS held WHERE held.{load_id} = ?"


def count(connection: Connection, target: Target, loads: Collection[LoadId]) -> dict[LoadId, int] | None:
    """The number of rows of each load; None if there is no table, or if the table has no column for the load
    ID.
    """
    load_id = load_ids(columns_of(connection, target) or (), NAMING, TYPES)
    if load_id is None:
        return None
    query = _COUNT.format(table=qualified(target.table), load_id=quoted(load_id.name))
    found = dict(connection.rows(query, [json.dumps(list(loads))]))
    return {load: found.get(load, 0) for load in loads}


def delete(connection: Connection, target: Target, load: LoadId) -> int:
    """Delete the load's rows. Returns the number of deleted rows; 0 if the table does not exist any more."""
    columns = columns_of(connection, target)
    if columns is None:
        return 0
    load_id = quoted(require_lineage(target, columns, NAMING, TYPES).name)
    watched = watch(connection, target)
    try:
        rows = connection.change(_DELETE.format(table=qualified(target.table), load_id=load_id), [load])
    except SqliteError as error:
        if not error.name.startswith("SQLITE_CONSTRAINT"):
            raise
        raise still_referred_to(target) from None
    require_removed((count(connection, target, [load]) or {}).get(load, 0), target)
    if watched:
        watched.require_growth(connection, -rows)
    return rows
