"""Undoes a load: every person gets the values that the other loads would have given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.loaders.directory import bulk
from bucketlift.loaders.directory.bulk import select_in
from bucketlift.loaders.directory.chunks import CHUNK, chunks
from bucketlift.loaders.directory.counters import next_number
from bucketlift.loaders.directory.deleting import delete_people
from bucketlift.loaders.directory.receipts import text_of
from bucketlift.loaders.directory.rules import known_rules, write_keys
from bucketlift.loaders.directory.tables import (
    dumps,
    entries,
    loads,
    members,
    people,
    search_text,
    transactions,
)
from bucketlift.model.directory.people import UndoEffect
from bucketlift.rules.directory.merging import Changes, PersonId, Rule, Values, changes_of, keys_of
from bucketlift.rules.directory.undoing import Entry, values_without

EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What the undo of a load does to one person."""

    person: PersonId
    before: Values
    after: Values | None
    """The person's values after the undo.

    None: the person is deleted, because no other load has a row of this person.
    """
    leaves_list: bool
    keeps: bool
    """Whether a value that the load set stays, because another load has set or confirmed it later."""

    @property
    def changes(self) -> Changes:
        """The changes that the undo makes. A field that is not in ``after`` is removed."""
        row = dict.fromkeys(self.before, "") | (self.after or {})
        return changes_of(self.before, row)


def undo(connection: sa.Connection, number: int) -> int:
    """Undo the load with this number. Returns the number of its rows. The caller must commit the transaction."""
    found: sa.Row[Any] = connection.execute(sa.select(loads).where(loads.c.number == number)).one()
    rows = connection.scalar(sa.select(sa.func.count()).where(entries.c.load == number)) or 0
    connection.execute(transactions.delete().where(transactions.c.load == number))
    known = known_rules(connection, found.kind)
    next_entry = next_number(connection, entries.c.id)
    for some in _undos(connection, number):
        _restore(connection, [each for each in some if each.after is not None], known, number, next_entry)
        next_entry += len(some)
        if found.list is not None:
            _leave_list(connection, found.list, [each.person for each in some if each.leaves_list])
        delete_people(connection, {each.person: each.before for each in some if each.after is None}, known)
    undone = loads.update().where(loads.c.number == number)
    connection.execute(undone.values(undone_at=text_of(datetime.now(UTC))))
    return int(rows)


def effect_of(connection: sa.Connection, number: int) -> UndoEffect:
    """What the undo of the load with this number would change."""
    rows = connection.scalar(sa.select(sa.func.count()).where(entries.c.load == number)) or 0
    deleted = restored = kept = 0
    examples: list[int] = []
    for some in _undos(connection, number):
        deleted += sum(each.after is None for each in some)
        restored += sum(each.after is not None and bool(each.changes) for each in some)
        staying = [each.person for each in some if each.keeps]
        kept += len(staying)
        examples += staying[: EXAMPLES - len(examples)]
    return UndoEffect(rows=rows, deleted=deleted, restored=restored, kept=kept, examples=tuple(examples))


def _undos(connection: sa.Connection, number: int) -> Iterator[list[Undo]]:
    """Yield the undo of each person of the load, in batches."""
    remaining = sa.select(loads).where(loads.c.undone_at.is_(None), loads.c.number != number)
    others = {row.number: row for row in connection.execute(remaining)}
    list_id = connection.scalar(sa.select(loads.c.list).where(loads.c.number == number))
    fields = {other: row.fields for other, row in others.items()}
    after = 0
    touched = sa.select(entries.c.person).where(entries.c.load == number).distinct()
    while ids := connection.scalars(
        touched.where(entries.c.person > after).order_by(entries.c.person).limit(CHUNK)
    ).all():
        after = ids[-1]
        histories = histories_of(connection, ids)
        known = select_in(connection, people, ("id", "data"), ("id", ids))
        yield [
            Undo(
                person=PersonId(person),
                before=json.loads(data),
                after=values_without(histories[person], fields),
                leaves_list=all(
                    others[each.load].list != list_id for each in histories[person] if each.load in others
                ),
                keeps=_keeps(histories[person], number, fields),
            )
            for person, data in known
        ]


def _keeps(history: Sequence[Entry], number: int, fields: Mapping[int, Sequence[str]]) -> bool:
    """Whether a later row of another load sets a field that this load changed."""
    changed: set[str] = set()
    for entry in history:
        if entry.load == number:
            changed |= entry.changes.keys()
        elif entry.is_row and not changed.isdisjoint(fields.get(entry.load, ())):
            return True
    return False


def histories_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[Entry]]:
    """The history entries of each of these people, oldest first."""
    columns = ("id", "person", "load", "line", "changes")
    found: dict[int, list[Entry]] = {each: [] for each in ids}
    for _, person, load, line, text in sorted(select_in(connection, entries, columns, ("person", ids))):
        changes = json.loads(text) if text else {}
        found[person].append(Entry(load=load, line=line, changes=changes))
    return found


def _restore(
    connection: sa.Connection,
    some: Sequence[Undo],
    known: Mapping[Rule, int],
    number: int,
    next_entry: int,
) -> None:
    changed = [each for each in some if each.changes]
    if not changed:
        return
    now = text_of(datetime.now(UTC))
    values = {each.person: each.after or {} for each in changed}
    rows = [(dumps(after), search_text(after), person) for person, after in values.items()]
    bulk.update(connection, people, ("data", "search"), rows, key="id")
    history = [
        (next_entry + at, each.person, number, dumps(each.changes), now) for at, each in enumerate(changed)
    ]
    bulk.insert(connection, entries, ("id", "person", "load", "changes", "at"), history)
    rules = list(known)
    before = {(*key, each.person) for each in changed for key in keys_of(rules, each.before)}
    after_ = {(*key, each.person) for each in changed for key in keys_of(rules, each.after or {})}
    write_keys(connection, list(known.values()), removed=before - after_, added=after_ - before)


def _leave_list(connection: sa.Connection, list_id: int, gone: Sequence[PersonId]) -> None:
    for some in chunks(gone):
        connection.execute(members.delete().where(members.c.list == list_id, members.c.person.in_(some)))
