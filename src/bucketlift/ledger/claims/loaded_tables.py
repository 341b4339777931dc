"""What was loaded into each table of a destination, by the receipts of files and of mended rejects."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of
from bucketlift.model.claim import Claim
from bucketlift.model.load import LoadId

_RECEIPTS = (tables.receipts, tables.replay_receipts)
_COUNTS = ("inserted", "updated", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTable:
    """A table with the sums of all loads into it that have receipts now."""

    table: str
    loads: int
    inserted: int
    updated: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLoad:
    """The load of one file into a table."""

    claim: Claim
    load: LoadId
    run: str
    task: str
    inserted: int
    updated: int
    unchanged: int
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDay:
    """Sums of the loads that were committed on one day (UTC)."""

    day: date
    loads: int
    inserted: int
    updated: int


class LoadedTables:
    """Read-only queries by destination and table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, destination: str) -> tuple[LoadedTable, ...]:
        """The tables that loads of this destination have written, by name."""
        found = _receipts(destination)
        query = sa.select(
            found.c.table,
            sa.func.count().label("loads"),
            _sum(found.c.inserted).label("inserted"),
            _sum(found.c.updated).label("updated"),
            sa.type_coerce(sa.func.max(found.c.committed_at), tables.receipts.c.committed_at.type).label(
                "last_at"
            ),
        ).group_by(found.c.table)
        with self._database.reading() as connection:
            return tuple(
                LoadedTable(**row._asdict() | {"last_at": aware(row.last_at)})
                for row in connection.execute(query.order_by(found.c.table))
            )

    def names(self, destination: str) -> tuple[str, ...]:
        """The names of these tables."""
        found = [
            sa.select(each.c.table).where(each.c.destination == destination).distinct() for each in _RECEIPTS
        ]
        with self._database.reading() as connection:
            return tuple(connection.scalars(sa.union(*found).order_by("table")))

    def files(
        self, destination: str, names: Collection[str], *, limit: int = 50, offset: int = 0
    ) -> tuple[FileLoad, ...]:
        """The files that were loaded into a table, the last one first. ``names``: the spellings of its name."""
        receipts, sources = tables.receipts, tables.source_objects
        query = (
            sa.select(
                *CLAIM_COLUMNS,
                *(
                    receipts.c[name].label(f"receipt_{name}")
                    for name in (*_COUNTS, "load", "load_task", "run")
                ),
                receipts.c.committed_at.label("receipt_at"),
            )
            .join(tables.claims, tables.claims.c.id == receipts.c.claim)
            .join(sources, sources.c.id == tables.claims.c.source)
            .where(receipts.c.destination == destination, receipts.c.table.in_(names))
            .order_by(receipts.c.committed_at.desc(), receipts.c.claim, receipts.c.load_task)
        )
        with self._database.reading() as connection:
            return tuple(_file_load(row) for row in connection.execute(query.limit(limit).offset(offset)))

    def days(self, destination: str, names: Collection[str], *, since: datetime) -> tuple[LoadedDay, ...]:
        """The days on which rows were loaded into a table, oldest first."""
        found = _receipts(
            destination, lambda each: sa.and_(each.table.in_(names), each.committed_at >= since)
        )
        day = sa.func.date(found.c.committed_at)
        query = (
            sa.select(
                day.label("day"),
                sa.func.count().label("loads"),
                _sum(found.c.inserted).label("inserted"),
                _sum(found.c.updated).label("updated"),
            )
            .group_by(day)
            .order_by(day)
        )
        with self._database.reading() as connection:
            return tuple(
                LoadedDay(**row._asdict() | {"day": _day(row.day)}) for row in connection.execute(query)
            )


def _receipts(
    destination: str, which: Callable[[Any], sa.ColumnElement[bool]] = lambda _: sa.true()
) -> sa.Subquery:
    """The receipts of files and of mended rejects in one destination. ``which`` selects some of them."""
    parts = [
        sa.select(*(each.c[name] for name in ("table", "inserted", "updated", "committed_at"))).where(
            each.c.destination == destination, which(each.c)
        )
        for each in _RECEIPTS
    ]
    return sa.union_all(*parts).subquery("loaded")


def _sum(column: sa.ColumnElement[Any]) -> sa.Cast[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _file_load(row: Row) -> FileLoad:
    committed_at = aware(row.receipt_at)
    assert committed_at is not None  # noqa: S101 - the column is not nullable
    return FileLoad(
        claim=claim_of(row),
        load=LoadId(row.receipt_load),
        run=row.receipt_run,
        task=row.receipt_load_task,
        inserted=row.receipt_inserted,
        updated=row.receipt_updated,
        unchanged=row.receipt_unchanged,
        committed_at=committed_at,
    )
