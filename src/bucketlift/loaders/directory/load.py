"""An open load of people.

The person of each row is found batch by batch, in one transaction with history and receipts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from bucketlift.loaders.directory import bulk
from bucketlift.loaders.directory import receipts as receipts_table
from bucketlift.loaders.directory.counters import Counters
from bucketlift.loaders.directory.found_people import people_with_keys
from bucketlift.loaders.directory.lists import add_members
from bucketlift.loaders.directory.rows import Row, batches, fields_of
from bucketlift.loaders.directory.rules import find_keys, write_keys
from bucketlift.loaders.directory.tables import dumps, entries, people, search_text, transactions
from bucketlift.loaders.unit_receipts import receipts_of, refuse_loaded
from bucketlift.model.load import LoadId, LoadUnit, Receipt
from bucketlift.model.rows import RefusedRow, RejectReason, RowStream
from bucketlift.ports import Fence, RowsRefused, unfenced
from bucketlift.rules.directory.merging import (
    Batch,
    Effect,
    Placed,
    RowKeys,
    Rule,
    Values,
    keys_of_row,
)
from bucketlift.rules.load_unit import Filling


@dataclass(kw_only=True)
class DirectoryLoad:
    """One transaction for the loads of a unit. Other sessions see nothing of it before the commit."""

    connection: sa.Connection
    unit: LoadUnit
    rules: Sequence[Rule]
    """All merge rules that the directory has for this kind of people."""
    numbers: Sequence[int]
    """The numbers of ``rules`` in the directory, in the same order."""
    rules_used: Sequence[int]
    """The positions in ``rules`` of the rules that this load uses."""
    list_id: int | None
    first_load: int
    """The number of the first load in the unit. The other loads have the numbers after it."""
    counters: Counters
    installation: str
    filling: Filling
    _counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    _refused: dict[LoadId, list[RefusedRow]] = field(default_factory=dict)

    def write(self, load: LoadId, rows: RowStream) -> None:
        with self.filling.writing(load) as place:
            for batch in batches(rows, self.unit.target):
                self._write(load, place, batch)

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        self.filling.require_whole()
        refuse_loaded(self.unit, receipts_table.find(self.connection, self.unit.loads))
        if self._refused:
            refused = {load: tuple(found) for load, found in self._refused.items()}
            raise RowsRefused(refused, to=f"{self.unit.target.table} of the directory")
        receipts = receipts_of(self.unit, self._counts)
        receipts_table.add(
            self.connection,
            [(self.first_load + place, each) for place, each in enumerate(receipts)],
            mode=self.unit.target.mode,
            fields=fields_of(self.unit.target),
            list_=self.list_id,
            installation=self.installation,
        )
        self.counters.save(self.connection)
        fence()
        self.connection.commit()
        return receipts

    def _write(self, load: LoadId, place: int, rows: Sequence[Row]) -> None:
        keys = [keys_of_row(self.rules, self.rules_used, row.values) for row in rows]
        batch = self._batch(keys)
        placed = [batch.place(row.values, each) for row, each in zip(rows, keys, strict=True)]
        self.counters.person = batch.next_person
        for row, each in zip(rows, placed, strict=True):
            self._counts[place, each.effect.value] += 1
            if each.effect is Effect.AMBIGUOUS:
                self._refused.setdefault(load, []).append(self._ambiguous(row, each))
        self._store(batch)
        kept = [
            (row, each) for row, each in zip(rows, placed, strict=True) if each.effect is not Effect.AMBIGUOUS
        ]
        self._record(self.first_load + place, kept)

    def _batch(self, keys: Sequence[RowKeys]) -> Batch:
        """The batch of people whom rows with these keys can match."""
        rules_used: dict[int, set[bytes]] = {rule: set() for rule in self.rules_used}
        for rule, key in (each for row in keys for each in row):
            rules_used[rule].add(key)
        found = find_keys(self.connection, self.numbers, rules_used)
        return Batch(
            rules=self.rules,
            rules_used=self.rules_used,
            people=people_with_keys(self.connection, found),
            found=found,
            next_person=self.counters.person,
        )

    def _ambiguous(self, row: Row, placed: Placed) -> RefusedRow:
        names = self.rules[placed.rule or 0].fields
        sources = {column.name: column.field for column in self.unit.target.columns}
        fields = ", ".join(sources[name] for name in names)
        return RefusedRow(line=row.line, reason=RejectReason.AMBIGUOUS, field=fields)

    def _store(self, batch: Batch) -> None:
        kind = self.unit.target.table
        new = [(person, kind, *_stored(batch.people[person])) for person in sorted(batch.new)]
        bulk.insert(self.connection, people, ("id", "kind", "data", "search"), new)
        changed = [(*_stored(batch.people[person]), person) for person in sorted(batch.changed)]
        bulk.update(self.connection, people, ("data", "search"), changed, key="id")
        write_keys(self.connection, self.numbers, removed=batch.removed, added=batch.added)

    def _record(self, load: int, kept: Sequence[tuple[Row, Placed]]) -> None:
        """Write the history, the memberships and the transactions of these rows."""
        if not kept:
            return
        first = self.counters.entry
        self.counters.entry += len(kept)
        history = [
            (first + at, each.person, load, row.line, dumps(each.changes) if each.changes else None)
            for at, (row, each) in enumerate(kept)
        ]
        bulk.insert(self.connection, entries, ("id", "person", "load", "line", "changes"), history)
        if self.list_id is not None:
            add_members(self.connection, self.list_id, {each.person for _, each in kept if each.person})
        self._record_transactions(load, kept)

    def _record_transactions(self, load: int, kept: Sequence[tuple[Row, Placed]]) -> None:
        made = [(row, each.person) for row, each in kept if row.transaction is not None]
        if not made:
            return
        first = self.counters.transaction
        self.counters.transaction += len(made)
        rows = [
            (first + at, person, load, row.line, row.transaction.date, dumps(row.transaction.data))
            for at, (row, person) in enumerate(made)
            if row.transaction is not None
        ]
        bulk.insert(self.connection, transactions, ("id", "person", "load", "line", "date", "data"), rows)


def _stored(values: Values) -> tuple[str, str]:
    return dumps(values), search_text(values)
