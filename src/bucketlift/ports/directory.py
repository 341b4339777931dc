"""The core's interface to the people of a directory. It does not load people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from bucketlift.model.directory.people import (
    DataSet,
    MailingList,
    Person,
    PersonDetails,
    RuleFacts,
    Transaction,
    UndoEffect,
)
from bucketlift.model.directory.trial import TrialResult
from bucketlift.model.load import LoadId, Target
from bucketlift.model.rows import RowStream


class Trial(Protocol):
    """Finds out what the rows of a load would change in a directory. The methods raise the same errors as
    those of ``Loader``.
    """

    def add(self, file: str, stream: RowStream) -> None:
        """Add the rows of a file to the trial. If there are too many rows, the last ones are left out."""
        ...

    def result(self) -> TrialResult: ...


class Directory(Protocol):
    """Reads and deletes the data of a directory. ``kind`` is contacts, employees, or the table name of
    responses or records.

    Raises: the errors of ``Loader``.
    """

    def people(
        self, kind: str, *, search: str = "", in_list: str | None = None, after: int = 0, limit: int = 1000
    ) -> tuple[Person, ...]:
        """The people whose ID is greater than ``after``, sorted by ID. ``search``: a text that one of their
        built-in fields contains.
        """
        ...

    def each(self, kind: str, *, in_list: str | None = None) -> Iterator[Person]:
        """Yield all people; only one page at a time is in memory. A change that is made in the meantime may
        be missing.
        """
        ...

    def person(self, kind: str, name: str) -> PersonDetails | None:
        """The details of one person. ``name`` is the ID of a contact, or the unique identifier of an
        employee.
        """
        ...

    def counts(self) -> dict[str, int]:
        """The number of contacts, employees, lists and transactions."""
        ...

    def sets(self, start: str) -> tuple[DataSet, ...]:
        """The surveys or data projects that have rows, sorted by name. ``start``: the text with which their
        table names start.
        """
        ...

    def fields(self, kind: str) -> tuple[str, ...]:
        """All fields that people have; the built-in fields are first."""
        ...

    def rules(self, kind: str) -> tuple[tuple[str, ...], ...]:
        """The merge rules that loads into the directory have used."""
        ...

    def rule_facts(self, rules: Sequence[tuple[str, ...]]) -> tuple[RuleFacts, ...]:
        """For each of these merge rules, whether the rule is new and how many contacts it cannot tell apart."""
        ...

    def trial(self, target: Target) -> Trial:
        """Start a trial of a load. The trial writes nothing, and it also works if the directory does not
        exist yet.
        """
        ...

    def lists(self) -> tuple[MailingList, ...]: ...

    def transactions(self, *, after: int = 0, limit: int = 1000) -> tuple[Transaction, ...]: ...

    def delete(self, kind: str, names: Collection[str]) -> int:
        """Delete people, with their values, history, memberships and transactions. Returns the number of
        deleted people.
        """
        ...

    def delete_lists(self, names: Collection[str]) -> int:
        """Delete mailing lists; the contacts on them are not deleted. Returns the number of deleted lists."""
        ...

    def delete_transactions(self, ids: Collection[int]) -> int: ...

    def undo_effect(self, load: LoadId) -> UndoEffect | None:
        """What ``Loader.unload`` would change; None if the directory has no receipt of the load."""
        ...
