"""Upsert of staged rows. The result is the same as if the files were loaded one after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bucketlift.loaders.fit import Fit
from bucketlift.loaders.keeping import not_kept, require_kept
from bucketlift.loaders.sqlite import merge_sql
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.keeping import Watch
from bucketlift.loaders.sqlite.merge_sql import MergeSql
from bucketlift.model.load import LoadUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    counts: Counter[tuple[int, str]]
    """The number of rows for each load (by its position in the unit) and result: inserted, updated or
    unchanged.
    """
    inserted: int
    """Number of rows that were added to the table."""


def merge(connection: Connection, table: str, unit: LoadUnit, fit: Fit, watch: Watch | None) -> Merged:
    """Merge the staged rows into the table.

    Raises:
        DestinationRefused: a key occurs twice in the table. Or it occurs twice in one file if values are
        compared by the table's types.
        RowsNotKept: the table did not accept a row, or a watched table does not have the row afterwards.
    """
    sql = MergeSql(table=table, target=unit.target, fit=fit)
    for statement in (sql.index(), *merge_sql.TABLES):
        connection.change(statement)
    chained = bool(connection.rows(sql.repeated()))
    if chained and sql.typed_keys:
        _refuse_repeated(connection, sql)
    connection.change(sql.meet())
    _refuse_doubled(connection, sql)
    connection.change(sql.judge(chained=chained))
    connection.change(sql.keep_last(chained=chained))
    counted = Counter({(place, verdict): rows for place, verdict, rows in connection.rows(merge_sql.COUNT)})
    inserted = _write(connection, sql, watch)
    if watch:
        _require_all_met(connection, sql, watch)
    return Merged(counts=counted, inserted=inserted)


def _write(connection: Connection, sql: MergeSql, watch: Watch | None) -> int:
    """Update and insert rows. Returns the number of inserted rows."""
    [[updates, inserts]] = connection.rows(merge_sql.TO_WRITE)
    causes = watch.causes if watch else ()
    if updates:
        require_kept(connection.change(sql.update()), updates, sql.target, causes)
    require_kept(connection.change(sql.insert()), inserts, sql.target, causes)
    return int(inserts)


def _require_all_met(connection: Connection, sql: MergeSql, watch: Watch) -> None:
    """Check that the table has each key of the unit exactly once.

    Raises:
        RowsNotKept: a key is missing or occurs twice.
    """
    connection.change(merge_sql.FORGET_MET)
    connection.change(sql.meet())
    [[met, keys, staged]] = connection.rows(merge_sql.COUNT_MET)
    if met != staged or keys != staged:
        raise not_kept(f"The table has {keys:,} of {staged:,} keys after the load", sql.target, watch.causes)


def _refuse_repeated(connection: Connection, sql: MergeSql) -> None:
    for first, second in connection.rows(sql.repeated_in_file()):
        raise sql.same_key(first, second)


def _refuse_doubled(connection: Connection, sql: MergeSql) -> None:
    if connection.rows(merge_sql.MET_TWICE):
        raise sql.doubled()
