"""Upsert: what is staged goes into the table as if its files came one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused
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
    """By the load's place in the unit and the verdict."""
    updated: int
    """Rows of the table."""
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
    """Put the rows that are staged into the table. ``causes`` asks what of the table can drop rows.

    Other units of ours must wait until we commit. What strangers do to the same rows meanwhile is noticed.

    Raises:
        DestinationBusy: somebody changed a row that was to be updated, or inserted a key that was not there.
        DestinationRefused: a key is twice in the table, or, as the table's types read it, twice in a file.
        RowsNotKept: the table did not take a row.
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
        raise _doubled(unit.target)
    connection.execute(f"ANALYZE {JUDGED}")
    if sql.chained:
        connection.execute(sql.keep_last())
    try:
        updated, inserted = _write(connection, sql, unit, causes)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name in _keyed_by(table, unit.target):
            raise DestinationBusy(
                "Somebody else inserted a key of the file in the meantime",
                to=f"table {unit.target.table}",
                hint="The next run tries again, and updates that row.",
            ) from None
        raise
    return Merged(counts=counted, updated=updated, inserted=inserted)


def _write(
    connection: Connection, sql: MergeSql, unit: LoadUnit, causes: Callable[[], Sequence[Cause]]
) -> tuple[int, int]:
    """How many rows were updated, and how many inserted."""
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
    """A row that another session changed is no longer at its place; one that a trigger protected still is."""
    [(protected,)] = _rows(connection, sql.not_updated())
    if protected:
        return not_kept(f"The table kept {protected:,} rows from being updated", sql.target, causes())
    return DestinationBusy(
        f"Another session changed {missing:,} of the rows that were to be updated",
        to=f"table {sql.target.table}",
        hint="The next run tries again.",
    )


def _keyed_by(table: Table | None, target: Target) -> set[str]:
    """Indexes that keep exactly the key unique, byte for byte."""
    key = frozenset(target.key_columns)
    if table is None or key & table.folding:
        return set()
    return {name for name, columns in table.uniques if columns == key}


def _refuse_repeated(connection: Connection, sql: MergeSql) -> None:
    """The reader took care of equal texts, but ``1`` and ``01`` are one integer, and one row would be lost."""
    if not sql.typed_keys:
        return
    for ((first, second),) in _rows(connection, sql.repeated_in_file()):
        columns = ", ".join(f"{column.name} ({column.type})" for column in sql.typed_keys)
        read = (
            f"the column {columns} reads it" if len(sql.typed_keys) == 1 else f"the columns {columns} read it"
        )
        raise DestinationRefused(
            f"Line {second} has the key of line {first} of its file, as {read}",
            to=f"table {sql.target.table}",
            hint="Mend the file, or make the key's columns text, where each text is a key of its own.",
        )


def _doubled(target: Target) -> DestinationRefused:
    """A key that the table holds twice has met its staged row twice."""
    return DestinationRefused(
        "The table holds a key of the file more than once",
        to=f"table {target.table}",
        hint="Remove the doubled rows, or choose a key that tells rows apart.",
    )


def _counted(connection: Connection) -> Counter[tuple[int, str]]:
    found = _rows(connection, f"SELECT place, verdict, count(*) FROM {JUDGED} GROUP BY place, verdict")  # noqa: S608  a name of ours
    return Counter({(place, verdict): count for place, verdict, count in found})


def _rows(connection: Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()
