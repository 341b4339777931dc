"""Receipts in a DuckDB database: the table ``loads`` of the schema ``bucketlift``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC
from typing import Any

import pyarrow as pa
from duckdb import BinderException, DuckDBPyConnection

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.duckdb.tables import NAMING, qualified
from bucketlift.model.load import LoadId, Receipt, WriteMode

SCHEMA = "bucketlift"
TABLE = "loads"

_MAKE = """
    CREATE TABLE IF NOT EXISTS {loads} (
        load_id VARCHAR PRIMARY KEY,
        "table" VARCHAR NOT NULL,
        inserted BIGINT NOT NULL,
        updated BIGINT NOT NULL,
        unchanged BIGINT NOT NULL,
        committed_at TIMESTAMP NOT NULL,  -- UTC
        mode VARCHAR NOT NULL
    )
"""
_EXISTS = """
    SELECT count(*) FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = ? AND table_name = ?
"""
_ADD = """
    INSERT INTO {loads}
    SELECT "load", "table", inserted, updated, unchanged, committed_at, $mode FROM receipts
"""
_FIND = """
    SELECT load_id, "table", inserted, updated, unchanged, committed_at, mode
    FROM {loads} WHERE load_id IN (SELECT unnest(CAST(? AS VARCHAR[])))
"""
_REPLACEMENTS = 'SELECT load_id, "table" FROM {loads} WHERE mode = ?'
_REMOVE = "DELETE FROM {loads} WHERE load_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"


def make_place(connection: DuckDBPyConnection) -> None:
    """Make the table of receipts where it is absent.

    Raises:
        DestinationRefused: something else has its name.
    """
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {qualified(connection, SCHEMA)}")
    connection.execute(_MAKE.format(loads=_loads(connection)))
    find(connection, ())


def add(connection: DuckDBPyConnection, receipts: Sequence[Receipt], mode: WriteMode) -> None:
    """In one statement: one for each of ten thousand small files takes seconds."""
    names = [column.name for column in fields(Receipt)]
    columns = [[getattr(receipt, name) for receipt in receipts] for name in names]
    columns[-1] = [committed_at.replace(tzinfo=None) for committed_at in columns[-1]]
    connection.register("receipts", pa.table(columns, names=names))
    connection.execute(_ADD.format(loads=_loads(connection)), {"mode": mode.value}).fetchall()
    connection.unregister("receipts")


def remove_replacements(connection: DuckDBPyConnection, table: str) -> None:
    """Take back the receipts of former replacements of a table: what they brought is no longer there."""
    found = connection.execute(
        _REPLACEMENTS.format(loads=_loads(connection)), [WriteMode.REPLACE.value]
    ).fetchall()
    former = [load for load, replaced in found if NAMING.fold(replaced) == NAMING.fold(table)]
    connection.execute(_REMOVE.format(loads=_loads(connection)), [former])


def find(connection: DuckDBPyConnection, loads: Collection[LoadId]) -> dict[LoadId, Receipt]:
    """Those of the loads that have a receipt; none where there is no place of receipts yet."""
    if connection.execute(_EXISTS, [SCHEMA, TABLE]).fetchall() == [(0,)]:
        return {}
    try:
        found = connection.execute(_FIND.format(loads=_loads(connection)), [list(loads)]).fetchall()
    except BinderException:
        raise DestinationRefused(
            "The table bucketlift.loads has other columns than receipts have",
            to=f"table {SCHEMA}.{TABLE}",
            hint="Rename that table: Bucketlift keeps its receipts under this name.",
        ) from None
    return {row[0]: _receipt(row) for row in found}


def _loads(connection: DuckDBPyConnection) -> str:
    return qualified(connection, SCHEMA, TABLE)


def _receipt(row: tuple[Any, ...]) -> Receipt:
    load, table, inserted, updated, unchanged, committed_at, _ = row
    return Receipt(
        load=LoadId(load),
        table=table,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        committed_at=committed_at.replace(tzinfo=UTC),
    )
