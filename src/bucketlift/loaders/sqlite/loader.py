"""Loads into a SQLite file. Rows and receipts share one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from bucketlift.loaders.batches import cut
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.keeping import require_kept
from bucketlift.loaders.places import examine_file, make_parent
from bucketlift.loaders.receipts import Receipts
from bucketlift.loaders.sqlite import listing, unloading
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.error_translation import explained
from bucketlift.loaders.sqlite.examining import examine
from bucketlift.loaders.sqlite.keeping import Watch, refuse_to_reach_others, size, watch
from bucketlift.loaders.sqlite.merge import merge
from bucketlift.loaders.sqlite.opening import opened
from bucketlift.loaders.sqlite.receipts import SqliteReceipts
from bucketlift.loaders.sqlite.tables import columns_of, prepare_table, qualified
from bucketlift.loaders.sqlite.writing import Inserter
from bucketlift.loaders.unit_receipts import receipts_of, refuse_loaded
from bucketlift.loaders.unloading import unload
from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target, WriteMode
from bucketlift.model.rows import RowStream
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling

WAIT = 5.0
"""Seconds to wait for a lock that another process holds."""


@dataclass(kw_only=True)
class SqliteLoad:
    """An open transaction. Append and replace write directly into the table; upsert writes into a staging
    table first.
    """

    connection: Connection
    path: Path
    unit: LoadUnit
    fit: Fit
    inserter: Inserter
    filling: Filling
    receipts: Receipts
    watch: Watch | None
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _taken: int = 0
    """Number of rows that SQLite reports as inserted."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        with self.filling.writing(load) as place:
            for batch in cut(rows, self.unit.target, self.inserter.schema, place):
                if self.watch:
                    self.watch.require_values(batch, self.fit)
                with explained(self._to, self.path):
                    self._taken += self.inserter.insert_batch(self.connection, batch, load)
                self._counts[place, "inserted"] += batch.num_rows

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        with explained(self._to, self.path):
            refuse_loaded(self.unit, self.receipts.find(self.unit.loads))
            self._put()
            if self.unit.target.mode is WriteMode.REPLACE:
                self.receipts.remove_replacements(self.unit.target.table)
            receipts = receipts_of(self.unit, self._counts)
            self.receipts.add(receipts, self.unit.target.mode)
            fence()
            self.connection.change("COMMIT")
        return receipts

    def _put(self) -> None:
        """Move the staged rows into the table, and count its rows afterwards.

        Raises:
            RowsNotKept: the table does not have all rows that were written.
        """
        target, causes = self.unit.target, self.watch.causes if self.watch else ()
        loaded = self._counts.total()
        require_kept(self._taken, loaded, target, causes)
        if target.mode is WriteMode.UPSERT:
            merged = merge(self.connection, qualified(target.table), self.unit, self.fit, self.watch)
            self._counts, loaded = merged.counts, merged.inserted
        if self.watch and target.mode is WriteMode.REPLACE:
            self.watch.require_only(self.connection, loaded)
        elif self.watch:
            self.watch.require_growth(self.connection, loaded)
        if self.watch and self.fit.load_id and target.mode is not WriteMode.UPSERT:
            self.watch.require_own(self.connection, self.fit.load_id.name, self.unit.loads, loaded)

    @property
    def _to(self) -> str:
        return f"table {self.unit.target.table}"


@dataclass(frozen=True, kw_only=False)
class SqliteLoader:
    """The loader for one SQLite file. The file's journal mode is not changed."""

    path: Path
    installation: str = field(default="", kw_only=True)
    """The ID of the installation, which is written to each receipt. A receipt without an ID counts as ours."""
    wait: float = field(default=WAIT, kw_only=True)
    """Seconds to wait for a lock that another process holds."""

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
            there = connection is not None and columns_of(connection, target) is not None
            return size(connection, target) if connection and there else None

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[SqliteLoad]:
        filling = Filling(unit=unit)
        make_parent(self.path)
        with opened(self.path, wait=self.wait, make=True) as connection:
            yield self._start(connection, unit, filling)

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        if not self.path.exists():
            return 0
        with (
            opened(self.path, wait=self.wait) as connection,
            explained(f"table {target.table}", self.path),
        ):
            connection.change("BEGIN IMMEDIATE")
            delete = partial(unloading.delete, connection, target, load)
            rows = unload(self._receipts(connection), target, load, delete)
            fence()
            connection.change("COMMIT")
        return rows

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        with self._reading() as connection:
            return listing.columns(connection) if connection else {}

    def examine(self) -> tuple[Finding, ...]:
        return examine_file(self.path, self._open_to_read)

    def _open_to_read(self) -> tuple[Finding, ...]:
        with opened(self.path, wait=self.wait) as connection:
            return examine(connection, self.path)

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Open the file for reading. Yields None if the file does not exist yet."""
        if not self.path.exists():
            yield None
            return
        with opened(self.path, wait=self.wait) as connection, explained(str(self.path), self.path):
            yield connection

    def _receipts(self, connection: Connection) -> SqliteReceipts:
        return SqliteReceipts(connection=connection, installation=self.installation)

    def _start(self, connection: Connection, unit: LoadUnit, filling: Filling) -> SqliteLoad:
        target = unit.target
        with explained(f"table {target.table}", self.path):
            # Take the write lock first, so that no other commit comes between our reads and writes.
            connection.change("BEGIN IMMEDIATE")
            # Other tables may reference rows that the replacement inserts again.
            connection.change("PRAGMA defer_foreign_keys = ON")
            receipts = self._receipts(connection)
            receipts.make()
            fit = prepare_table(connection, target)
            watched = watch(connection, target)
            table = qualified(target.table)
            if target.mode is WriteMode.UPSERT:
                inserter = Inserter.into_staging(connection, target, fit, unit.loads)
            else:
                inserter = Inserter.into(table, target, fit)
            if target.mode is WriteMode.REPLACE:
                refuse_to_reach_others(connection, target)
                connection.change(f"DELETE FROM {table}")  # noqa: S608  the name is quoted
        return SqliteLoad(
            connection=connection,
            path=self.path,
            unit=unit,
            fit=fit,
            inserter=inserter,
            filling=filling,
            receipts=receipts,
            watch=watched,
        )
