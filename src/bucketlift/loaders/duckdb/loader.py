"""Loads into a DuckDB file: rows and receipts in one transaction."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from bucketlift.errors import LeaseLost
from bucketlift.loaders.duckdb import receipts as receipts_table
from bucketlift.loaders.duckdb.meaning import explained
from bucketlift.loaders.duckdb.merge import merge
from bucketlift.loaders.duckdb.opening import make_room, opened
from bucketlift.loaders.duckdb.tables import SCHEMA, prepare_table, qualified
from bucketlift.loaders.duckdb.writing import insert_into, insert_staged, make_staging, pour
from bucketlift.loaders.fit import Fit
from bucketlift.model.load import LoadId, LoadUnit, Receipt, WriteMode
from bucketlift.model.rows import RowStream
from bucketlift.rules.load_unit import Filling

MEMORY_LIMIT = "512MB"

_EMPTY = "DELETE FROM {table}"


@dataclass(kw_only=True)
class DuckdbLoad:
    """An open transaction. Append and replace write into the table itself, upsert into a staging table."""

    connection: DuckDBPyConnection
    unit: LoadUnit
    fit: Fit
    table: str
    filling: Filling
    committed: bool = False
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)

    def write(self, load: LoadId, rows: RowStream) -> None:
        upsert = self.unit.target.mode is WriteMode.UPSERT
        insert = insert_staged(self.fit) if upsert else insert_into(self.table, self.fit)
        with self.filling.writing(load) as place:
            self._counts[place, "inserted"] += pour(
                self.connection,
                rows,
                target=self.unit.target,
                fit=self.fit,
                insert=insert,
                mark=place if upsert else load,
            )

    def commit(self) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        with explained(f"table {self.unit.target.table}"):
            self._refuse_if_loaded()
            if self.unit.target.mode is WriteMode.UPSERT:
                self._counts = merge(self.connection, self.table, self.unit, self.fit)
            receipts = self._receipts()
            receipts_table.add(self.connection, receipts)
            self.connection.execute("COMMIT")
        self.committed = True
        return receipts

    def start(self) -> None:
        if self.unit.target.mode is WriteMode.UPSERT:
            make_staging(self.connection, self.fit)
        elif self.unit.target.mode is WriteMode.REPLACE:
            self.connection.execute(_EMPTY.format(table=self.table))

    def _refuse_if_loaded(self) -> None:
        if found := receipts_table.find(self.connection, self.unit.loads):
            raise LeaseLost(
                f"{len(found)} of {len(self.unit.loads)} loads were committed already",
                to=f"table {self.unit.target.table}",
                hint="Look the receipts up again: nothing of this unit was written.",
            )

    def _receipts(self) -> tuple[Receipt, ...]:
        return tuple(
            Receipt(
                load=load,
                table=self.unit.target.table,
                inserted=self._counts[place, "inserted"],
                updated=self._counts[place, "updated"],
                unchanged=self._counts[place, "unchanged"],
                committed_at=datetime.now(UTC),
            )
            for place, load in enumerate(self.unit.loads)
        )


@dataclass(frozen=True, kw_only=False)
class DuckdbLoader:
    """One DuckDB file. Rows of one file may be stored in another order than they had there."""

    path: Path
    memory_limit: str = field(default=MEMORY_LIMIT, kw_only=True)

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        if not self.path.exists():
            return {}
        with (
            opened(self.path, memory_limit=self.memory_limit, read_only=True) as connection,
            explained(str(self.path)),
        ):
            return receipts_table.find(connection, loads)

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[DuckdbLoad]:
        filling = Filling(unit=unit)
        make_room(self.path)
        with opened(self.path, memory_limit=self.memory_limit) as connection:
            load = self._start(connection, unit, filling)
            try:
                yield load
            finally:
                _end(connection, committed=load.committed)

    def _start(self, connection: DuckDBPyConnection, unit: LoadUnit, filling: Filling) -> DuckdbLoad:
        with explained(f"table {unit.target.table}"):
            connection.execute("BEGIN")
            receipts_table.make_place(connection)
            fit = prepare_table(connection, unit.target)
            table = qualified(connection, SCHEMA, unit.target.table)
            load = DuckdbLoad(connection=connection, unit=unit, fit=fit, table=table, filling=filling)
            load.start()
        return load


def _end(connection: DuckDBPyConnection, *, committed: bool) -> None:
    """Undo, or fold the log into the file so that the file alone is the database.

    Errors are passed over: closing undoes as well, and a committed log is folded in by the next opening.
    """
    with contextlib.suppress(duckdb.Error):
        connection.execute("CHECKPOINT" if committed else "ROLLBACK")
