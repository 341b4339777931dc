"""Receipts in a SQLite database, which has no schemas: the table ``_bucketlift_loads``."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.sqlite.connection import Connection, Value
from bucketlift.loaders.sqlite.results import ERROR, MISSING, SqliteError
from bucketlift.loaders.sqlite.tables import NAMING
from bucketlift.model.load import LoadId, Receipt, WriteMode
from bucketlift.rules.targets import RECEIPTS

_MAKE = """
    CREATE TABLE IF NOT EXISTS main._bucketlift_loads (
        load_id TEXT PRIMARY KEY NOT NULL,
        "table" TEXT NOT NULL,
        inserted INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        unchanged INTEGER NOT NULL,
        committed_at TEXT NOT NULL,  -- UTC, always with microseconds: as texts they are in the order of time
        mode TEXT NOT NULL,
        installation TEXT
    ) WITHOUT ROWID
"""
_KIND = "SELECT type FROM main.sqlite_schema WHERE name = '_bucketlift_loads' COLLATE NOCASE"
_COLUMNS = "SELECT name FROM pragma_table_info('_bucketlift_loads', 'main')"
_NAMES = frozenset(
    {"load_id", "table", "inserted", "updated", "unchanged", "committed_at", "mode", "installation"}
)
_PARTS = 'load_id, "table", inserted, updated, unchanged, committed_at'
_ADD = f"INSERT INTO main._bucketlift_loads ({_PARTS}, mode, installation) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, ''))"  # noqa: S608  constants
_FIND = f"SELECT {_PARTS} FROM main._bucketlift_loads WHERE load_id IN (SELECT value FROM json_each(?))"  # noqa: S608  constants
_SINCE = f"""
    SELECT {_PARTS} FROM main._bucketlift_loads
    WHERE committed_at >= ? AND (installation IS NULL OR installation = ?) ORDER BY committed_at, load_id
"""  # noqa: S608  constants
_MODE = "SELECT mode FROM main._bucketlift_loads WHERE load_id = ?"
_REPLACEMENTS = 'SELECT load_id, "table" FROM main._bucketlift_loads WHERE mode = ?'
_REMOVE = "DELETE FROM main._bucketlift_loads WHERE load_id = ?"


def make_place(connection: Connection) -> None:
    """Create the table of receipts if it does not exist.

    Raises:
        DestinationRefused: another object has its name.
    """
    if not _is_there(connection):
        connection.change(_MAKE)
    if {name for (name,) in connection.rows(_COLUMNS)} != _NAMES:
        raise _other_columns()
    since(connection, datetime.max.replace(tzinfo=UTC), "")


def add(connection: Connection, receipts: Sequence[Receipt], mode: WriteMode, installation: str) -> None:
    for receipt in receipts:
        values: list[Value] = [
            receipt.load,
            receipt.table,
            receipt.inserted,
            receipt.updated,
            receipt.unchanged,
            _text(receipt.committed_at),
            mode.value,
            installation,
        ]
        if connection.change(_ADD, values) != 1:
            raise DestinationRefused(
                "The table of receipts did not keep a receipt",
                to=f"table {RECEIPTS}",
                hint="Drop its triggers: only Bucketlift writes to this table.",
            )


def remove_replacements(connection: Connection, table: str) -> None:
    """Delete the receipts of earlier replacements of a table: their rows are gone."""
    found = connection.rows(_REPLACEMENTS, [WriteMode.REPLACE.value])
    remove(connection, [load for load, replaced in found if NAMING.fold(replaced) == NAMING.fold(table)])


def remove(connection: Connection, loads: Sequence[LoadId]) -> None:
    for load in loads:
        connection.change(_REMOVE, [load])


def find(connection: Connection, loads: Collection[LoadId]) -> dict[LoadId, Receipt]:
    """The receipts of these loads. Empty if there is no table of receipts yet."""
    found = _found(connection, _FIND, [json.dumps(list(loads))])
    return {row[0]: _receipt(row) for row in found}


def since(connection: Connection, moment: datetime, installation: str) -> tuple[Receipt, ...]:
    """Receipts of this installation and those without an installation, oldest first."""
    return tuple(_receipt(row) for row in _found(connection, _SINCE, [_text(moment), installation]))


def mode_of(connection: Connection, load: LoadId) -> WriteMode | None:
    """The write mode of a load; None if it has no receipt."""
    return next((WriteMode(mode) for (mode,) in _found(connection, _MODE, [load])), None)


def _found(connection: Connection, query: str, values: list[str]) -> list[Any]:
    if not _is_there(connection):
        return []
    try:
        return connection.rows(query, values)
    except SqliteError as error:
        if error.name not in (ERROR, MISSING):
            raise
        raise _other_columns() from None


def _is_there(connection: Connection) -> bool:
    """Raises DestinationRefused if a view or an index has the table's name."""
    kinds = [kind for (kind,) in connection.rows(_KIND) if kind != "trigger"]
    for kind in kinds:
        if kind != "table":
            raise DestinationRefused(
                f"{'An' if kind == 'index' else 'A'} {kind} has the name of the table of receipts",
                to=f"{kind} {RECEIPTS}",
                hint=f"Drop it (DROP {kind.upper()} {RECEIPTS}), and make it again under another name: "
                "Bucketlift needs this name for its receipts.",
            )
    return bool(kinds)


def _other_columns() -> DestinationRefused:
    return DestinationRefused(
        f"{RECEIPTS} does not have the columns of receipts",
        to=f"table {RECEIPTS}",
        hint="Drop it, or rename it: Bucketlift needs this name for its receipts.",
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _receipt(row: tuple[Any, ...]) -> Receipt:
    load, table, inserted, updated, unchanged, committed_at = row
    return Receipt(
        load=LoadId(load),
        table=table,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        committed_at=datetime.fromisoformat(committed_at),
    )
