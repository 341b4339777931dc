"""Streaming rows into a table, or into the staging table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
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

AT_ONCE = 500
"""Values in one statement: with fifty rows of ten it takes two thirds of the time of fifty statements."""

_INSERT = "INSERT INTO {table} ({columns}) VALUES {rows}"
_MAKE_STAGING = "CREATE TEMP TABLE staged (row INTEGER PRIMARY KEY, place INTEGER, line INTEGER, {columns})"
_MAKE_LOADS = "CREATE TEMP TABLE loads (place INTEGER PRIMARY KEY, id TEXT)"

_KNOWN = (pa.string(), pa.int64(), pa.bool_())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pouring:
    """How batches become rows of one table."""

    target: Target
    fit: Fit
    table: str
    names: tuple[str, ...]
    staged: bool

    @staticmethod
    def into(table: str, target: Target, fit: Fit) -> Pouring:
        """Straight into the table, as the transaction alone keeps the rows unseen."""
        names = tuple(quoted(column.name) for column in (*fit.mapped, *fit.lineage))
        return Pouring(target=target, fit=fit, table=table, names=names, staged=False)

    @staticmethod
    def into_staging(connection: Connection, target: Target, fit: Fit, loads: Sequence[LoadId]) -> Pouring:
        """Columns have the table's types, so that keys meet as the table compares them."""
        names = [value(position) for position in range(len(fit.mapped))]
        kinds = ["" if column.type == KEPT else quoted(column.type) for column in fit.mapped]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        connection.execute(_MAKE_STAGING.format(columns=columns))
        connection.execute(_MAKE_LOADS)
        connection.executemany("INSERT INTO temp.loads VALUES (?, ?)", enumerate(loads))
        return Pouring(target=target, fit=fit, table=STAGED, names=(*names, "place", "line"), staged=True)

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
        rows = zip(*values, *self._origin(place, load, lines), strict=False)
        flat = list(chain.from_iterable(rows))
        step = len(self.names) * max(1, AT_ONCE // len(self.names))
        whole = len(flat) - len(flat) % step
        self._insert(connection, flat[:whole], step)
        self._insert(connection, flat[whole:], len(self.names))

    def _insert(self, connection: Connection, flat: list[Any], step: int) -> None:
        row = f"({', '.join('?' * len(self.names))})"
        rows = ", ".join([row] * (step // len(self.names)))
        statement = _INSERT.format(table=self.table, columns=", ".join(self.names), rows=rows)
        connection.executemany(statement, (flat[at : at + step] for at in range(0, len(flat), step)))

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
