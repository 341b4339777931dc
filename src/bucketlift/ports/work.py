"""What the core needs of its surroundings: the time, ways out, and somebody to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bucketlift.model.account import AwsRole
from bucketlift.model.examination import Examination
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import AfterImport, ExtractTask
from bucketlift.ports.loader import Loader
from bucketlift.ports.store import ObjectStore


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class Connections(Protocol):
    """Opens stores and loaders by the names that tasks give them. Safe to use from several threads."""

    def store(self, workflow: str, task: ExtractTask) -> ObjectStore:
        """The store of a task's account, in a session narrowed to what the task needs.

        The session's name tells the bucket's owner which workflow calls.

        Raises:
            NotFound: there is no such account.
            SecretUnreadable: its secret is not there.
        """
        ...

    def loader(self, destination: str) -> Loader:
        """The loader of a destination."""
        ...

    def max_parallel(self, destination: str) -> int | None:
        """Load units that may be open there at once, over the whole fleet; None: no cap."""
        ...

    def store_id(self, account: str) -> StoreId | None:
        """Which store an account reaches; None where there is no such account."""
        ...

    def accepts_weak_store(self, account: str) -> bool:
        """Whether somebody said that actions may be taken where the store ignores preconditions."""
        ...


class Doctor(Protocol):
    """Runs the real calls that a task needs of an account, in the session that its runs would have."""

    def __call__(
        self,
        account: str | AwsRole,
        selection: Selection | None,
        after_import: AfterImport,
        *,
        workflow: str,
    ) -> Examination:
        """``account``: its name, or a role that is no account yet. Without a selection only the way in is tried.

        What the store refused, ignored or could not say is a finding, never an error.

        Raises:
            NotFound: there is no such account.
            SecretUnreadable: its secret is not there.
            RequestWrong: the operator does not allow this kind of account.
        """
        ...


class Progress(Protocol):
    """Is told how far a run is; what it does with it is its own affair."""

    def __call__(self, doing: str, task: str, done: int, total: int | None) -> None: ...
