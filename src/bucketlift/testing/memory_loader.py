"""A loader without a database, whose tables are lists of rows."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bucketlift.errors import DestinationRefused, LeaseLost, RowsNotKept
from bucketlift.model.finding import Finding, Health
from bucketlift.model.load import Lineage, LoadId, LoadUnit, Receipt, Target, WriteMode
from bucketlift.model.rows import LOAD_ID, SOURCE_LINE, RowStream
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling
from bucketlift.rules.targets import RESERVED

Row = dict[str, object]


@dataclass(kw_only=True)
class MemoryTable:
    columns: tuple[str, ...]
    """The names of the columns, including those of the lineage."""
    rows: list[Row] = field(default_factory=list)
    keeps: Callable[[Row], bool] = lambda _: True
    """Decides whether the table keeps a row. It drops other rows without an error, as a trigger or a conflict
    clause of a database does.
    """


@dataclass(kw_only=True)
class MemoryLoad:
    """A load that works on a copy of the table. ``commit`` replaces the table with the copy."""

    loader: MemoryLoader
    unit: LoadUnit
    table: MemoryTable
    filling: Filling
    counts: Counter[tuple[LoadId, str]] = field(default_factory=Counter)
    dropped: int = 0
    _by_key: dict[tuple[object, ...], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row in self.table.rows:
            self._by_key[self._key(row)].append(row)

    def write(self, load: LoadId, rows: RowStream) -> None:
        with self.filling.writing(load):
            for row in _rows(rows, self.unit.target, load):
                self.counts[load, self._put(row)] += 1

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        if self.loader.receipts(self.unit.loads):
            raise LeaseLost("A load of this unit was committed already", to=self.unit.target.table)
        if self.dropped:
            raise RowsNotKept(
                f"The table dropped {self.dropped:,} of {self.counts.total():,} rows",
                to=f"table {self.unit.target.table}",
                hint="Load into a table that keeps every row.",
            )
        receipts = tuple(self._receipt(load) for load in self.unit.loads)
        fence()
        self.loader.tables[self.unit.target.table] = self.table
        self.loader.keep(receipts, self.unit.target.mode)
        if self.unit.target.mode is WriteMode.REPLACE:
            self._take_back_former(receipts[0].load)
        return receipts

    def _take_back_former(self, replacement: LoadId) -> None:
        former = self.loader.replacements.get(self.unit.target.table)
        if former is not None:
            self.loader.committed.pop(former, None)
        self.loader.replacements[self.unit.target.table] = replacement

    def _put(self, row: Row) -> str:
        whole = {name: row.get(name) for name in self.table.columns}
        known = self._known(row) if self.unit.target.mode is WriteMode.UPSERT else None
        if known is not None and all(known[each.name] == row[each.name] for each in self.unit.target.columns):
            return "unchanged"
        if not self.table.keeps(whole):
            self.dropped += 1
        elif known is None:
            self.table.rows.append(whole)
            self._by_key[self._key(whole)].append(whole)
        else:
            known.update({name: value for name, value in row.items() if name in self.table.columns})
        return "inserted" if known is None else "updated"

    def _key(self, row: Row) -> tuple[object, ...]:
        return tuple(row[name] for name in self.unit.target.key_columns)

    def _known(self, row: Row) -> Row | None:
        known = self._by_key[self._key(row)]
        if len(known) > 1:
            raise DestinationRefused(
                "The table contains a key of the file more than once",
                to=f"table {self.unit.target.table}",
                hint="Remove the duplicate rows, or choose a key that is unique.",
            )
        return known[0] if known else None

    def _receipt(self, load: LoadId) -> Receipt:
        return Receipt(
            load=load,
            table=self.unit.target.table,
            inserted=self.counts[load, "inserted"],
            updated=self.counts[load, "updated"],
            unchanged=self.counts[load, "unchanged"],
            committed_at=datetime.now(UTC),
        )


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The installation that made a load, and the load's write mode."""

    mode: WriteMode
    installation: str


@dataclass(kw_only=True)
class MemoryLoader:
    """A loader that lets only one writer write at a time, like an embedded database. Upper and lower case
    differ in names.
    """

    tables: dict[str, MemoryTable] = field(default_factory=dict)
    committed: dict[LoadId, Receipt] = field(default_factory=dict)
    replacements: dict[str, LoadId] = field(default_factory=dict)
    """For each table, the last load that replaced it."""
    origins: dict[LoadId, Origin] = field(default_factory=dict)
    installation: str = ""
    _writer: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        return {load: self.committed[load] for load in loads if load in self.committed}

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        ours = {"", self.installation}
        found = [
            receipt
            for load, receipt in self.committed.items()
            if receipt.committed_at >= moment and self.origins[load].installation in ours
        ]
        return tuple(sorted(found, key=lambda receipt: (receipt.committed_at, receipt.load)))

    def rows(self, target: Target, loads: Collection[LoadId]) -> Mapping[LoadId, int] | None:
        table = self.tables.get(target.table)
        if table is None or LOAD_ID not in table.columns:
            return None
        found = Counter(row[LOAD_ID] for row in table.rows)
        return {load: found[load] for load in loads}

    def size(self, target: Target) -> int | None:
        table = self.tables.get(target.table)
        return None if table is None else len(table.rows)

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        with self._writer:
            if load not in self.committed:
                return 0
            table = self.tables.get(target.table, MemoryTable(columns=RESERVED))
            _refuse_to_unload(target, self.origins[load].mode, table)
            fence()
            before = len(table.rows)
            table.rows = [row for row in table.rows if row[LOAD_ID] != load]
            del self.committed[load]
            return before - len(table.rows)

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {
            name: tuple(column for column in table.columns if column not in RESERVED)
            for name, table in sorted(self.tables.items())
        }

    def examine(self) -> tuple[Finding, ...]:
        return (
            Finding(
                check="open",
                health=Health.OK,
                what="The in-memory destination always exists; its rows are lost when the process ends",
            ),
        )

    def keep(self, receipts: Collection[Receipt], mode: WriteMode) -> None:
        self.committed.update({receipt.load: receipt for receipt in receipts})
        origin = Origin(mode=mode, installation=self.installation)
        self.origins.update({receipt.load: origin for receipt in receipts})

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[MemoryLoad]:
        with self._writer:
            table = _working_copy(self.tables.get(unit.target.table), unit.target)
            yield MemoryLoad(loader=self, unit=unit, table=table, filling=Filling(unit=unit))


def _working_copy(known: MemoryTable | None, target: Target) -> MemoryTable:
    lineage = () if target.lineage is Lineage.OFF else RESERVED
    names = tuple(column.name for column in target.columns)
    if known is None:
        return MemoryTable(columns=names + lineage)
    expected = names + (RESERVED if target.lineage is Lineage.ON else ())
    missing = [name for name in expected if name not in known.columns]
    if missing:
        raise DestinationRefused(
            f"The table has no column {', '.join(missing)}",
            to=f"table {target.table}",
            hint="Add the columns with ALTER TABLE, or map the fields to others.",
        )
    rows = [] if target.mode is WriteMode.REPLACE else [dict(row) for row in known.rows]
    return replace(known, rows=rows)


def _refuse_to_unload(target: Target, mode: WriteMode, table: MemoryTable) -> None:
    to = f"table {target.table}"
    if mode is not WriteMode.APPEND:
        raise DestinationRefused(
            f"The load's mode was {mode.value}", to=to, hint="Load the right file instead."
        )
    if LOAD_ID not in table.columns:
        raise DestinationRefused(
            "The table does not record which load wrote a row", to=to, hint="Remove the rows yourself."
        )


def _rows(stream: RowStream, target: Target, load: LoadId) -> Iterator[Row]:
    for batch in stream:
        for row in batch.to_pylist():
            mapped = {column.name: row[column.field] for column in target.columns}
            lineage = {} if target.lineage is Lineage.OFF else {LOAD_ID: load, SOURCE_LINE: row[SOURCE_LINE]}
            yield mapped | lineage
