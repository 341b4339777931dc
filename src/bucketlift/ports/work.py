"""The core's interfaces to time, connections and progress."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bucketlift.model.account import AwsRole
from bucketlift.model.finding import Examination
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import AfterImport, ExtractTask
from bucketlift.ports.delivery import Delivery
from bucketlift.ports.directory import Directory
from bucketlift.ports.loader import Loader
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.table_reader import TableReader


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class Connections(Protocol):
    """Opens stores and loaders by the names that tasks use for them. Several threads may use it at the same
    time.
    """

    def store(self, workflow: str, task: ExtractTask) -> ObjectStore:
        """The store of a task's account, in a session limited to the task's permissions.

        The session's name shows the owner of the bucket which workflow calls.

        Raises:
            NotFound: the account does not exist.
            SecretUnreadable: the account's secret does not exist.
        """
        ...

    def loader(self, destination: str) -> Loader:
        """The loader of a destination."""
        ...

    def table_reader(self, destination: str) -> TableReader | None:
        """Reads the tables of a destination for display; None if the destination has no tables.

        Raises: as in ``delivery``.
        """
        ...

    def delivery(self, destination: str) -> Delivery | None:
        """The adapter that sends rows to this destination; None if the destination has transactions, so that
        a loader writes to it.

        Raises:
            NotFound: the destination does not exist.
            SecretUnreadable: the secret of the destination does not exist.
        """
        ...

    def directory(self, destination: str) -> Directory:
        """The interface to the people of a directory.

        Raises:
            RequestWrong: the destination is not a directory.
        """
        ...

    def max_parallel(self, destination: str) -> int | None:
        """The maximum number of load units that the whole fleet may have open at once; None if there is no
        limit.
        """
        ...

    def store_id(self, account: str) -> StoreId | None:
        """The store that an account reaches; None if the account does not exist."""
        ...

    def accepts_weak_store(self, account: str) -> bool:
        """Whether a person allowed actions on a store that ignores preconditions."""
        ...


class Doctor(Protocol):
    """Examines accounts. It makes the same calls as a task, in the same session as the runs of the task, to
    find out whether the calls work.
    """

    def __call__(
        self,
        account: str | AwsRole,
        selection: Selection | None,
        after_import: AfterImport,
        *,
        workflow: str,
    ) -> Examination:
        """Examine an account. ``account``: its name, or a role that is not an account yet. Without a
        selection only the credentials are checked.

        If the store refuses or ignores a call, or its answer is unclear, this is a finding, never an error.

        Raises:
            NotFound: the account does not exist.
            SecretUnreadable: the account's secret does not exist.
            RequestWrong: the operator does not allow this kind of account.
        """
        ...


class Progress(Protocol):
    """Receives the progress of a run."""

    def __call__(self, doing: str, task: str, done: int, total: int | None) -> None: ...
