"""Receipts in a DuckDB database: the table ``loads`` of the schema ``bucketlift``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from duckdb import BinderException, DuckDBPyConnection

from bucketlift.errors import DestinationRefused, OurFault
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
        mode VARCHAR NOT NULL,
        installation VARCHAR
    )
"""
# Upgrades tables created before receipts named their installation.
_COMPLETE = "ALTER TABLE {loads} ADD COLUMN IF NOT EXISTS installation VARCHAR"
_KIND = """
    SELECT 'table' FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = $schema AND table_name = $name
    UNION ALL SELECT 'view' FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = $schema AND view_name = $name
"""
_COLUMNS = """
    SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = current_database()
    AND schema_name = ? AND table_name = ? AND column_name <> 'installation'
"""
_WANTED = {
    "load_id": "VARCHAR",
    "table": "VARCHAR",
    "inserted": "BIGINT",
    "updated": "BIGINT",
    "unchanged": "BIGINT",
    "committed_at": "TIMESTAMP",
    "mode": "VARCHAR",
}
_ADD = """
    INSERT INTO {loads} (load_id, "table", inserted, updated, unchanged, committed_at, mode, installation)
    SELECT "load", "table", inserted, updated, unchanged, committed_at, $mode, nullif($installation, '')
    FROM receipts
"""
_FIND = """
    SELECT load_id, "table", inserted, updated, unchanged, committed_at, mode
    FROM {loads} WHERE load_id IN (SELECT unnest(CAST(? AS VARCHAR[])))
"""
_SINCE = """
    SELECT load_id, "table", inserted, updated, unchanged, committed_at, mode
    FROM {loads} WHERE committed_at >= $moment AND {ours} ORDER BY committed_at, load_id
"""
_OURS = "(installation IS NULL OR installation = $installation)"
_TELLS_WHOSE = """
    SELECT count(*) FROM duckdb_columns() WHERE database_name = current_database()
    AND schema_name = ? AND table_name = ? AND column_name = 'installation'
"""
_MODE = "SELECT mode FROM {loads} WHERE load_id = ?"
_REPLACEMENTS = 'SELECT load_id, "table" FROM {loads} WHERE mode = ?'
_REMOVE = "DELETE FROM {loads} WHERE load_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"


def make_place(connection: DuckDBPyConnection) -> None:
    """Create the table of receipts if it does not exist.

    Raises:
        DestinationRefused: another object has its name.
    """
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {qualified(connection, SCHEMA)}")
    if not _is_there(connection):
        connection.execute(_MAKE.format(loads=_loads(connection)))
    if dict(connection.execute(_COLUMNS, [SCHEMA, TABLE]).fetchall()) != _WANTED:
        raise _other_columns()
    connection.execute(_COMPLETE.format(loads=_loads(connection)))


def add(
    connection: DuckDBPyConnection, receipts: Sequence[Receipt], mode: WriteMode, installation: str
) -> None:
    """One statement for all: separate ones take seconds for ten thousand small files."""
    names = [column.name for column in fields(Receipt)]
    columns = [[getattr(receipt, name) for receipt in receipts] for name in names]
    columns[-1] = [committed_at.replace(tzinfo=None) for committed_at in columns[-1]]
    values = {"mode": mode.value, "installation": installation}
    connection.register("receipts", pa.table(columns, names=names))
    [(added,)] = connection.execute(_ADD.format(loads=_loads(connection)), values).fetchall()
    connection.unregister("receipts")
    if added != len(receipts):
        raise OurFault(f"DuckDB kept {added:,} of {len(receipts):,} receipts", to=f"table {SCHEMA}.{TABLE}")


def remove_replacements(connection: DuckDBPyConnection, table: str) -> None:
    """Delete the receipts of earlier replacements of a table: their rows are gone."""
    found = connection.execute(
        _REPLACEMENTS.format(loads=_loads(connection)), [WriteMode.REPLACE.value]
    ).fetchall()
    remove(connection, [load for load, replaced in found if NAMING.fold(replaced) == NAMING.fold(table)])


def remove(connection: DuckDBPyConnection, loads: Sequence[LoadId]) -> None:
    connection.execute(_REMOVE.format(loads=_loads(connection)), [loads])


def find(connection: DuckDBPyConnection, loads: Collection[LoadId]) -> dict[LoadId, Receipt]:
    """The receipts of these loads. Empty if there is no table of receipts yet."""
    found = _found(connection, _FIND, [list(loads)])
    return {row[0]: _receipt(row) for row in found}


def since(connection: DuckDBPyConnection, moment: datetime, installation: str) -> tuple[Receipt, ...]:
    """Receipts of this installation and those without an installation, oldest first."""
    values = {"moment": moment.astimezone(UTC).replace(tzinfo=None)}
    told = connection.execute(_TELLS_WHOSE, [SCHEMA, TABLE]).fetchall() == [(1,)]
    query = _SINCE.replace("{ours}", _OURS if told else "true")
    return tuple(
        _receipt(row)
        for row in _found(connection, query, values | ({"installation": installation} if told else {}))
    )


def mode_of(connection: DuckDBPyConnection, load: LoadId) -> WriteMode | None:
    """The write mode of a load; None if it has no receipt."""
    return next((WriteMode(mode) for (mode,) in _found(connection, _MODE, [load])), None)


def _found(connection: DuckDBPyConnection, query: str, values: object) -> list[Any]:
    if not _is_there(connection):
        return []
    try:
        return connection.execute(query.format(loads=_loads(connection)), values).fetchall()
    except BinderException:
        raise _other_columns() from None


def _is_there(connection: DuckDBPyConnection) -> bool:
    """Raises DestinationRefused if a view has the table's name."""
    found = connection.execute(_KIND, {"schema": SCHEMA, "name": TABLE}).fetchall()
    if ("view",) in found:
        raise DestinationRefused(
            "A view has the name of the table of receipts",
            to=f"view {SCHEMA}.{TABLE}",
            hint=f"Drop it (DROP VIEW {SCHEMA}.{TABLE}), and make it again under another name: "
            "Bucketlift needs this name for its receipts.",
        )
    return bool(found)


def _other_columns() -> DestinationRefused:
    return DestinationRefused(
        "The table bucketlift.loads does not have the columns of receipts",
        to=f"table {SCHEMA}.{TABLE}",
        hint="Rename that table: Bucketlift needs this name for its receipts.",
    )


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
