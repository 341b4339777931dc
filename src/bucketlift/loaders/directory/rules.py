"""The merge rules of a directory, and the match keys of its people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory import bulk
from bucketlift.loaders.directory.bulk import select_in
from bucketlift.loaders.directory.chunks import CHUNK
from bucketlift.loaders.directory.tables import match_keys, people, rules
from bucketlift.model.directory.data_targets import RecordsTarget
from bucketlift.model.directory.targets import IDENTIFIER, ContactsTarget, EmployeesTarget
from bucketlift.model.load import Target
from bucketlift.rules.directory.merging import Key, PersonId, Rule, keys_of


def rules_of(target: Target) -> tuple[Rule, ...]:
    """The rules of a load, in the order in which they are tried."""
    if isinstance(target, EmployeesTarget):
        return (Rule(fields=(IDENTIFIER,), exact=True),)
    if isinstance(target, RecordsTarget):
        return () if target.unique_field is None else (Rule(fields=(target.unique_field,), exact=True),)
    return (
        tuple(Rule(fields=fields) for fields in target.merge or ())
        if isinstance(target, ContactsTarget)
        else ()
    )


def known_rules(connection: sa.Connection, kind: str) -> dict[Rule, int]:
    """The numbers of the rules for which people of this kind have match keys."""
    rows = connection.execute(sa.select(rules).where(rules.c.kind == kind).order_by(rules.c.number))
    return {Rule(fields=tuple(row.fields), exact=row.exact): row.number for row in rows}


def learn_rules(connection: sa.Connection, kind: str, wanted: Iterable[Rule]) -> dict[Rule, int]:
    """Store new merge rules, and compute their match keys for all people in the directory. Returns the
    numbers of all rules.
    """
    known = known_rules(connection, kind)
    last = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(rules.c.number), 0))) or 0
    new = {rule: last + place for place, rule in enumerate((r for r in wanted if r not in known), 1)}
    for rule, number in new.items():
        row = {"number": number, "kind": kind, "fields": list(rule.fields), "exact": rule.exact}
        connection.execute(rules.insert(), [row])
    if new:
        numbers = list(new.values())
        for some in each_person(connection, kind):
            _insert_keys(connection, numbers, list(new), some)
    return known | new


def find_keys(
    connection: sa.Connection, numbers: Sequence[int], wanted: Mapping[int, Iterable[bytes]]
) -> dict[Key, set[PersonId]]:
    """The people who have these match keys, by key.

    ``wanted`` and the result identify each rule by its position in ``numbers``.
    """
    found: dict[Key, set[PersonId]] = {}
    for position, keys in wanted.items():
        where = f"rule = {numbers[position]:d} AND "
        rows = select_in(connection, match_keys, ("key", "person"), ("key", list(keys)), where=where)
        for key, person in rows:
            found.setdefault((position, bytes(key)), set()).add(PersonId(person))
    return found


def write_keys(
    connection: sa.Connection,
    numbers: Sequence[int],
    *,
    removed: Iterable[tuple[int, bytes, PersonId]] = (),
    added: Iterable[tuple[int, bytes, PersonId]] = (),
) -> None:
    gone = [(numbers[rule], key, person) for rule, key, person in sorted(removed)]
    bulk.delete_keys(connection, match_keys, _KEY, gone)
    # Sorted by the primary key, so that fewer pages change.
    new = [(numbers[rule], key, person) for rule, key, person in sorted(added)]
    bulk.insert(connection, match_keys, _KEY, new)


_KEY = ("rule", "key", "person")


def _insert_keys(
    connection: sa.Connection, numbers: Sequence[int], new: Sequence[Rule], some: Sequence[Any]
) -> None:
    added = ((*key, PersonId(row.id)) for row in some for key in keys_of(new, row.data))
    write_keys(connection, numbers, added=added)


def each_person(connection: sa.Connection, kind: str) -> Iterator[Sequence[Any]]:
    after = 0
    query = sa.select(people.c.id, people.c.data).where(people.c.kind == kind).order_by(people.c.id)
    while some := connection.execute(query.where(people.c.id > after).limit(CHUNK)).all():
        yield some
        after = some[-1].id
