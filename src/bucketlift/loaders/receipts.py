"""The table of receipts and its statements, the same for all destinations with SQL."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from bucketlift.errors import DestinationRefused
from bucketlift.model.load import LoadId, Receipt, WriteMode
from bucketlift.rules.targets import Naming

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTS = ("inserted", "updated", "unchanged")


def receipts_table(
    name: str, schema: str, moment: sa.types.TypeEngine[Any], *, several_schemas: bool = False
) -> sa.Table:
    """The definition of the table of receipts.

    ``moment`` is the column type for a time in UTC. ``several_schemas``: whether the table has receipts of
    several schemas.
    """
    keys = ("load_id", "schema") if several_schemas else ("load_id",)
    return sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(key, sa.Text, primary_key=True) for key in keys),
        sa.Column("table", sa.Text, nullable=False),
        *(sa.Column(count, _NUMBER, nullable=False) for count in _COUNTS),
        sa.Column("committed_at", moment, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("installation", sa.Text),  # tables of early versions may lack it
        schema=schema,
        sqlite_with_rowid=False,
    )


@dataclass(kw_only=True)
class Receipts(ABC):
    """The receipts of one destination, read and written in an open transaction."""

    installation: str = ""
    """The ID of the installation, which is written to each receipt. A receipt without an ID counts as ours."""
    schema: str | None = None
    """The schema of the loaded tables; None if the table of receipts serves only one schema."""
    naming: ClassVar[Naming]
    dialect: ClassVar[sa.Dialect]

    @property
    @abstractmethod
    def table(self) -> sa.Table: ...

    def find(self, loads: Collection[LoadId]) -> dict[LoadId, Receipt]:
        """The receipts of these loads. Empty if there is no table of receipts yet."""
        found = self._select(*self._fields()).where(self._one_of(loads))
        return {row[0]: _receipt(row) for row in self._rows(found)} if loads else {}

    def since(self, moment: datetime) -> tuple[Receipt, ...]:
        """The receipts of this installation and those without an installation, since a moment, oldest first."""
        table = self.table.c
        recent = table.committed_at >= self._moment(moment)
        found = self._select(*self._fields()).where(recent, self._ours())
        return tuple(map(_receipt, self._rows(found.order_by(table.committed_at, table.load_id))))

    def mode_of(self, load: LoadId) -> WriteMode | None:
        """The write mode of a load; None if the load has no receipt.

        The receipt stays locked until the transaction ends.
        """
        found = self._select(self.table.c.mode).where(self.table.c.load_id == load).with_for_update()
        return next((WriteMode(mode) for (mode,) in self._rows(found)), None)

    def add(self, receipts: Sequence[Receipt], mode: WriteMode) -> None:
        """Add all receipts of a unit with one statement.

        Separate statements would take seconds for ten thousand small files. All these receipts have the same
        table and time.
        """
        counts = {count: [getattr(receipt, count) for receipt in receipts] for count in _COUNTS}
        each = self._listed(load_id=[receipt.load for receipt in receipts], **counts)
        same = {
            "table": sa.literal(receipts[0].table, sa.Text),
            "committed_at": self._moment(receipts[0].committed_at),
            "mode": sa.literal(mode.value, sa.Text),
            "installation": sa.literal(self.installation or None, sa.Text),
        } | ({"schema": sa.literal(self.schema, sa.Text)} if self.schema else {})
        # Sorted, so that two units that add the same receipts do not block each other (deadlock).
        rows = sa.select(*each.c, *same.values()).order_by(each.c.load_id)
        added = self._change(sa.insert(self.table).from_select([*each.c.keys(), *same], rows))
        if added != len(receipts):
            raise self._not_kept(added, len(receipts))

    def remove(self, loads: Collection[LoadId]) -> None:
        self._change(sa.delete(self.table).where(*self._of_schema(), self._one_of(loads)))

    def remove_replacements(self, table: str) -> None:
        """Delete the receipts of earlier replacements of a table, because their rows were removed."""
        columns = self.table.c
        found = self._select(columns.load_id, columns.table).where(columns.mode == WriteMode.REPLACE.value)
        fold = self.naming.fold
        self.remove([load for load, replaced in self._rows(found) if fold(replaced) == fold(table)])

    @abstractmethod
    def _rows(self, select: sa.Select[Any]) -> list[Any]:
        """The rows of a query. Empty if there is no table of receipts yet."""

    @abstractmethod
    def _change(self, statement: sa.ClauseElement) -> int:
        """Execute the statement. Returns the number of changed rows."""

    @abstractmethod
    def _listed(self, **columns: Sequence[str | int]) -> sa.Subquery:
        """Rows from which a statement can select. They are passed as one parameter, or as one parameter per
        column.
        """

    def _not_kept(self, added: int, expected: int) -> Exception:
        return DestinationRefused(
            f"The table of receipts kept {added:,} of {expected:,} receipts",
            to=f"table {self.table.fullname}",
            hint="Drop its triggers and rules: only Bucketlift writes to this table.",
        )

    def _ours(self) -> sa.ColumnElement[bool]:
        written_by = self.table.c.installation
        return written_by.is_(None) | (written_by == self.installation)

    def _utc(self, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """SQL for the time in UTC, as text or as a time without a zone."""
        return moment

    def _fields(self) -> Sequence[sa.ColumnElement[Any]]:
        table = self.table.c
        return table.load_id, table.table, *(table[count] for count in _COUNTS), self._utc(table.committed_at)

    def _select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return sa.select(*columns).where(*self._of_schema())

    def _of_schema(self) -> Sequence[sa.ColumnElement[bool]]:
        return [self.table.c.schema == self.schema] if self.schema else []

    def _one_of(self, loads: Collection[LoadId]) -> sa.ColumnElement[bool]:
        return self.table.c.load_id.in_(sa.select(self._listed(load_id=list(loads))))

    def _moment(self, moment: datetime) -> sa.ColumnElement[Any]:
        """SQL for a time.

        It always has microseconds, so that times sort in the right order as texts.
        """
        text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        return sa.cast(sa.literal(text, sa.Text), self.table.c.committed_at.type)

    def _sql(self, statement: sa.ClauseElement) -> tuple[str, list[Any]]:
        compiled = statement.compile(dialect=self.dialect)
        return str(compiled), [compiled.params[name] for name in getattr(compiled, "positiontup", None) or ()]


def arrays(**columns: Sequence[str | int]) -> sa.Subquery:
    """Rows from which a statement can select, passed as one array per column. PostgreSQL and DuckDB unnest
    the arrays.
    """
    listed = []
    for name, values in columns.items():
        kind = sa.ARRAY(sa.Text if name == "load_id" else sa.BigInteger)
        listed.append(sa.func.unnest(sa.cast(sa.literal(list(values), kind), kind)).label(name))
    return sa.select(*listed).subquery()


def name_taken(kind: str, name: str) -> DestinationRefused:
    return DestinationRefused(
        f"{'An' if kind == 'index' else 'A'} {kind} has the name of the table of receipts",
        to=f"{kind} {name}",
        hint=f"Drop the {kind} (DROP {kind.upper()} {name}), and create it again under another name: "
        "Bucketlift needs this name for its receipts.",
    )


def _receipt(row: Sequence[Any]) -> Receipt:
    load, table, inserted, updated, unchanged, committed_at = row
    moment = datetime.fromisoformat(committed_at) if isinstance(committed_at, str) else committed_at
    return Receipt(
        load=LoadId(load),
        table=table,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        committed_at=moment.replace(tzinfo=UTC),
    )
