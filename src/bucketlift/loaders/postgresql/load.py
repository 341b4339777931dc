"""An open transaction on a PostgreSQL table."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa
from psycopg.pq import TransactionStatus

from bucketlift.errors import BucketliftError, DestinationBusy, LeaseLost, OurFault
from bucketlift.loaders.batches import cut
from bucketlift.loaders.fit import Fit
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import Cause, require_kept, require_size
from bucketlift.loaders.postgresql.blockers import UNIT_LOCK
from bucketlift.loaders.postgresql.casts import convert
from bucketlift.loaders.postgresql.columns import is_lossless
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.copying import staged_lines, table_lines, text_schema
from bucketlift.loaders.postgresql.error_translation import explained
from bucketlift.loaders.postgresql.keeping import Watch, others, require_others_unchanged
from bucketlift.loaders.postgresql.load_strategy import LoadStrategy, choose_strategy
from bucketlift.loaders.postgresql.merge import merge
from bucketlift.loaders.postgresql.receipts import PostgresqlReceipts
from bucketlift.loaders.postgresql.staging import STAGED, insert_staged, make_staging
from bucketlift.loaders.postgresql.tables import Table, find_table, make_table, temporary_name
from bucketlift.loaders.unit_receipts import receipts_of, refuse_loaded
from bucketlift.model.load import LoadId, LoadUnit, Receipt, WriteMode
from bucketlift.model.rows import RowStream
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling


class _Undone(Exception):
    """Ends a COPY without its rows. The exception has no message, because the server would log it."""


@dataclass(kw_only=True)
class PostgresqlLoad:
    """One transaction for the loads of a unit.

    Before ``commit`` it takes no lock that blocks other sessions, so that a worker that stops earlier blocks
    nothing.
    """

    connection: Connection
    schema: str
    unit: LoadUnit
    fit: Fit
    table: Table | None
    receipts: PostgresqlReceipts
    filling: Filling
    watch: Watch | None
    strategy: LoadStrategy = field(init=False)
    _made: str = field(default_factory=temporary_name)
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _copying: ExitStack = field(default_factory=ExitStack)
    _copy: psycopg.Copy = field(init=False)
    _cursor: psycopg.RawCursor[tuple[Any, ...]] = field(init=False)
    _maker: ThreadPoolExecutor = field(init=False)
    _text_schema: pa.Schema = field(init=False)

    def __post_init__(self) -> None:
        self.strategy = choose_strategy(self.unit, self.table, self.fit)
        self._text_schema = text_schema(self.unit.target)

    def start(self) -> None:
        """Start the unit's COPY, which receives the rows of all its files."""
        if self.strategy is LoadStrategy.STAGED:
            make_staging(self.connection, self.unit.target, self.fit, self.table)
        elif self.strategy is LoadStrategy.FRESH:
            make_table(self.connection, self._fresh, self.fit)
        self._maker = self._copying.enter_context(ThreadPoolExecutor(1, thread_name_prefix="lines"))
        self._cursor = psycopg.RawCursor(self.connection)  # a closed COPY no longer knows its row count
        self._copy = self._copying.enter_context(self._cursor.copy(f"COPY {self._into()} FROM STDIN"))

    def write(self, load: LoadId, rows: RowStream) -> None:
        with self.filling.writing(load) as place, self._explained():
            batches = cut(rows, self.unit.target, self._text_schema, place)
            for lines in self._ahead(batches, load, place):
                self._copy.write(lines)

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        try:
            with self._explained():
                return self._publish(fence)
        except LeaseLost:
            raise
        except BucketliftError as error:
            # A unit that had the lock before may have written rows that conflict with these.
            self._undo()
            self._refuse_if_loaded(error)
            raise

    def close(self) -> None:
        """Roll back work that is not committed.

        Errors are ignored, because closing the connection also rolls back.
        """
        self._undo()

    def _publish(self, fence: Fence) -> tuple[Receipt, ...]:
        self._copying.close()
        require_kept(self._cursor.rowcount, self._counts.total(), self.unit.target)
        if self.strategy is LoadStrategy.STAGED:
            convert(self.connection, self.unit.target, self._checked(), self.table)
        self._lock_table()
        self.receipts.make()
        self._refuse_if_loaded()
        self._put()
        self._refuse_if_altered()
        if self.unit.target.mode is WriteMode.REPLACE:
            self.receipts.remove_replacements(self.unit.target.table)
        receipts = receipts_of(self.unit, self._counts)
        self.receipts.add(receipts, self.unit.target.mode)
        # From here on, a frozen worker loses its transaction before another worker can take over.
        fence()
        self._commit()
        return receipts

    def _lock_table(self) -> None:
        """Let only one unit at a time write to the table.

        If two units read the table before they write, each would miss the other's rows.
        """
        if self.table and self.unit.target.mode is not WriteMode.APPEND:
            self.connection.execute("SELECT pg_advisory_xact_lock($1)", [UNIT_LOCK << 32 | self.table.oid])

    def _put(self) -> None:
        if self.strategy is LoadStrategy.FRESH:
            self.connection.execute(f"ALTER TABLE {self._fresh} RENAME TO {quoted(self.unit.target.table)}")
        elif self.strategy is LoadStrategy.STAGED:
            self._put_staged()

    def _put_staged(self) -> None:
        if self.table is None:
            make_table(self.connection, self._named, self.fit)
        if self.unit.target.mode is WriteMode.UPSERT:
            self._upsert()
            return
        removed = self._empty() if self.unit.target.mode is WriteMode.REPLACE else 0
        loads = [list(self.unit.loads)] if self.fit.load_id else []
        inserted = self.connection.execute(insert_staged(self._named, self.fit), loads).rowcount
        require_kept(inserted, self._counts.total(), self.unit.target, self._causes())
        if self.watch:
            self.watch.require(self.connection, inserted=inserted, updated=0, removed=removed)
            if self.fit.load_id and self.table and self.table.selectable:
                self.watch.require_own(self.connection, self.fit.load_id.name, self.unit.loads, inserted)

    def _upsert(self) -> None:
        rows = self._counts.total()
        merged = merge(
            self.connection, self._named, self.unit, self.fit, self.table, rows=rows, causes=self._causes
        )
        self._counts = merged.counts
        if self.watch:
            self.watch.require(self.connection, inserted=merged.inserted, updated=merged.updated, removed=0)

    def _empty(self) -> int:
        """Delete all rows of the table. Returns the number of deleted rows.

        TRUNCATE is not used, because it blocks readers and shows an empty table to older snapshots.

        Raises:
            RowsNotKept: a trigger or rule kept some rows.
            DestinationRefused: through foreign keys, the delete would also change rows of other tables.
        """
        before = others(self.connection, self.table.oid) if self.table else {}
        if self.watch:
            self.connection.execute(f"LOCK TABLE {self._named} IN SHARE ROW EXCLUSIVE MODE")
        removed = self.connection.execute(f"DELETE FROM {self._named}").rowcount  # noqa: S608  the name is quoted
        if self.table and before:
            require_others_unchanged(self.connection, self.table, before, self.unit.target)
        if self.watch:
            left = self.connection.execute(f"SELECT count(*) FROM {self._named}").fetchall()[0][0]  # noqa: S608  the name is quoted
            require_size(left, 0, self.unit.target, self._causes())
        return removed

    def _causes(self) -> Sequence[Cause]:
        return self.watch.causes(self.connection) if self.watch else ()

    def _refuse_if_altered(self) -> None:
        """Refuse a table that was altered before it was locked, because values may have been rounded.

        The insert has locked the table, so it cannot be altered any more.
        """
        if self.table and find_table(self.connection, self.schema, self.unit.target) != self.table:
            raise DestinationBusy(
                "The table was altered while it was loaded",
                to=f"table {self.unit.target.table}",
                hint="Nothing was loaded; the next try reads the table's definition again.",
            )

    def _refuse_if_loaded(self, because: BucketliftError | None = None) -> None:
        try:
            found = self.receipts.find(self.unit.loads)
        except psycopg.Error:
            if because is None:
                raise
            return
        refuse_loaded(self.unit, found)

    def _commit(self) -> None:
        try:
            status = self.connection.execute("COMMIT").statusmessage
        except psycopg.OperationalError as error:
            if not self.connection.closed and error.sqlstate is not None:
                raise
            raise DestinationBusy(
                "The connection was lost during the commit",
                to=f"table {self.unit.target.table}",
                hint="The next try looks for the receipt, which shows whether the commit took place.",
            ) from None
        if status != "COMMIT":
            raise OurFault(f"PostgreSQL answered {status} to a commit", to=f"table {self.unit.target.table}")

    def _undo(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._copying.__exit__(_Undone, _Undone(), None)
        if self.connection.info.transaction_status is not TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):
                self.connection.execute("ROLLBACK")

    def _ahead(self, batches: Iterable[pa.RecordBatch], load: LoadId, place: int) -> Iterator[memoryview]:
        """Yield the lines of each batch. The next batch is encoded while the server reads the current one."""
        ready: Future[memoryview] | None = None
        for batch in batches:
            self._counts[place, "inserted"] += batch.num_rows
            ready, sent = self._maker.submit(self._lines, batch, load), ready
            if sent:
                yield sent.result()
        if ready:
            yield ready.result()

    def _lines(self, batch: pa.RecordBatch, load: LoadId) -> memoryview:
        if self.strategy is LoadStrategy.STAGED:
            return staged_lines(batch, self.unit.target)
        return table_lines(batch, self.unit.target, self.fit, load)

    def _into(self) -> str:
        if self.strategy is LoadStrategy.STAGED:
            return STAGED
        columns = ", ".join(quoted(column.name) for column in (*self.fit.mapped, *reversed(self.fit.lineage)))
        return f"{self._fresh if self.strategy is LoadStrategy.FRESH else self._named} ({columns})"

    def _checked(self) -> dict[int, Any]:
        pairs = enumerate(zip(self.unit.target.columns, self.fit.mapped, strict=True))
        return {at: held for at, (column, held) in pairs if not is_lossless(column, held)}

    def _explained(self) -> contextlib.AbstractContextManager[None]:
        place = self.receipts.place
        tables = [(self.schema, self.unit.target.table), (place.schema, place.table)]
        return explained(f"table {self.unit.target.table}", self.connection, tables)

    @property
    def _named(self) -> str:
        return quoted(self.schema, self.unit.target.table)

    @property
    def _fresh(self) -> str:
        return quoted(self.schema, self._made)
