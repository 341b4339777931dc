"""The SQL of an upsert that is the same in every destination."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.batches import LINE, value
from bucketlift.loaders.fit import Fit, TableColumn
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import Target

_REPEATED = "SELECT 1 FROM {staged} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"


@dataclass(frozen=True, kw_only=True)
class UpsertSql:
    """The SQL of an upsert.

    A staged column is named by its position in the target, so that its name cannot clash with names in the
    table.
    """

    table: str
    target: Target
    fit: Fit

    staged: ClassVar[str]
    """The name of the table with the staged rows."""
    exact_types: ClassVar[frozenset[str]]
    """Types in which two different texts are never the same value."""
    text_type: ClassVar[str]
    """The type that hints recommend for a key column."""
    row_alias: ClassVar[str]
    """The alias of the row that is written."""
    load_sql: ClassVar[str]
    """SQL for the load ID of the row that is written."""

    @property
    def keys(self) -> list[int]:
        names = self.target.key_columns
        return [position for position, column in enumerate(self.target.columns) if column.name in names]

    @property
    def typed_keys(self) -> list[TableColumn]:
        """Key columns in which two different texts can be the same value, for example ``1`` and ``01``."""
        columns = [self.fit.mapped[key] for key in self.keys]
        return [column for column in columns if column.type not in self.exact_types]

    @property
    def other_columns(self) -> list[int]:
        keys = set(self.keys)
        return [position for position in range(len(self.target.columns)) if position not in keys]

    @property
    def listed_keys(self) -> str:
        return listed(value(key) for key in self.keys)

    @property
    def new_values(self) -> dict[TableColumn, str]:
        """SQL for the new value of each written column: the mapped columns, then those of the lineage."""
        values = {column: f"{self.row_alias}.{value(place)}" for place, column in enumerate(self.fit.mapped)}
        if self.fit.load_id:
            values[self.fit.load_id] = self.load_sql
        if self.fit.source_line:
            values[self.fit.source_line] = f"{self.row_alias}.{LINE}"
        return values

    @property
    def assignments(self) -> str:
        """The assignments of an update in place, as SQL. Keys and columns without a field do not change."""
        values = self.new_values
        columns = (*(self.fit.mapped[other] for other in self.other_columns), *self.fit.lineage)
        return listed(f"{quoted(column.name)} = {values[column]}" for column in columns)

    def repeated(self) -> str:
        """SQL that returns a row if a key occurs more than once among the staged rows."""
        return _REPEATED.format(staged=self.staged, keys=self.listed_keys)

    def same_key(self, first: int, second: int) -> DestinationRefused:
        """The error for two different texts that are the same key, such as ``1`` and ``01``.

        Without this error, one of the two rows would be lost.
        """
        columns = ", ".join(f"{column.name} ({column.type})" for column in self.typed_keys)
        return DestinationRefused(
            f"Lines {first} and {second} of a file have the same key after conversion to {columns}",
            to=f"table {self.target.table}",
            hint=f"Correct the file, or make the key's columns {self.text_type}: then each text is a separate key.",
        )

    def doubled(self) -> DestinationRefused:
        """The error for a key that occurs twice in the table, so that a staged row matches both rows."""
        return DestinationRefused(
            "The table contains a key of the file more than once",
            to=f"table {self.target.table}",
            hint="Remove the duplicate rows, or choose a key that is unique.",
        )


def names(columns: Iterable[TableColumn]) -> str:
    return listed(quoted(column.name) for column in columns)


def listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def any_of(tests: Iterable[str]) -> str:
    return " OR ".join(tests) or "false"
