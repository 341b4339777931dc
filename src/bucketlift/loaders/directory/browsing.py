"""Reads and deletes the people of a directory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory.chunks import CHUNK, chunks
from bucketlift.loaders.directory.deleting import delete_people
from bucketlift.loaders.directory.history import details
from bucketlift.loaders.directory.opening import Place, reading, writing
from bucketlift.loaders.directory.receipts import number_of
from bucketlift.loaders.directory.rule_facts import facts_of
from bucketlift.loaders.directory.rules import known_rules
from bucketlift.loaders.directory.tables import (
    lists,
    loads,
    match_keys,
    members,
    people,
    transactions,
)
from bucketlift.loaders.directory.trial import DirectoryTrial
from bucketlift.loaders.directory.unloading import effect_of
from bucketlift.model.directory.people import (
    DataSet,
    MailingList,
    Person,
    PersonDetails,
    RuleFacts,
    Transaction,
    UndoEffect,
)
from bucketlift.model.directory.targets import (
    CONTACT_FIELDS,
    CONTACTS,
    EMPLOYEE_REQUIRED,
    EMPLOYEES,
    IDENTIFIER,
)
from bucketlift.model.load import LoadId, Target
from bucketlift.rules.directory.merging import PersonId, Rule

_IDENTIFIED = Rule(fields=(IDENTIFIER,), exact=True)
_FIRST = {CONTACTS: CONTACT_FIELDS, EMPLOYEES: (IDENTIFIER, *EMPLOYEE_REQUIRED)}


@dataclass(frozen=True, kw_only=True)
class DirectoryPeople:
    place: Place

    def people(
        self, kind: str, *, search: str = "", in_list: str | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[Person, ...]:
        query = sa.select(people).where(people.c.kind == kind, people.c.id > after)
        if search:
            query = query.where(people.c.search.contains(search.casefold(), autoescape=True))
        if in_list is not None:
            query = query.join(members, members.c.person == people.c.id)
            query = query.join(lists, lists.c.id == members.c.list).where(lists.c.name == in_list)
        with reading(self.place) as connection:
            rows = connection.execute(query.order_by(people.c.id).limit(limit)).all() if connection else ()
        return tuple(_person(row) for row in rows)

    def each(self, kind: str, *, in_list: str | None = None) -> Iterator[Person]:
        after = 0
        while some := self.people(kind, in_list=in_list, after=after, limit=CHUNK):
            yield from some
            after = some[-1].id

    def person(self, kind: str, name: str) -> PersonDetails | None:
        with reading(self.place) as connection:
            found = _ids(connection, kind, [name]) if connection else []
            return details(connection, found[0]) if connection and found else None

    def counts(self) -> dict[str, int]:
        none = {CONTACTS: 0, EMPLOYEES: 0, "lists": 0, "transactions": 0}
        with reading(self.place) as connection:
            if connection is None:
                return none
            kinds = connection.execute(sa.select(people.c.kind, sa.func.count()).group_by(people.c.kind))
            counted = none | {row[0]: row[1] for row in kinds if row[0] in none}
            for word, table in (("lists", lists), ("transactions", transactions)):
                counted[word] = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        return counted

    def sets(self, start: str) -> tuple[DataSet, ...]:
        query = sa.select(people.c.kind, sa.func.count()).where(
            people.c.kind.startswith(start, autoescape=True)
        )
        with reading(self.place) as connection:
            found = connection.execute(query.group_by(people.c.kind)).all() if connection else ()
        return tuple(
            DataSet(name=kind.removeprefix(start), rows=rows) for kind, rows in sorted(map(tuple, found))
        )

    def fields(self, kind: str) -> tuple[str, ...]:
        with reading(self.place) as connection:
            query = sa.select(loads.c.fields).where(loads.c.kind == kind).order_by(loads.c.number)
            found = connection.scalars(query).all() if connection else ()
        names = dict.fromkeys(name for fields in found for name in fields)
        builtin = [name for name in _FIRST.get(kind, ()) if name in names]
        return tuple(dict.fromkeys((*builtin, *names)))

    def rules(self, kind: str) -> tuple[tuple[str, ...], ...]:
        with reading(self.place) as connection:
            return tuple(rule.fields for rule in known_rules(connection, kind)) if connection else ()

    def rule_facts(self, rules: Sequence[tuple[str, ...]]) -> tuple[RuleFacts, ...]:
        with reading(self.place) as connection:
            if connection is None:
                return tuple(RuleFacts(fields=fields, is_new=True, shared=0) for fields in rules)
            return facts_of(connection, rules)

    def trial(self, target: Target) -> DirectoryTrial:
        return DirectoryTrial(place=self.place, target=target)

    def lists(self) -> tuple[MailingList, ...]:
        query = (
            sa.select(lists.c.name, sa.func.count(members.c.person))
            .outerjoin(members, members.c.list == lists.c.id)
            .group_by(lists.c.id, lists.c.name)
            .order_by(lists.c.name)
        )
        with reading(self.place) as connection:
            rows = connection.execute(query).all() if connection else ()
        return tuple(MailingList(name=row[0], contacts=row[1]) for row in rows)

    def transactions(self, *, after: int = 0, limit: int = 1000) -> tuple[Transaction, ...]:
        query = sa.select(transactions, loads.c.load_id).join(loads, loads.c.number == transactions.c.load)
        query = query.where(transactions.c.id > after).order_by(transactions.c.id).limit(limit)
        with reading(self.place) as connection:
            rows = connection.execute(query).all() if connection else ()
        return tuple(transaction_of(row) for row in rows)

    def delete(self, kind: str, names: Collection[str]) -> int:
        if not self.place.exists:
            return 0
        with writing(self.place) as connection:
            known = known_rules(connection, kind)
            ids = _ids(connection, kind, names)
            for some in chunks(ids):
                rows = connection.execute(sa.select(people.c.id, people.c.data).where(people.c.id.in_(some)))
                delete_people(connection, {PersonId(row.id): row.data for row in rows}, known)
            connection.commit()
        return len(ids)

    def delete_lists(self, names: Collection[str]) -> int:
        if not self.place.exists:
            return 0
        with writing(self.place) as connection:
            ids = connection.scalars(sa.select(lists.c.id).where(lists.c.name.in_(list(names)))).all()
            connection.execute(members.delete().where(members.c.list.in_(ids)))
            connection.execute(loads.update().where(loads.c.list.in_(ids)).values(list=None))
            connection.execute(lists.delete().where(lists.c.id.in_(ids)))
            connection.commit()
        return len(ids)

    def delete_transactions(self, ids: Collection[int]) -> int:
        if not self.place.exists:
            return 0
        with writing(self.place) as connection:
            gone = connection.execute(transactions.delete().where(transactions.c.id.in_(list(ids)))).rowcount
            connection.commit()
        return gone

    def undo_effect(self, load: LoadId) -> UndoEffect | None:
        with reading(self.place) as connection:
            number = number_of(connection, load) if connection else None
            return effect_of(connection, number) if connection and number is not None else None


def transaction_of(row: sa.Row[Any]) -> Transaction:
    return Transaction(
        id=row.id, person=row.person, load=LoadId(row.load_id), line=row.line, date=row.date, values=row.data
    )


def _person(row: sa.Row[Any]) -> Person:
    return Person(id=row.id, kind=row.kind, values=row.data)


def _ids(connection: sa.Connection, kind: str, names: Collection[str]) -> list[int]:
    """The IDs of the people with these names. Names that belong to no person are left out. ``names``: IDs of
    contacts, or identifiers of employees.
    """
    if kind != EMPLOYEES:
        wanted = [int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 19]
        query = sa.select(people.c.id).where(people.c.kind == kind, people.c.id.in_(wanted))
        return list(connection.scalars(query))
    number = known_rules(connection, kind).get(_IDENTIFIED)
    keys = [key for name in names if (key := _IDENTIFIED.key({IDENTIFIER: name}))]
    query = sa.select(match_keys.c.person).where(match_keys.c.rule == number, match_keys.c.key.in_(keys))
    return list(connection.scalars(query))
