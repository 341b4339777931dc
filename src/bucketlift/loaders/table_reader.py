"""Reads tables for display: the statements, which are the same for all databases with SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Timer
from time import monotonic
from typing import Any, ClassVar, Protocol

from bucketlift.errors import DestinationBusy, OurFault
from bucketlift.loaders.identifiers import quoted
from bucketlift.model.load import LoadId
from bucketlift.model.rows import LOAD_ID
from bucketlift.ports.table_reader import LONGEST_CELL, ROWS, ColumnSummary, Row, TableColumn, TableSummary

WAIT = 1.0
"""Seconds to wait for a lock on a file."""
ATTEMPTS: tuple[tuple[int | None, float], ...] = ((None, 1.5), (10_000, 1.0))
"""For a summary: the rows to read (None: all), and the seconds that this may take. The next attempt is made if
the time is over.
"""
ROWS_TAKE = 1.5
"""Seconds that the rows may take."""


class TooSlow(Exception):
    """A statement took too long or needed too much memory, and was stopped."""


class Ask(Protocol):
    def __call__(self, sql: str, values: Sequence[str] = (), *, seconds: float) -> list[tuple[Any, ...]]:
        """Execute a query.

        Raises:
            TooSlow: the query took longer than these seconds.
        """
        ...


class SqlTableReader(ABC):
    """Reads the tables of one database or schema."""

    columns_at_once: ClassVar[int] = 100
    """Maximum number of columns in one statement, because databases limit the columns of a result."""

    @abstractmethod
    def tables(self) -> Mapping[str, tuple[TableColumn, ...]]: ...

    @abstractmethod
    def _opened(self, to: str) -> AbstractContextManager[Ask]:
        """Open the database for queries about ``to``."""

    @abstractmethod
    def _qualified(self, table: str) -> str:
        """The quoted name of a table."""

    @abstractmethod
    def _text(self, expression: str, most: int) -> str:
        """The SQL for the first characters of a value as text."""

    @abstractmethod
    def _parameter(self, number: int) -> str: ...

    def summary(self, table: str, columns: Sequence[TableColumn], *, extremes: bool) -> TableSummary | None:
        with self._reading(table) as ask:
            for most, seconds in ATTEMPTS:
                try:
                    return self._summarized(ask, table, columns, most, seconds, extremes=extremes)
                except TooSlow:
                    continue
        return None

    def rows(
        self, table: str, columns: Sequence[TableColumn], *, loads: Collection[LoadId] = ()
    ) -> tuple[Row, ...] | None:
        cells = [self._text(quoted(each.name), LONGEST_CELL + 1) for each in columns]
        parameters = ", ".join(self._parameter(number) for number in range(1, len(loads) + 1))
        chosen = f" WHERE {quoted(LOAD_ID)} IN ({parameters})" if loads else ""
        sql = f"FROM {self._qualified(table)}{chosen} LIMIT {ROWS}"
        with self._reading(table) as ask:
            try:
                return tuple(ask(f"SELECT {', '.join(cells)} {sql}", tuple(loads), seconds=ROWS_TAKE))
            except TooSlow:
                return None

    @contextmanager
    def _reading(self, table: str) -> Iterator[Ask]:
        """Open the database for queries about a table that was there before."""
        try:
            with self._opened(f"table {table}") as ask:
                yield ask
        except OurFault as error:  # such as a table that was dropped in the meantime
            raise DestinationBusy(
                f"The table could not be read: {error.what}", to=f"table {table}", hint="Reload the page."
            ) from None

    def _summarized(
        self,
        ask: Ask,
        table: str,
        columns: Sequence[TableColumn],
        most: int | None,
        seconds: float,
        *,
        extremes: bool,
    ) -> TableSummary:
        found: dict[str, ColumnSummary] = {}
        rows, end = 0, monotonic() + seconds

        def timely(sql: str) -> list[tuple[Any, ...]]:
            if (left := end - monotonic()) <= 0:
                raise TooSlow
            return ask(sql, seconds=left)

        for start in range(0, len(columns), self.columns_at_once):
            group = columns[start : start + self.columns_at_once]
            source = self._source(table, group, most)
            wanted = [fact for each in group for fact in self._facts(each, extremes=extremes)]
            [answer] = timely(f"SELECT count(*), {', '.join(wanted)} FROM {source}")  # noqa: S608 - names are quoted
            distinct = dict(timely(self._distinct(group, source)))
            rows, width = answer[0], len(wanted) // len(group)
            for place, each in enumerate(group):
                facts = answer[1 + place * width :]
                found[each.name] = ColumnSummary(
                    nulls=rows - facts[0],
                    distinct=min(distinct[place], facts[0]),
                    smallest=facts[1] if extremes else None,
                    largest=facts[2] if extremes else None,
                )
        return TableSummary(rows=rows, whole=most is None or rows < most, columns=found)

    def _facts(self, column: TableColumn, *, extremes: bool) -> Iterator[str]:
        yield f"count({quoted(column.name)})"
        if extremes:
            for extreme in ("min", "max"):
                yield self._text(f"{extreme}({self._compared(column)})", LONGEST_CELL + 1)

    def _distinct(self, columns: Sequence[TableColumn], source: str) -> str:
        """The statement for the positions of columns, each with the number of different values.

        In DuckDB it needs a fifth of the time and memory of ``count(DISTINCT ...)``.
        """
        return " UNION ALL ".join(
            f"SELECT {place}, count(*) FROM (SELECT DISTINCT {self._compared(each)} AS v FROM {source}) AS d "  # noqa: S608 - names are quoted
            "WHERE v IS NOT NULL"
            for place, each in enumerate(columns)
        )

    def _compared(self, column: TableColumn) -> str:
        name = quoted(column.name)
        return name if column.comparable else self._text(name, LONGEST_CELL)

    def _source(self, table: str, columns: Sequence[TableColumn], most: int | None) -> str:
        if most is None:
            return self._qualified(table)
        names = ", ".join(quoted(each.name) for each in columns)
        return f"(SELECT {names} FROM {self._qualified(table)} LIMIT {most}) AS some_rows"  # noqa: S608 - names are quoted


class Interruptible(Protocol):
    def interrupt(self) -> None: ...


@contextmanager
def interrupting(connection: Interruptible, seconds: float) -> Iterator[None]:
    """Interrupt the connection's statement if the block takes longer than this."""
    timer = Timer(seconds, _interrupt, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def by_table(
    found: Sequence[tuple[str, str, str, bool, bool]], left_out: str
) -> Mapping[str, tuple[TableColumn, ...]]:
    """Group columns by table, without changing their order. The last two values of a column are whether it can
    be compared, and whether it is generated.
    """
    listed: dict[str, tuple[TableColumn, ...]] = {}
    for table, name, kind, comparable, generated in found:
        if table != left_out:
            column = TableColumn(name=name, type=kind, comparable=bool(comparable), generated=bool(generated))
            listed[table] = (*listed.get(table, ()), column)
    return listed


def _interrupt(connection: Interruptible) -> None:
    with suppress(Exception):  # the connection may have been closed in the meantime
        connection.interrupt()
