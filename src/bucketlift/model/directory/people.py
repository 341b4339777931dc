"""The people of a directory, as they are shown: values, history, lists and transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bucketlift.model.load import LoadId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact or an employee. ``values`` contains no empty values."""

    id: int
    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One row of a load, or an undo of a load."""

    load: LoadId
    line: int | None
    """The line of the row; None if this entry is the undo of the load."""
    at: datetime
    changes: Mapping[str, tuple[str | None, str | None]]
    """For each changed field, the value before and after."""
    is_undone: bool = False
    """Whether the load of this row was undone later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    id: int
    person: int
    load: LoadId
    line: int
    date: str
    """The date of the transaction in ISO 8601."""
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    person: Person
    history: tuple[HistoryEntry, ...]
    """All entries, oldest first."""
    sources: Mapping[str, HistoryEntry]
    """For each field, the entry from which its value comes."""
    lists: tuple[str, ...] = ()
    transactions: tuple[Transaction, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingList:
    name: str
    contacts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The responses to one survey, or the records of one data project."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFacts:
    """A merge rule, and how well the rule tells the contacts of a directory apart."""

    fields: tuple[str, ...]
    is_new: bool
    """Whether no load has used the rule yet. The first load that uses it computes the keys of all contacts."""
    shared: int | None
    """Number of contacts that have the same values in the rule's fields as another contact.

    None: the contacts were not counted.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoEffect:
    """What the undo of a load would change."""

    rows: int
    deleted: int
    """Number of people that the undo deletes, because no other load contains them."""
    restored: int
    """Number of people whose values change back."""
    kept: int
    """Number of people who keep a value of this load, because a later load has set or confirmed it."""
    examples: tuple[int, ...] = ()
    """The IDs of some of the people who keep a value of the load."""
