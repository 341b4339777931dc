"""Finds and creates tables in a SQLite database."""

from __future__ import annotations

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import Fit, TableColumn, Types, columns_of_new_table, fitted, refuse_collisions
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.kinds import INTEGER, ROWID, TEXT, kind_of
from bucketlift.model.load import Lineage, Target, WriteMode
from bucketlift.model.types import TypeName, ValueType
from bucketlift.rules.targets import NAMINGS, RECEIPTS, RESERVED

NAMING = NAMINGS["sqlite"]
SCHEMA = "main"
MOST_COLUMNS = 2000
"""Maximum number of columns of a table (sqlite.org/limits.html)."""
STAGED_EXTRA = 3
"""Number of columns of the staging table in addition to the values."""

_NATIVE = {TypeName.INTEGER: INTEGER, TypeName.BOOLEAN: INTEGER}
_OBJECTS = "SELECT name, type, sql FROM main.sqlite_schema"
_COLUMNS = (
    "SELECT name, type, \"notnull\" AND dflt_value IS NULL, pk, hidden FROM pragma_table_xinfo(?, 'main')"
)
_MAKE = "CREATE TABLE {table} ({columns})"


def _type_of(kind: ValueType) -> str:
    """The column type for a field type. Booleans are 1 and 0. Decimals, dates and times are text, because
    SQLite has no such types and a REAL would round.
    """
    return _NATIVE.get(kind.name, TEXT)


TYPES = Types(text=TEXT, of=_type_of, line=INTEGER, lines=frozenset({INTEGER}), drops_not_null=False)


def prepare_table(connection: Connection, target: Target) -> Fit:
    """Find the table's columns for the target. If the table does not exist, create it."""
    _refuse_reserved(target)
    refuse_collisions(target, NAMING, "SQLite")
    _refuse_width(target)
    columns = columns_of(connection, target)
    if columns is not None:
        return fitted(target, columns, NAMING, TYPES)
    fit = columns_of_new_table(target, TYPES)
    columns_sql = ", ".join(f"{quoted(column.name)} {column.type}" for column in (*fit.mapped, *fit.lineage))
    connection.change(_MAKE.format(table=qualified(target.table), columns=columns_sql))
    return fit


def qualified(name: str) -> str:
    return quoted(SCHEMA, name)


def columns_of(connection: Connection, target: Target) -> list[TableColumn] | None:
    """The columns of the target's table; None if the table does not exist.

    Raises:
        DestinationRefused: an object of another kind has the table's name.
    """
    found = {NAMING.fold(name): (name, kind, sql) for name, kind, sql in connection.rows(_OBJECTS)}
    if NAMING.fold(target.table) not in found:
        return None
    name, kind, sql = found[NAMING.fold(target.table)]
    if kind == "table" and sql.upper().startswith("CREATE VIRTUAL"):
        kind = "virtual table"
    if kind != "table":
        raise DestinationRefused(
            f"The name belongs to {'an' if kind == 'index' else 'a'} {kind}, not to an ordinary table",
            to=f"table {target.table}",
            hint=f"Load into another table, or rename the {kind}.",
        )
    strict = _is_strict(connection, name)
    rows = connection.rows(_COLUMNS, [name])
    keys = [row for row in rows if row[3]]
    return [_column(row, strict=strict, alone=keys == [row]) for row in rows]


def _column(row: tuple[str, str, int, int, int], *, strict: bool, alone: bool) -> TableColumn:
    name, declared, required, key, hidden = row
    # Only a column declared exactly like this is an alias of the rowid. (In a table WITHOUT ROWID it is an
    # ordinary column, and SQLite refuses a null in it.)
    rowid = bool(key) and alone and declared.upper() == INTEGER
    kind = ROWID if rowid else kind_of(declared, strict=strict)
    return TableColumn(name=name, type=kind, required=bool(required), generated=hidden in (2, 3))


def _is_strict(connection: Connection, name: str) -> bool:
    listed = connection.rows(
        "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", [name]
    )
    return any(strict for (strict,) in listed)


def _refuse_reserved(target: Target) -> None:
    folded = NAMING.fold(target.table)
    if folded == RECEIPTS or folded.startswith(NAMING.reserved_prefix or RECEIPTS):
        raise DestinationRefused(
            "The table's name is reserved for the database or for receipts",
            to=f"table {target.table}",
            hint="Load into a table of another name.",
        )


def _refuse_width(target: Target) -> None:
    extra = 0 if target.lineage is Lineage.OFF else len(RESERVED)
    if target.mode is WriteMode.UPSERT:
        extra = max(extra, STAGED_EXTRA)
    if len(target.columns) + extra > MOST_COLUMNS:
        raise DestinationRefused(
            f"The target has {len(target.columns)} columns, but SQLite allows {MOST_COLUMNS - extra} in this mode",
            to=f"table {target.table}",
            hint="Leave fields out with `Field: []`, or load into another kind of database.",
        )
