"""Upsert of staged rows. The result is the same as if the files were loaded one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from bucketlift.errors import BucketliftError, DestinationBusy
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.keeping import Cause, not_kept, require_kept
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.merge_sql import JUDGED, MergeSql
from bucketlift.loaders.postgresql.staging import STAGED
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import LoadUnit, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    counts: Counter[tuple[int, str]]
    """The number of rows for each load (by its position in the unit) and result: inserted, updated or
    unchanged.
    """
    updated: int
    """Number of rows of the table that were updated."""
    inserted: int


def merge(
    connection: Connection,
    named: str,
    unit: LoadUnit,
    fit: Fit,
    table: Table | None,
    *,
    rows: int,
    causes: Callable[[], Sequence[Cause]],
) -> Merged:
    """Merge the staged rows into the table.

    ``causes`` returns the properties of the table that can drop rows.

    Other units of Bucketlift wait for the commit. Changes that other clients make at the same time are
    detected.

    Raises:
        DestinationBusy: another session changed a row that was to be updated, or inserted a key that was
        missing.
        DestinationRefused: a key occurs twice in the table. Or it occurs twice in one file if values are
        compared by the table's types.
        RowsNotKept: the table did not keep a row.
    """
    folding = table.folding if table else frozenset[str]()
    sql = MergeSql(table=named, target=unit.target, fit=fit, folding=folding)
    connection.execute(f"ANALYZE {STAGED}")
    if (len(unit.loads) > 1 or sql.typed_keys) and _rows(connection, sql.repeated()):
        _refuse_repeated(connection, sql)
        sql = replace(sql, chained=True)
    connection.execute(sql.judge())
    counted = _counted(connection)
    if counted.total() != rows:
        raise sql.doubled()
    connection.execute(f"ANALYZE {JUDGED}")
    if sql.chained:
        connection.execute(sql.keep_last())
    try:
        updated, inserted = _write(connection, sql, unit, causes)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name in _keyed_by(table, unit.target):
            raise DestinationBusy(
                "Another session inserted a key of the file in the meantime",
                to=f"table {unit.target.table}",
                hint="The next run tries again, and updates that row.",
            ) from None
        raise
    return Merged(counts=counted, updated=updated, inserted=inserted)


def _write(
    connection: Connection, sql: MergeSql, unit: LoadUnit, causes: Callable[[], Sequence[Cause]]
) -> tuple[int, int]:
    """Update and insert rows. Returns the number of updated rows and the number of inserted rows."""
    loads = [list(unit.loads)] if sql.fit.load_id else []
    ((updates, inserts),) = _rows(connection, sql.to_write())
    if updates:
        updated = connection.execute(sql.update(), loads).rowcount
        if updated != updates:
            raise _not_updated(connection, sql, updates - updated, causes)
    if inserts:
        require_kept(connection.execute(sql.insert(), loads).rowcount, inserts, unit.target, causes())
    return updates, inserts


def _not_updated(
    connection: Connection, sql: MergeSql, missing: int, causes: Callable[[], Sequence[Cause]]
) -> BucketliftError:
    """The error for rows that were not updated.

    If another session changed the row, it has a new ctid. If a trigger kept the row from changing, its ctid
    is the same.
    """
    [(protected,)] = _rows(connection, sql.not_updated())
    if protected:
        return not_kept(f"The table prevented the update of {protected:,} rows", sql.target, causes())
    return DestinationBusy(
        f"Another session changed {missing:,} of the rows to be updated",
        to=f"table {sql.target.table}",
        hint="The next run tries again.",
    )


def _keyed_by(table: Table | None, target: Target) -> set[str]:
    """The names of the unique indexes that have exactly the columns of the key, if these compare byte for
    byte.
    """
    key = frozenset(target.key_columns)
    if table is None or key & table.folding:
        return set()
    return {name for name, columns in table.uniques if columns == key}


def _refuse_repeated(connection: Connection, sql: MergeSql) -> None:
    if not sql.typed_keys:
        return
    for ((first, second),) in _rows(connection, sql.repeated_in_file()):
        raise sql.same_key(first, second)


def _counted(connection: Connection) -> Counter[tuple[int, str]]:
    found = _rows(connection, f"SELECT place, verdict, count(*) FROM {JUDGED} GROUP BY place, verdict")  # noqa: S608  a name of Bucketlift
    return Counter({(place, verdict): count for place, verdict, count in found})


def _rows(connection: Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()
