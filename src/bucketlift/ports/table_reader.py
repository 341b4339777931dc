"""The core's interface to the contents of a destination's tables, for display."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bucketlift.model.load import LoadId

ROWS = 50
"""Number of rows of a table that are shown."""
LONGEST_CELL = 200
"""Maximum number of characters of a cell that are read for display. One more character shows that it is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    name: str
    type: str
    """The type in the destination's own words."""
    comparable: bool = True
    """Whether the destination can compare values of this type. Otherwise their texts are compared."""
    generated: bool = False
    """Whether the database computes the values, so that no load can write them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSummary:
    nulls: int
    distinct: int
    """Number of different values, without NULL."""
    smallest: str | None = None
    """The smallest value as text; None if there is none, or if cells must not be shown."""
    largest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """Facts about a table's columns, computed by the destination."""

    rows: int
    """Number of rows that the facts are about."""
    whole: bool
    """Whether these are all rows of the table. If this took too long, they are some of its rows."""
    columns: Mapping[str, ColumnSummary]


Row = tuple[str | None, ...]
"""The cells of a row as text, each cut to ``LONGEST_CELL`` characters and one more; None for NULL."""


class TableReader(Protocol):
    """Reads tables. It changes nothing, and each call takes a few seconds at most.

    Raises: in all methods, the errors of ``Loader.receipts``. If another process or a load of this process uses
    a file, DestinationBusy is raised after about a second.
    """

    def tables(self) -> Mapping[str, tuple[TableColumn, ...]]:
        """The columns of each table that can be loaded, by the table's name, with lineage columns. A database
        that does not exist has no tables.
        """
        ...

    def summary(self, table: str, columns: Sequence[TableColumn], *, extremes: bool) -> TableSummary | None:
        """Facts about columns of an existing table. None if the destination needs too long for them.

        ``extremes``: whether to read the smallest and largest values, which are contents of cells.
        """
        ...

    def rows(
        self, table: str, columns: Sequence[TableColumn], *, loads: Collection[LoadId] = ()
    ) -> tuple[Row, ...] | None:
        """Up to ``ROWS`` rows of an existing table; if ``loads`` are given, only rows of these loads. None if the
        destination needs too long for them.
        """
        ...
