"""Upsert of staged rows. The result is the same as if the files were loaded one after the other."""

from __future__ import annotations

from collections import Counter
from typing import Any

from duckdb import DuckDBPyConnection

from bucketlift.loaders.duckdb.merge_sql import MergeSql
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.keeping import require_kept
from bucketlift.model.load import LoadId, LoadUnit, Target

IN_PLACE_CELLS = 200_000
"""Maximum number of cells that are updated in place. A larger update is done by delete and insert.

DuckDB keeps an update in memory until the commit, but writes deleted and inserted rows to the file
immediately (2 million rows of 9 columns: out of memory at 1 GB, compared with 400 MB).
"""

_TO_WRITE = "SELECT count(*) FILTER (known), count(*) FILTER (NOT known) FROM temp.main.lasting"


def merge(connection: DuckDBPyConnection, table: str, unit: LoadUnit, fit: Fit) -> Counter[tuple[int, str]]:
    """Merge the staged rows into the table.

    Returns the number of rows for each load (by its position in the unit) and result: inserted, updated or
    unchanged.

    Raises:
        DestinationRefused: a key occurs twice in the table. Or it occurs twice in one file if values are
        compared by the table's types.
        RowsNotKept: the table did not keep a row.
    """
    sql = MergeSql(table=table, target=unit.target, fit=fit)
    chained = bool(_rows(connection, sql.repeated()))
    if chained and sql.typed_keys:
        _refuse_repeated(connection, sql)
    connection.execute(sql.judge(chained=chained))
    _refuse_doubled(connection, sql)
    connection.execute("DROP TABLE temp.main.staged")
    connection.execute(sql.keep_last(chained=chained))
    loads = {"loads": list(unit.loads)} if fit.load_id else {}
    counted = _rows(connection, "SELECT place, verdict, count(*) FROM temp.main.judged GROUP BY ALL")
    [(updates, inserts)] = _rows(connection, _TO_WRITE)
    if updates:
        _update(connection, sql, loads, updates)
    _require_all(connection, sql, sql.insert(), loads, inserts)
    return Counter({(place, verdict): count for place, verdict, count in counted})


def _update(connection: DuckDBPyConnection, sql: MergeSql, loads: dict[str, list[LoadId]], rows: int) -> None:
    if rows * len(sql.other_columns) <= IN_PLACE_CELLS or _referenced(connection, sql.target):
        _require_all(connection, sql, sql.update(), loads, rows)
        return
    connection.execute(sql.renew(), loads)
    for statement in (sql.delete_renewed(), sql.insert_renewed()):
        _require_all(connection, sql, statement, {}, rows)


def _require_all(
    connection: DuckDBPyConnection, sql: MergeSql, statement: str, loads: dict[str, list[LoadId]], rows: int
) -> None:
    """Execute a statement that must write ``rows`` rows.

    Raises:
        RowsNotKept: the statement wrote another number of rows.
    """
    [(written,)] = connection.execute(statement, loads).fetchall()
    require_kept(written, rows, sql.target)


def _refuse_repeated(connection: DuckDBPyConnection, sql: MergeSql) -> None:
    for ((first, second),) in _rows(connection, sql.repeated_in_file()):
        raise sql.same_key(first, second)


def _refuse_doubled(connection: DuckDBPyConnection, sql: MergeSql) -> None:
    judged, staged = "SELECT count(*) FROM temp.main.judged", "SELECT count(*) FROM temp.main.staged"
    if _rows(connection, judged) != _rows(connection, staged):
        raise sql.doubled()


def _referenced(connection: DuckDBPyConnection, target: Target) -> bool:
    """Whether a foreign key references the table.

    A row to which another row refers cannot be deleted, not even temporarily.
    """
    references = """
        SELECT referenced_table FROM duckdb_constraints()
        WHERE database_name = current_database() AND constraint_type = 'FOREIGN KEY'
    """
    return any(name.casefold() == target.table.casefold() for (name,) in _rows(connection, references))


def _rows(connection: DuckDBPyConnection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()
