"""Streaming rows into a table, or into the staging table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from sqlite3 import Connection
from typing import Any

import pyarrow as pa

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.batches import LINE, schema_of, value
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.sqlite.kinds import KEPT, ROWID, Inexact, exactly
from bucketlift.loaders.sqlite.tables import TYPES
from bucketlift.model.load import LoadId, Target

STAGED = "temp.staged"

_INSERT = "INSERT INTO {table} ({columns}) VALUES ({values})"
_MAKE_STAGING = "CREATE TEMP TABLE staged (row INTEGER PRIMARY KEY, place INTEGER, line INTEGER, {columns})"
_MAKE_LOADS = "CREATE TEMP TABLE loads (place INTEGER PRIMARY KEY, id TEXT)"

_KNOWN = (pa.string(), pa.int64(), pa.bool_())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pouring:
    """How batches become rows of one table."""

    target: Target
    fit: Fit
    statement: str
    staged: bool

    @staticmethod
    def into(table: str, target: Target, fit: Fit) -> Pouring:
        """Straight into the table, as the transaction alone keeps the rows unseen."""
        names = [quoted(column.name) for column in (*fit.mapped, *fit.lineage)]
        return Pouring(target=target, fit=fit, statement=_insert(table, names), staged=False)

    @staticmethod
    def into_staging(connection: Connection, target: Target, fit: Fit, loads: Sequence[LoadId]) -> Pouring:
        """Columns have the table's types, so that keys meet as the table compares them."""
        names = [value(position) for position in range(len(fit.mapped))]
        kinds = ["" if column.type == KEPT else quoted(column.type) for column in fit.mapped]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        connection.execute(_MAKE_STAGING.format(columns=columns))
        connection.execute(_MAKE_LOADS)
        connection.executemany("INSERT INTO temp.loads VALUES (?, ?)", enumerate(loads))
        statement = _insert(STAGED, [*names, "place", "line"])
        return Pouring(target=target, fit=fit, statement=statement, staged=True)

    @property
    def schema(self) -> pa.Schema:
        """What ``batches.cut`` is to hand over. SQLite knows whole numbers and texts; the rest is said in text."""
        known = schema_of(self.target, self.fit, TYPES)
        kinds = [kind if kind in _KNOWN else pa.string() for kind in known.types]
        return pa.schema(list(zip(known.names, kinds, strict=True)))

    def pour(self, connection: Connection, batch: pa.RecordBatch, place: int, load: LoadId) -> None:
        """Insert a batch.

        Raises:
            DestinationRefused: a value does not fit its column; names the column and line, never the value.
        """
        lines = batch.column(LINE).to_pylist()
        values: list[Iterable[Any]] = [
            self._values(batch.column(position), held, lines) for position, held in enumerate(self.fit.mapped)
        ]
        connection.executemany(self.statement, zip(*values, *self._origin(place, load, lines), strict=False))

    def _origin(self, place: int, load: LoadId, lines: list[Any]) -> list[Iterable[Any]]:
        if self.staged:
            return [repeat(place), lines]
        return [repeat(load)] * bool(self.fit.load_id) + [lines] * bool(self.fit.source_line)

    def _values(self, column: pa.Array[Any], held: TableColumn, lines: list[Any]) -> list[Any]:
        change = exactly(held.type) if column.type == pa.string() else None
        values = column.to_pylist()
        if change is None:
            return values
        for position, each in enumerate(values):
            try:
                values[position] = _changed(change, each, held)
            except Inexact:
                raise self._inexact(held, lines[position]) from None
        return values

    def _inexact(self, held: TableColumn, line: int) -> DestinationRefused:
        return DestinationRefused(
            f"Line {line} has a value that is not exactly a {held.type}, which the column {held.name} needs",
            to=f"table {self.target.table}",
            hint="Mend the file, map the field to a text column, or make the column TEXT.",
        )


def _changed(change: Callable[[str], object], text: str | None, held: TableColumn) -> object:
    if text is not None:
        return change(text)
    if held.type == ROWID:
        raise Inexact
    return None


def _insert(table: str, names: Sequence[str]) -> str:
    return _INSERT.format(table=table, columns=", ".join(names), values=", ".join("?" * len(names)))
