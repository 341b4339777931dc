"""Receipts in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.blockers import TURN
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.places import Place
from bucketlift.model.load import LoadId, Receipt, WriteMode

# Filtered by schema, because several destinations may be schemas of one database.
_MAKE = """
    CREATE TABLE IF NOT EXISTS {loads} (
        load_id text NOT NULL,
        schema text NOT NULL,
        "table" text NOT NULL,
        inserted bigint NOT NULL,
        updated bigint NOT NULL,
        unchanged bigint NOT NULL,
        committed_at timestamp with time zone NOT NULL,
        mode text NOT NULL,
        installation text,
        PRIMARY KEY (load_id, schema)
    )
"""
_FIELDS = """load_id, "table", inserted, updated, unchanged, committed_at AT TIME ZONE 'UTC'"""
_FIND = "SELECT {fields} FROM {loads} WHERE schema = $1 AND load_id = ANY($2::text[])"
_SINCE = """
    SELECT {fields} FROM {loads}
    WHERE schema = $1 AND committed_at >= $2 AND (installation IS NULL OR installation = $3)
    ORDER BY committed_at, load_id
"""
_MODE = "SELECT mode FROM {loads} WHERE schema = $1 AND load_id = $2 FOR UPDATE"
# Sorted by name, so that two units never deadlock.
_ADD = """
    INSERT INTO {loads} (load_id, schema, "table", inserted, updated, unchanged, committed_at, mode, installation)
    SELECT load_id, $1, $2, inserted, updated, unchanged, $3, $4, nullif($5, '')
    FROM unnest($6::text[], $7::bigint[], $8::bigint[], $9::bigint[]) AS n (load_id, inserted, updated, unchanged)
    ORDER BY load_id
"""
_REMOVE = "DELETE FROM {loads} WHERE schema = $1 AND load_id = $2"
_REMOVE_REPLACEMENTS = """DELETE FROM {loads} WHERE schema = $1 AND "table" = $2 AND mode = 'replace'"""

_OTHER_COLUMNS = (
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,  # a column has another type, which cannot be compared
    psycopg.errors.DatatypeMismatch,
)


@dataclass(kw_only=True)
class Receipts:
    """Receipts of one schema's loads, in an open transaction."""

    connection: Connection
    place: Place
    schema: str
    installation: str

    def make(self) -> None:
        """Create the table if it does not exist. Other sessions that create it wait for us."""
        if self.place.exists:
            return
        self.connection.execute("SELECT pg_advisory_xact_lock($1)", [TURN << 32])
        if self.place.makes_schema:
            self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.place.schema)}")
        self.connection.execute(self._sql(_MAKE))
        self.place = replace(self.place, exists=True)

    def find(self, loads: Collection[LoadId]) -> dict[LoadId, Receipt]:
        """None if there is no table of receipts yet."""
        if not loads:
            return {}
        return {row[0]: _receipt(row) for row in self._rows(_FIND, self.schema, list(loads))}

    def since(self, moment: datetime) -> tuple[Receipt, ...]:
        """Receipts of this installation and those without an installation, oldest first."""
        return tuple(_receipt(row) for row in self._rows(_SINCE, self.schema, moment, self.installation))

    def mode_of(self, load: LoadId) -> WriteMode | None:
        """The write mode of a load; None if it has no receipt. Locks the receipt until we commit."""
        return next((WriteMode(mode) for (mode,) in self._rows(_MODE, self.schema, load)), None)

    def add(self, receipts: Sequence[Receipt], mode: WriteMode) -> None:
        first = receipts[0]
        about = [self.schema, first.table, first.committed_at, mode.value, self.installation]
        counts = [[getattr(each, name) for each in receipts] for name in ("inserted", "updated", "unchanged")]
        names = [each.load for each in receipts]
        try:
            added = self.connection.execute(self._sql(_ADD), [*about, names, *counts]).rowcount
        except (*_OTHER_COLUMNS, psycopg.errors.NotNullViolation):
            raise self._other_columns() from None
        if added != len(receipts):
            raise DestinationRefused(
                f"The table of receipts kept {added:,} of {len(receipts):,} receipts",
                to=f"table {self.place}",
                hint="Drop its triggers and rules: only Bucketlift writes to this table.",
            )

    def remove(self, load: LoadId) -> None:
        self.connection.execute(self._sql(_REMOVE), [self.schema, load])

    def remove_replacements(self, table: str) -> None:
        """Delete the receipts of earlier replacements of a table: their rows are gone."""
        self.connection.execute(self._sql(_REMOVE_REPLACEMENTS), [self.schema, table])

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        if not self.place.exists:
            return []
        try:
            return self.connection.execute(self._sql(query), values).fetchall()
        except _OTHER_COLUMNS:
            raise self._other_columns() from None

    def _other_columns(self) -> DestinationRefused:
        return DestinationRefused(
            f"The table {self.place} does not have the columns of receipts",
            to=f"table {self.place}",
            hint="Rename that table, or name another one as the destination's `receipts`.",
        )

    def _sql(self, statement: str) -> str:
        return statement.replace("{fields}", _FIELDS).replace(
            "{loads}", quoted(self.place.schema, self.place.table)
        )


def _receipt(row: tuple[Any, ...]) -> Receipt:
    load, table, inserted, updated, unchanged, committed_at = row
    return Receipt(
        load=LoadId(load),
        table=table,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        committed_at=committed_at.replace(tzinfo=UTC),
    )
