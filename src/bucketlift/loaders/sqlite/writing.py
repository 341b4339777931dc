"""Streams rows into a table or into its staging table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.batches import LINE, PLACE, schema_of, value
from bucketlift.loaders.field_types import inexact
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.kinds import KEPT, ROWID, Inexact, exactly, field_type
from bucketlift.loaders.sqlite.tables import TYPES
from bucketlift.model.load import LoadId, Target

STAGED = "temp.staged"

_INSERT = "INSERT INTO {table} ({columns}) VALUES ({values})"
_MAKE_STAGING = "CREATE TEMP TABLE staged (row INTEGER PRIMARY KEY, place INTEGER, line INTEGER, {columns})"
_MAKE_LOADS = "CREATE TEMP TABLE loads (place INTEGER PRIMARY KEY, id TEXT)"

_KNOWN = (pa.string(), pa.int64(), pa.bool_())
_BOUND: dict[type, pa.DataType] = {int: pa.int64(), float: pa.float64(), str: pa.string()}
"""The Arrow type for each type that a converted value can have. An Arrow column has one type; a SQLite column
can contain values of all three.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserter:
    """Inserts batches into one table."""

    target: Target
    fit: Fit
    table: str
    names: tuple[str, ...]
    staged: bool

    @staticmethod
    def into(table: str, target: Target, fit: Fit) -> Inserter:
        """An inserter that writes directly into the table. No staging is needed, because the open transaction
        already hides the rows.
        """
        names = tuple(quoted(column.name) for column in (*fit.mapped, *fit.lineage))
        return Inserter(target=target, fit=fit, table=table, names=names, staged=False)

    @staticmethod
    def into_staging(connection: Connection, target: Target, fit: Fit, loads: Sequence[LoadId]) -> Inserter:
        """An inserter that writes into a new staging table. Its columns have the table's types, so that keys
        are compared as in the table.
        """
        names = [value(position) for position in range(len(fit.mapped))]
        kinds = ["" if column.type == KEPT else quoted(column.type) for column in fit.mapped]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        connection.change(_MAKE_STAGING.format(columns=columns))
        connection.change(_MAKE_LOADS)
        for place, load in enumerate(loads):
            connection.change("INSERT INTO temp.loads VALUES (?, ?)", [place, load])
        return Inserter(target=target, fit=fit, table=STAGED, names=(*names, "place", "line"), staged=True)

    @property
    def schema(self) -> pa.Schema:
        """The schema for ``batches.cut``. SQLite has integers and texts; values of other types are passed as
        text.
        """
        known = schema_of(self.target, self.fit, TYPES)
        kinds = [kind if kind in _KNOWN else pa.string() for kind in known.types]
        return pa.schema(list(zip(known.names, kinds, strict=True)))

    def insert_batch(self, connection: Connection, batch: pa.RecordBatch, load: LoadId) -> int:
        """Insert a batch. Returns the number of rows that SQLite reports as written.

        Raises:
            DestinationRefused: a value does not fit its column. The error names the column and the line,
            never the value.
        """
        values = [
            self._values(batch.column(position), position, batch.column(LINE))
            for position in range(len(self.fit.mapped))
        ]
        values += [[column] for column in self._origin(batch, load)]
        marks = ", ".join("?" if len(each) == 1 else "coalesce(?, ?, ?)" for each in values)
        statement = _INSERT.format(table=self.table, columns=", ".join(self.names), values=marks)
        bound = list(chain.from_iterable(values))
        return connection.change(
            statement, pa.RecordBatch.from_arrays(bound, [str(at) for at in range(len(bound))])
        )

    def _origin(self, batch: pa.RecordBatch, load: LoadId) -> list[pa.Array[Any]]:
        lines = batch.column(LINE)
        if self.staged:
            return [batch.column(PLACE), lines]
        loads = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), batch.num_rows), [load])
        return [loads] * bool(self.fit.load_id) + [lines] * bool(self.fit.source_line)

    def _values(self, column: pa.Array[Any], at: int, lines: pa.Array[Any]) -> list[pa.Array[Any]]:
        """The values of one column, as one Arrow column for each type that the values can have. Each row has
        its value in one of these columns, and null in the others.
        """
        held = self.fit.mapped[at]
        change = exactly(held.type) if column.type == pa.string() else None
        if change is None:
            return [column]
        values = column.to_pylist()
        for position, each in enumerate(values):
            try:
                values[position] = _changed(change, each, held)
            except Inexact:
                raise self._inexact(at, lines[position].as_py(), each) from None
        return [
            pa.array([each if type(each) is kind else None for each in values], bound)
            for kind, bound in _BOUND.items()
        ]

    def _inexact(self, at: int, line: int, value: str | None) -> DestinationRefused:
        held = self.fit.mapped[at]
        expected = field_type(held.type)
        return inexact(self.target, held, self.target.columns[at], line, expected=expected, value=value)


def _changed(change: Callable[[str], object], text: str | None, held: TableColumn) -> object:
    if text is not None:
        return change(text)
    if held.type == ROWID:
        raise Inexact
    return None
