"""Loads into a DuckDB file. Rows and receipts share one transaction."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from bucketlift.errors import BucketliftError
from bucketlift.loaders.batches import Gathered, cut, own_error, schema_of
from bucketlift.loaders.duckdb import listing, unloading
from bucketlift.loaders.duckdb.error_translation import explained
from bucketlift.loaders.duckdb.examining import examine
from bucketlift.loaders.duckdb.memory import MEETING, Room, memory_for
from bucketlift.loaders.duckdb.merge import merge
from bucketlift.loaders.duckdb.opening import opened
from bucketlift.loaders.duckdb.receipts import DuckdbReceipts
from bucketlift.loaders.duckdb.tables import SCHEMA, TYPES, prepare_table, qualified
from bucketlift.loaders.duckdb.writing import empty, insert_into, insert_staged, make_staging, stream
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.keeping import require_kept
from bucketlift.loaders.places import examine_file, make_parent
from bucketlift.loaders.receipts import Receipts
from bucketlift.loaders.unit_receipts import receipts_of, refuse_loaded
from bucketlift.loaders.unloading import unload
from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target, WriteMode
from bucketlift.model.rows import RowStream
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling


@dataclass(kw_only=True)
class DuckdbLoad:
    """An open transaction.

    Append and replace write directly into the table. Upsert writes into a staging table first.
    """

    connection: DuckDBPyConnection
    unit: LoadUnit
    fit: Fit
    table: str
    filling: Filling
    receipts: Receipts
    room: Room
    committed: bool = False
    _gathered: Gathered = field(default_factory=Gathered)
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _taken: int = 0
    """Number of rows that DuckDB reports as inserted."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        with self.filling.writing(load) as place:
            batches = self._counted(place, cut(rows, self.unit.target, self._schema, place))
            for batch in batches:
                self._gathered.add(batch)
                if self._gathered.full:
                    self._insert_batches(chain(self._gathered.take(), batches), rows)

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        with explained(f"table {self.unit.target.table}"):
            refuse_loaded(self.unit, self.receipts.find(self.unit.loads))
            self._insert_batches(self._gathered.take())
            require_kept(self._taken, self._counts.total(), self.unit.target)
            if self.unit.target.mode is WriteMode.UPSERT:
                self._counts = merge(self.connection, self.table, self.unit, self.fit)
            elif self.unit.target.mode is WriteMode.REPLACE:
                self.receipts.remove_replacements(self.unit.target.table)
            receipts = receipts_of(self.unit, self._counts)
            self.receipts.add(receipts, self.unit.target.mode)
            fence()
            self.connection.execute("COMMIT")
        self.committed = True
        return receipts

    def start(self) -> None:
        if self.unit.target.mode is WriteMode.UPSERT:
            make_staging(self.connection, self.fit)
        elif self.unit.target.mode is WriteMode.REPLACE:
            empty(self.connection, self.table, self.unit.target)

    @property
    def _schema(self) -> pa.Schema:
        return schema_of(self.unit.target, self.fit, TYPES)

    def _counted(self, place: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._counts[place, "inserted"] += batch.num_rows
            self.room.make_for(batch)
            yield batch

    def _insert_batches(self, batches: Iterator[pa.RecordBatch], rows: RowStream | None = None) -> None:
        target = self.unit.target
        upsert = target.mode is WriteMode.UPSERT
        insert = insert_staged(target, self.fit) if upsert else insert_into(self.table, target, self.fit)
        try:
            self._taken += stream(self.connection, batches, unit=self.unit, fit=self.fit, insert=insert)
        except BucketliftError:
            if rows and (own := own_error(rows)):
                raise own from None
            raise


@dataclass(frozen=True, kw_only=False)
class DuckdbLoader:
    """The loader for one DuckDB file. The table may store rows in a different order than their source file."""

    path: Path
    memory_limit: str | None = field(default=None, kw_only=True)
    """The memory limit in DuckDB's notation (``2GB``). None: the memory that a table of this width needs."""
    installation: str = field(default="", kw_only=True)
    """The ID of the installation, which is written to each receipt. A receipt without an ID counts as ours."""

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        with self._reading() as connection:
            return self._receipts(connection).find(loads) if connection else {}

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        with self._reading() as connection:
            return self._receipts(connection).since(moment) if connection else ()

    def rows(self, target: Target, loads: Collection[LoadId]) -> Mapping[LoadId, int] | None:
        with self._reading() as connection:
            return unloading.count(connection, target, loads) if connection else None

    def size(self, target: Target) -> int | None:
        with self._reading() as connection:
            return unloading.size(connection, target) if connection else None

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        if not self.path.exists():
            return 0
        with (
            opened(self.path, memory_limit=self._memory(MEETING)) as connection,
            explained(f"table {target.table}"),
        ):
            connection.execute("BEGIN")
            delete = partial(unloading.delete, connection, target, load)
            rows = unload(self._receipts(connection), target, load, delete)
            fence()
            connection.execute("COMMIT")
            _end(connection, committed=True)
        return rows

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        with self._reading() as connection:
            return listing.columns(connection) if connection else {}

    def examine(self) -> tuple[Finding, ...]:
        return examine_file(self.path, self._open_to_read)

    def _open_to_read(self) -> tuple[Finding, ...]:
        with opened(self.path, memory_limit=self._memory(MEETING)) as connection:
            return examine(connection)

    @contextmanager
    def _reading(self) -> Iterator[DuckDBPyConnection | None]:
        """Open the file for reading. Yields None if the file does not exist yet."""
        if not self.path.exists():
            yield None
            return
        with (
            opened(self.path, memory_limit=self._memory(MEETING), read_only=True) as connection,
            explained(str(self.path)),
        ):
            yield connection

    def _memory(self, megabytes: int) -> str:
        return self.memory_limit or f"{megabytes}MB"

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[DuckdbLoad]:
        # A failed first unit leaves an empty database. It is not removed: another process may have written
        # rows to it in the meantime.
        filling = Filling(unit=unit)
        make_parent(self.path)
        memory = memory_for(len(unit.target.columns), unit.target.mode)
        with opened(self.path, memory_limit=self._memory(memory)) as connection:
            room = Room(connection=connection, limit=memory if self.memory_limit is None else None)
            load = self._start(connection, unit, filling, room)
            try:
                yield load
            finally:
                _end(connection, committed=load.committed)

    def _receipts(self, connection: DuckDBPyConnection) -> DuckdbReceipts:
        return DuckdbReceipts(connection=connection, installation=self.installation)

    def _start(
        self, connection: DuckDBPyConnection, unit: LoadUnit, filling: Filling, room: Room
    ) -> DuckdbLoad:
        with explained(f"table {unit.target.table}"):
            connection.execute("BEGIN")
            receipts = self._receipts(connection)
            receipts.make()
            fit = prepare_table(connection, unit.target)
            table = qualified(connection, SCHEMA, unit.target.table)
            load = DuckdbLoad(
                connection=connection,
                unit=unit,
                fit=fit,
                table=table,
                filling=filling,
                receipts=receipts,
                room=room,
            )
            load.start()
        return load


def _end(connection: DuckDBPyConnection, *, committed: bool) -> None:
    """End the connection's transaction.

    After a commit, DuckDB's log is written into the file, so that the database is a single file. Otherwise
    the transaction is rolled back. Errors are ignored: closing also rolls back, and the next opening applies
    a committed log.
    """
    with contextlib.suppress(duckdb.Error):
        connection.execute("CHECKPOINT" if committed else "ROLLBACK")
