"""Reads a person with the history of each value, lists and transactions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory.tables import entries, lists, loads, members, people, transactions
from bucketlift.model.directory.people import HistoryEntry, Person, PersonDetails, Transaction
from bucketlift.model.load import LoadId


def details(connection: sa.Connection, person: int) -> PersonDetails:
    row = connection.execute(sa.select(people).where(people.c.id == person)).one()
    history = _history(connection, person)
    return PersonDetails(
        person=Person(id=row.id, kind=row.kind, values=row.data),
        history=history,
        sources=_sources(history, row.data),
        lists=_lists(connection, person),
        transactions=_transactions(connection, person),
    )


def _history(connection: sa.Connection, person: int) -> tuple[HistoryEntry, ...]:
    query = sa.select(entries, loads.c.load_id, loads.c.committed_at, loads.c.undone_at)
    query = query.join(loads, loads.c.number == entries.c.load).where(entries.c.person == person)
    return tuple(_entry(row) for row in connection.execute(query.order_by(entries.c.id)))


def _entry(row: sa.Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        load=LoadId(row.load_id),
        line=row.line,
        at=datetime.fromisoformat(row.at or row.committed_at),
        changes={name: (before, after) for name, (before, after) in (row.changes or {}).items()},
        is_undone=row.line is not None and row.undone_at is not None,
    )


def _sources(history: tuple[HistoryEntry, ...], values: dict[str, str]) -> dict[str, HistoryEntry]:
    """For each value, the history entry of the row that set it last.

    After an undo, this is the earlier row that set the value which is now restored.
    """
    found: dict[str, HistoryEntry] = {}
    for entry in history:
        for name, (_, after) in entry.changes.items():
            if not entry.is_undone and entry.line is not None and after == values.get(name):
                found[name] = entry
    return {name: found[name] for name in values if name in found}


def _lists(connection: sa.Connection, person: int) -> tuple[str, ...]:
    query = sa.select(lists.c.name).join(members, members.c.list == lists.c.id)
    return tuple(connection.scalars(query.where(members.c.person == person).order_by(lists.c.name)))


def _transactions(connection: sa.Connection, person: int) -> tuple[Transaction, ...]:
    query = sa.select(transactions, loads.c.load_id).join(loads, loads.c.number == transactions.c.load)
    rows = connection.execute(query.where(transactions.c.person == person).order_by(transactions.c.id))
    return tuple(
        Transaction(
            id=row.id,
            person=person,
            load=LoadId(row.load_id),
            line=row.line,
            date=row.date,
            values=row.data,
        )
        for row in rows
    )
