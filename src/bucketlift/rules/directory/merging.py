"""Finds by merge rules to which person of a directory each row of a load belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import NewType

PersonId = NewType("PersonId", int)
Values = dict[str, str]
"""The values of a person by field. A field without a value is left out."""
Changes = dict[str, tuple[str | None, str | None]]
"""The value of each changed field before and after the change. None means no value."""
KEY_BYTES = 16


class Effect(StrEnum):
    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A merge rule: fields that must all match. If ``exact`` is true, upper and lower case differ."""

    fields: tuple[str, ...]
    exact: bool = False

    def key(self, values: Mapping[str, str]) -> bytes | None:
        """The hash that two people share if they match by this rule; None if one of the fields has no value."""
        parts = []
        for name in self.fields:
            value = values.get(name, "")
            if not value.strip():
                return None
            parts.append(value if self.exact else value.casefold())
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return blake2b(text.encode(), digest_size=KEY_BYTES).digest()


Key = tuple[int, bytes]
"""The position of a rule, and the hash of the values of its fields."""
RowKeys = Sequence[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The effect of one row. ``rule``: the position of the rule by which the row matched one person, or
    several.
    """

    effect: Effect
    people: tuple[PersonId, ...] = ()
    """The person whom the row adds or matches. An ambiguous row matches several people."""
    rule: int | None = None
    changes: Changes = field(default_factory=dict)

    @property
    def person(self) -> PersonId | None:
        """The only person whom the row adds or matches; None if the row is ambiguous."""
        return self.people[0] if len(self.people) == 1 else None


@dataclass(kw_only=True)
class Batch:
    """The people whom the rows of a batch can match, and the changes that the rows make.

    Rows are placed in order, so that a later row finds the people of an earlier row.
    """

    rules: Sequence[Rule]
    """All rules for which the directory keeps keys."""
    rules_used: Sequence[int]
    """The positions of the load's rules, in the order in which they are tried."""
    people: dict[PersonId, Values]
    found: dict[Key, set[PersonId]]
    """The people who have one of the rows' keys, by key."""
    next_person: int
    new: set[PersonId] = field(default_factory=set)
    changed: set[PersonId] = field(default_factory=set)
    """The people who existed before the batch and whose values have changed."""
    added: set[tuple[int, bytes, PersonId]] = field(default_factory=set)
    removed: set[tuple[int, bytes, PersonId]] = field(default_factory=set)
    """The keys that people had before the batch and no longer have."""

    def place(self, row: Mapping[str, str], keys: RowKeys) -> Placed:
        """Insert or update the person of a row. An empty value removes the value that the person has.

        ``keys``: the keys of the row, by the rules of the load.
        """
        rule, people = self._match(keys)
        if len(people) > 1:
            return Placed(effect=Effect.AMBIGUOUS, people=tuple(sorted(people)), rule=rule)
        if not people:
            return self._insert(row, keys)
        (person,) = people
        before = self.people[person]
        changes = changes_of(before, row)
        if not changes:
            return Placed(effect=Effect.UNCHANGED, people=(person,), rule=rule)
        after = applied(before, changes)
        self.people[person] = after
        if person not in self.new:
            self.changed.add(person)
        self._move_keys(person, before, after, changes)
        return Placed(effect=Effect.UPDATED, people=(person,), rule=rule, changes=changes)

    def _match(self, keys: RowKeys) -> tuple[int | None, set[PersonId]]:
        for key in keys:
            people = self.found.get(key)
            if people:
                return key[0], people
        return None, set()

    def _insert(self, row: Mapping[str, str], keys: RowKeys) -> Placed:
        person = PersonId(self.next_person)
        self.next_person += 1
        values = {name: value for name, value in row.items() if value}
        self.people[person] = values
        self.new.add(person)
        for key in keys:
            self._add(*key, person)
        for position, rule in enumerate(self.rules):
            if position not in self.rules_used and (hashed := rule.key(values)):
                self._add(position, hashed, person)
        return Placed(
            effect=Effect.INSERTED,
            people=(person,),
            changes={name: (None, value) for name, value in values.items()},
        )

    def _move_keys(self, person: PersonId, before: Values, after: Values, changes: Changes) -> None:
        for position, rule in enumerate(self.rules):
            if changes.keys().isdisjoint(rule.fields):
                continue
            old, new = rule.key(before), rule.key(after)
            if old == new:
                continue
            if old:
                self._remove(position, old, person)
            if new:
                self._add(position, new, person)

    def _add(self, rule: int, key: bytes, person: PersonId) -> None:
        self.found.setdefault((rule, key), set()).add(person)
        change = (rule, key, person)
        if change in self.removed:
            self.removed.discard(change)
        else:
            self.added.add(change)

    def _remove(self, rule: int, key: bytes, person: PersonId) -> None:
        self.found.get((rule, key), set()).discard(person)
        change = (rule, key, person)
        if change in self.added:
            self.added.discard(change)
        else:
            self.removed.add(change)


def keys_of(rules: Sequence[Rule], values: Mapping[str, str]) -> Iterator[Key]:
    """The keys of a person. A rule gives a key if all of its fields have values."""
    for position, rule in enumerate(rules):
        key = rule.key(values)
        if key:
            yield position, key


def keys_of_row(rules: Sequence[Rule], rules_used: Iterable[int], row: Mapping[str, str]) -> RowKeys:
    """The keys of a row by the rules ``rules_used``, in their order.

    A rule gives no key if one of its fields has no value.
    """
    return [(rule, key) for rule in rules_used if (key := rules[rule].key(row))]


def changes_of(before: Mapping[str, str], row: Mapping[str, str]) -> Changes:
    return {
        name: (before.get(name), value or None)
        for name, value in row.items()
        if (value or None) != before.get(name)
    }


def applied(values: Mapping[str, str], changes: Changes) -> Values:
    after = dict(values)
    for name, (_, value) in changes.items():
        if value is None:
            after.pop(name, None)
        else:
            after[name] = value
    return after
