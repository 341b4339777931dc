"""Upsert: what is staged goes into the table as if its files came one after the other."""

from __future__ import annotations

from collections import Counter
from typing import Any

from duckdb import DuckDBPyConnection

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.duckdb.merge_sql import MergeSql
from bucketlift.loaders.fit import Fit
from bucketlift.model.load import LoadId, LoadUnit, Target

IN_PLACE_CELLS = 200_000
"""Updates of more cells than this are rewritten: DuckDB keeps an update in memory until the commit, where
deleted and inserted rows go to the file at once (2 million rows of 9 columns: out of 1 GB, against 400 MB)."""


def merge(connection: DuckDBPyConnection, table: str, unit: LoadUnit, fit: Fit) -> Counter[tuple[int, str]]:
    """Put what is staged into the table; counts by the load's place in the unit and the verdict.

    Raises:
        DestinationRefused: a key is twice in the table, or, as the table's types read it, twice in a file.
    """
    sql = MergeSql(table=table, target=unit.target, fit=fit)
    chained = bool(_rows(connection, sql.repeated()))
    if chained and sql.typed_keys:
        _refuse_repeated(connection, sql)
    connection.execute(sql.judge(chained=chained))
    _refuse_doubled(connection, unit.target)
    connection.execute("DROP TABLE temp.main.staged")
    connection.execute(sql.keep_last(chained=chained))
    loads = {"loads": list(unit.loads)} if fit.load_id else {}
    counted = _rows(connection, "SELECT place, verdict, count(*) FROM temp.main.judged GROUP BY ALL")
    if sql.others and any(verdict == "updated" for _, verdict, _ in counted):
        _update(connection, sql, loads)
    connection.execute(sql.insert(), loads)
    return Counter({(place, verdict): count for place, verdict, count in counted})


def _update(connection: DuckDBPyConnection, sql: MergeSql, loads: dict[str, list[LoadId]]) -> None:
    [[rows]] = _rows(connection, "SELECT count(*) FROM temp.main.lasting WHERE known")
    if rows * len(sql.others) <= IN_PLACE_CELLS or _referenced(connection, sql.target):
        connection.execute(sql.update(), loads)
        return
    connection.execute(sql.renew(), loads)
    connection.execute(sql.delete_renewed())
    connection.execute(sql.insert_renewed())


def _refuse_repeated(connection: DuckDBPyConnection, sql: MergeSql) -> None:
    """The reader took care of equal texts, but ``1`` and ``01`` are one INTEGER, and one row would be lost."""
    for ((first, second),) in _rows(connection, sql.repeated_in_file()):
        columns = ", ".join(f"{column.name} ({column.type})" for column in sql.typed_keys)
        read = (
            f"the column {columns} reads it" if len(sql.typed_keys) == 1 else f"the columns {columns} read it"
        )
        raise DestinationRefused(
            f"Line {second} has the key of line {first} of its file, as {read}",
            to=f"table {sql.target.table}",
            hint="Mend the file, or make the key's columns VARCHAR, where each text is a key of its own.",
        )


def _refuse_doubled(connection: DuckDBPyConnection, target: Target) -> None:
    """A key that the table holds twice has met its staged row twice."""
    judged, staged = "SELECT count(*) FROM temp.main.judged", "SELECT count(*) FROM temp.main.staged"
    if _rows(connection, judged) != _rows(connection, staged):
        raise DestinationRefused(
            "The table holds a key of the file more than once",
            to=f"table {target.table}",
            hint="Remove the doubled rows, or choose a key that tells rows apart.",
        )


def _referenced(connection: DuckDBPyConnection, target: Target) -> bool:
    """Whether a foreign key points at the table: a row it points at cannot be deleted, even for a moment."""
    references = """
        SELECT referenced_table FROM duckdb_constraints()
        WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY'
    """
    return any(name.casefold() == target.table.casefold() for (name,) in _rows(connection, references))


def _rows(connection: DuckDBPyConnection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()
