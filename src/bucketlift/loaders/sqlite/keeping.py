"""Finds rows that a SQLite table dropped or replaced without an error, and the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import Cause, not_kept, others_reached, require_own, require_size
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.tables import NAMING, qualified
from bucketlift.model.load import LoadId, Target
from bucketlift.rules.targets import RECEIPTS

_SPACE = r"(?:\s|--[^\n]*\n|/\*.*?\*/)+"
_CLAUSE = re.compile(rf"\bON{_SPACE}CONFLICT{_SPACE}(?P<what>IGNORE|REPLACE)\b", re.IGNORECASE | re.DOTALL)
_TABLES = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY name"
# A foreign key of several columns references nothing if one of them is null.
_REFERRING = """
    SELECT made.name, its.id, group_concat('"' || replace(its."from", '"', '""') || '" IS NOT NULL', ' AND ')
    FROM main.sqlite_schema AS made JOIN pragma_foreign_key_list(made.name, 'main') AS its
    WHERE made.type = 'table' AND its.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
        AND its."table" = ?1 COLLATE NOCASE AND made.name <> ?1 COLLATE NOCASE
    GROUP BY made.name, its.id ORDER BY made.name
"""
_REACHING = """
    SELECT DISTINCT its."table", made.name, its.on_delete
    FROM main.sqlite_schema AS made JOIN pragma_foreign_key_list(made.name, 'main') AS its
    WHERE made.type = 'table' AND its.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
        AND its."table" <> made.name COLLATE NOCASE ORDER BY 1, 2
"""
_DEFAULTED = """
    SELECT name FROM pragma_table_xinfo(?, 'main') WHERE "notnull" AND dflt_value IS NOT NULL
"""
_TRIGGERS = "SELECT tbl_name, name FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A table for which the row counts that statements report are not reliable. The transaction excludes
    other writers.
    """

    target: Target
    causes: tuple[Cause, ...]
    before: int
    """Number of rows in the table when the transaction started."""
    defaulted: frozenset[str] = frozenset()
    """Columns in which a default may replace NULL without an error. Their names are in the form in which
    SQLite compares names.
    """

    def require_values(self, batch: pa.RecordBatch, fit: Fit) -> None:
        """Check that no default would replace a missing value of the batch.

        Raises:
            RowsNotKept: a default would replace a missing value.
        """
        for position, column in enumerate(fit.mapped):
            missing = batch.column(position).null_count
            if missing and NAMING.fold(column.name) in self.defaulted:
                raise not_kept(
                    f"{missing:,} {'row has' if missing == 1 else 'rows have'} no value for column {column.name}, and the "
                    "table would replace NULL with the column's default",
                    self.target,
                    [_REPLACED],
                )

    def require_growth(self, connection: Connection, rows: int) -> None:
        """Check that the table has exactly ``rows`` rows more than at the start.

        Raises:
            RowsNotKept: the number of rows is different.
        """
        require_size(size(connection, self.target), self.before + rows, self.target, self.causes)

    def require_own(self, connection: Connection, column: str, loads: Sequence[LoadId], rows: int) -> None:
        """Check that exactly ``rows`` rows of the table have the IDs of the loads.

        Raises:
            RowsNotKept: the number of these rows is different.
        """
        found = connection.rows(
            f"SELECT count(*) FROM {qualified(self.target.table)} "  # noqa: S608  the names are quoted
            f"WHERE {quoted(column)} IN (SELECT value FROM json_each(?))",
            [json.dumps(list(loads))],
        )
        require_own(int(found[0][0]), rows, self.target, self.causes)

    def require_only(self, connection: Connection, rows: int) -> None:
        """Check that the table has exactly ``rows`` rows.

        Raises:
            RowsNotKept: the number of rows is different.
        """
        require_size(size(connection, self.target), rows, self.target, self.causes)


def watch(connection: Connection, target: Target) -> Watch | None:
    """The table to watch; None if the row counts that statements report are reliable, because it has no
    conflict clause and no trigger.
    """
    found = tuple(cause for _, cause in causes(connection, target.table))
    if not found:
        return None
    defaulted = connection.rows(_DEFAULTED, [target.table]) if _clause("REPLACE") in found else []
    return Watch(
        target=target,
        causes=found,
        before=size(connection, target),
        defaulted=frozenset(NAMING.fold(name) for (name,) in defaulted),
    )


def refuse_to_reach_others(connection: Connection, target: Target) -> None:
    """Check that no foreign key deletes or changes rows of other tables together with the rows of this table.

    Raises:
        DestinationRefused: another table has such rows.
    """
    reached = [
        table
        for table, _, refers in connection.rows(_REFERRING, [target.table])
        if connection.rows(f"SELECT 1 FROM {qualified(table)} WHERE {refers} LIMIT 1")  # noqa: S608  quoted
    ]
    if reached:
        raise others_reached(list(dict.fromkeys(reached)), target)


def reaching(connection: Connection) -> list[tuple[str, str, str]]:
    """Foreign keys that change rows when the referenced rows are deleted. Each item is (the referenced table,
    the table with the foreign key, the key's action).
    """
    return [(table, other, action) for table, other, action in connection.rows(_REACHING)]


def size(connection: Connection, target: Target) -> int:
    [[rows]] = connection.rows(f"SELECT count(*) FROM {qualified(target.table)}")  # noqa: S608  the name is quoted
    return int(rows)


def causes(connection: Connection, only: str | None = None) -> list[tuple[str, Cause]]:
    """Why a table perhaps loses rows: pairs of a table name and a cause, for one table or for all tables."""
    found = [(table, _clause(match)) for table, sql in connection.rows(_TABLES) for match in _clauses(sql)]
    found += [(table, _trigger(name)) for table, name in connection.rows(_TRIGGERS)]
    folded = None if only is None else NAMING.fold(only)
    return [
        (table, cause)
        for table, cause in found
        if NAMING.fold(table) == folded or (folded is None and table != RECEIPTS)
    ]


def _clauses(sql: Any) -> list[str]:
    return sorted({match["what"].upper() for match in _CLAUSE.finditer(sql)})


def _clause(what: str) -> Cause:
    return Cause(
        what=f"a constraint with ON CONFLICT {what}",
        remedy="If the constraint is UNIQUE or PRIMARY KEY, use `mode: upsert` with its fields as the `key`. "
        "For any other constraint, recreate the table without ON CONFLICT, and correct the rows that break the constraint.",
    )


_REPLACED = Cause(
    what="a NOT NULL column in a table with ON CONFLICT REPLACE",
    remedy="Recreate the table with a column that allows NULL, or without ON CONFLICT REPLACE, or correct the rows.",
)


def _trigger(name: str) -> Cause:
    return Cause(what=f"trigger {name}", remedy=f"Drop or change the trigger: DROP TRIGGER {quoted(name)};")
