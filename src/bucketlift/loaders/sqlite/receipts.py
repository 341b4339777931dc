"""Receipts in a SQLite database, in the table ``_bucketlift_loads``, because SQLite has no schemas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.receipts import Receipts, name_taken, receipts_table
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.results import ERROR, MISSING, SqliteError
from bucketlift.loaders.sqlite.tables import NAMING, SCHEMA
from bucketlift.rules.targets import RECEIPTS

_KIND = "SELECT type FROM main.sqlite_schema WHERE name = '_bucketlift_loads' COLLATE NOCASE"
_COLUMNS = "SELECT name FROM pragma_table_info('_bucketlift_loads', 'main')"


@dataclass(kw_only=True)
class SqliteReceipts(Receipts):
    connection: Connection
    naming = NAMING
    dialect = SQLiteDialect(paramstyle="qmark")
    table = receipts_table(RECEIPTS, SCHEMA, sa.Text())

    def make(self) -> None:
        """Create the table if it does not exist.

        Raises:
            DestinationRefused: the table's name belongs to another object, or to a table with other columns.
        """
        if not self._exists():
            self._change(sa.schema.CreateTable(self.table, if_not_exists=True))
        if {name for (name,) in self.connection.rows(_COLUMNS)} != set(self.table.columns.keys()):
            raise _other_columns()

    def _rows(self, select: sa.Select[Any]) -> list[Any]:
        if not self._exists():
            return []
        try:
            return self.connection.rows(*self._sql(select))
        except SqliteError as error:
            if error.name not in (ERROR, MISSING):
                raise
            raise _other_columns() from None

    def _change(self, statement: sa.ClauseElement) -> int:
        return self.connection.change(*self._sql(statement))

    def _listed(self, **columns: Sequence[str | int]) -> sa.Subquery:
        rows = json.dumps(list(zip(*columns.values(), strict=True)))
        value = sa.func.json_each(rows).table_valued("value").c.value
        fields = [sa.func.json_extract(value, f"$[{at}]").label(name) for at, name in enumerate(columns)]
        return sa.select(*fields).subquery()

    def _exists(self) -> bool:
        """Whether the table exists.

        Raises:
            DestinationRefused: a view or an index has the table's name.
        """
        kinds = [kind for (kind,) in self.connection.rows(_KIND) if kind != "trigger"]
        for kind in kinds:
            if kind != "table":
                raise name_taken(kind, RECEIPTS)
        return bool(kinds)

    def _not_kept(self, added: int, expected: int) -> DestinationRefused:  # noqa: ARG002
        return DestinationRefused(
            "The table of receipts did not keep a receipt",
            to=f"table {RECEIPTS}",
            hint="Drop its triggers: only Bucketlift writes to this table.",
        )


def _other_columns() -> DestinationRefused:
    return DestinationRefused(
        f"{RECEIPTS} does not have the columns of receipts",
        to=f"table {RECEIPTS}",
        hint="Drop this table, or rename it: Bucketlift needs this name for its receipts.",
    )
