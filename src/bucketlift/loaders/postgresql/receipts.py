"""Receipts in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.blockers import UNIT_LOCK
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.places import Place
from bucketlift.loaders.postgresql.tables import NAMING
from bucketlift.loaders.receipts import Receipts, arrays, receipts_table

_OTHER_COLUMNS = (
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,  # a column has another type, and cannot be compared
    psycopg.errors.DatatypeMismatch,
)


@dataclass(kw_only=True)
class PostgresqlReceipts(Receipts):
    """Receipts in a PostgreSQL database.

    Several destinations may be schemas of one database. They then share one table of receipts.
    """

    connection: Connection
    place: Place
    schema: str
    naming = NAMING
    dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

    @cached_property
    def table(self) -> sa.Table:
        moment = sa.DateTime(timezone=True)
        return receipts_table(self.place.table, self.place.schema, moment, several_schemas=True)

    def make(self) -> None:
        """Create the table if it does not exist. Other sessions that create it wait for this transaction."""
        if self.place.exists:
            return
        self.connection.execute("SELECT pg_advisory_xact_lock($1)", [UNIT_LOCK << 32])
        if self.place.makes_schema:
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.place.schema)}")
        self.connection.execute(*self._sql(sa.schema.CreateTable(self.table, if_not_exists=True)))
        self.place = replace(self.place, exists=True)

    def _rows(self, select: sa.Select[Any]) -> list[Any]:
        if not self.place.exists:
            return []
        try:
            return self.connection.execute(*self._sql(select)).fetchall()
        except _OTHER_COLUMNS:
            raise self._other_columns() from None

    def _change(self, statement: sa.ClauseElement) -> int:
        try:
            return self.connection.execute(*self._sql(statement)).rowcount
        except (*_OTHER_COLUMNS, psycopg.errors.NotNullViolation):
            raise self._other_columns() from None

    def _utc(self, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.timezone("UTC", moment)

    def _listed(self, **columns: Sequence[str | int]) -> sa.Subquery:
        return arrays(**columns)

    def _other_columns(self) -> DestinationRefused:
        return DestinationRefused(
            f"The table {self.place} does not have the columns of receipts",
            to=f"table {self.place}",
            hint="Rename that table, or name another table as the destination's `receipts`.",
        )
