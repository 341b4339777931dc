"""The catalog of accounts, destinations and workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from bucketlift.errors import NeedsPerson, NotFound, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.json_codec import dump, load
from bucketlift.ledger.db.rows import Row
from bucketlift.ledger.secrets.accounts import account_of, save_account
from bucketlift.ledger.secrets.destinations import destination_of, save_destination
from bucketlift.ledger.secrets.secrets import SecretChanges
from bucketlift.ledger.triggers.schedules import forget
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.ledger.workflows.publishing import publish
from bucketlift.ledger.workflows.renaming import Renamed, rename
from bucketlift.ledger.workflows.versions import newest_rows, read, removed_rows, version_of
from bucketlift.logs import log
from bucketlift.model.account import Account, Acknowledgement, Deputy, Destination
from bucketlift.model.run import Run
from bucketlift.model.workflow import Definition, Workflow

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The names of accounts, destinations and workflows to remove."""

    accounts: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()

    def by_table(self) -> tuple[tuple[sa.Table, tuple[str, ...]], ...]:
        return (
            (tables.workflows, self.workflows),
            (tables.accounts, self.accounts),
            (tables.destinations, self.destinations),
        )


class Catalog:
    """The accounts, destinations and workflows. Their names are unique in the installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unreadable: set[str] = set()

    def accounts(self) -> dict[str, Account]:
        with self._database.reading() as connection:
            rows = connection.execute(_not_deleted(tables.accounts)).all()
        return {row.name: account_of(row) for row in rows}

    def account(self, name: str) -> Account:
        return _named(self.accounts(), name, "account")

    def deputies(self) -> dict[str, Deputy]:
        """Return, for each account, the result of the test whether its role can be assumed without the
        external ID.
        """
        with self._database.reading() as connection:
            rows = connection.execute(_not_deleted(tables.accounts)).all()
        return {
            row.name: load(Deputy, {**row.deputy, "acknowledged": row.acknowledged})
            for row in rows
            if row.deputy is not None
        }

    def record_deputy(self, account: str, open_to: tuple[str, ...], *, now: datetime) -> None:
        """Store how the role can be assumed without its external ID.

        A person's acknowledgement is kept as long as the role can be assumed in one of these ways.
        """
        found = dump(Deputy, Deputy(open_to=open_to, tried_at=now))
        del found["acknowledged"]
        self._mark(account, deputy=found, **({} if open_to else {"acknowledged": sa.null()}))

    def acknowledge(self, account: str, acknowledgement: Acknowledgement) -> None:
        self._mark(account, acknowledged=dump(Acknowledgement, acknowledgement))

    def _mark(self, account: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                sa.update(tables.accounts).where(tables.accounts.c.name == account).values(**values)
            )

    def destinations(self) -> dict[str, Destination]:
        with self._database.reading() as connection:
            rows = connection.execute(_not_deleted(tables.destinations)).all()
        return {row.name: destination_of(row) for row in rows}

    def destination(self, name: str) -> Destination:
        return _named(self.destinations(), name, "destination")

    def workflows(self) -> dict[str, Definition]:
        """Return all workflows by key, except deleted ones.

        A workflow that this version of Bucketlift cannot read is left out, and the log reports it once.
        """
        with self._database.reading() as connection:
            rows = newest_rows(connection)
        found = {}
        for row in rows:
            try:
                found[row.key] = read(row)
            except NeedsPerson as error:
                self._log_unreadable(row.key, error)
        return found

    def removed(self) -> tuple[Workflow, ...]:
        """Return the deleted workflows that this version of Bucketlift can read. The ledger keeps their
        history.
        """
        found = []
        with self._database.reading() as connection:
            rows = removed_rows(connection)
        for row in rows:
            with suppress(NeedsPerson):
                found.append(read(row).workflow)
        return tuple(found)

    def workflow(self, key: str) -> Definition:
        """Return the workflow with this key.

        Raises:
            NotFound: the workflow does not exist.
            NeedsPerson: this version of Bucketlift cannot read the workflow.
        """
        with self._database.reading() as connection:
            return _read(newest_rows(connection), key)

    def require(self, key: str) -> None:
        """Check that a workflow exists, even if this version of Bucketlift cannot read it.

        Raises:
            NotFound: the workflow does not exist.
        """
        with self._database.reading() as connection:
            _named({row.key: row for row in newest_rows(connection)}, key, "workflow")

    def all(self, *, mending: str | None = None) -> tuple[Workflow, ...]:
        """Return all workflows, for callers that must not leave out any.

        Workflows of the project ``mending`` may be unreadable, because its file will replace them.

        Raises:
            NeedsPerson: this version of Bucketlift cannot read a workflow.
        """
        readable = self.workflows()
        with self._database.reading() as connection:
            rows = newest_rows(connection)
        missed = [row for row in rows if row.key not in readable]
        for row in missed:
            if mending is None or row.project != mending:
                read(row)
        return tuple(each.workflow for each in readable.values())

    def readable(self) -> tuple[Workflow, ...]:
        """Return the workflows that this version of Bucketlift can read.

        This is for callers that must not stop because of an unreadable workflow.
        """
        return tuple(each.workflow for each in self.workflows().values())

    def _log_unreadable(self, workflow: str, error: NeedsPerson) -> None:
        """Log the error once per process, without the stored content."""
        if workflow not in self._unreadable:
            self._unreadable.add(workflow)
            log.error("workflow cannot be read", workflow=workflow, error=error.what)

    def of_run(self, run: Run) -> Definition:
        """Return the version of the workflow that the run executes, even if there is a later version or the
        workflow is deleted.
        """
        return self.version(run.workflow, run.version)

    def version(self, workflow: str, version: int) -> Definition:
        """Return a published version of a workflow."""
        with self._database.reading() as connection:
            return version_of(connection, workflow, version)

    def save(
        self,
        *,
        accounts: tuple[Account, ...] = (),
        destinations: tuple[Destination, ...] = (),
        workflows: tuple[Workflow, ...] = (),
        removed: Removed | None = None,
        renamed: Renamed | None = None,
        based_on: Mapping[str, int | None] | None = None,
        now: datetime,
    ) -> None:
        """Create, update and remove accounts, destinations and workflows in one transaction.

        The history of removed ones is kept. An account keeps its external ID, which is generated once and
        never changes. A workflow gets a new version only if it differs from its newest version.

        ``based_on``: for each workflow, the version that was changed; None if the workflow was new.
        ``renamed`` is applied first.

        Raises:
            ChangedMeanwhile: a workflow has another version by now; nothing is saved.
            RequestWrong: a workflow or task cannot be renamed now; nothing is saved.
        """
        with self._database.writing() as connection:
            _require_versions(connection, based_on or {})
            rename(connection, renamed or Renamed(), now)
            for account in accounts:
                save_account(connection, account, now)
            for destination in destinations:
                save_destination(connection, destination, now)
            for workflow in workflows:
                publish(connection, workflow, now)
            forget(connection, (removed or Removed()).workflows)
            for table, names in (removed or Removed()).by_table():
                key = table.c.key if table is tables.workflows else table.c.name
                connection.execute(sa.update(table).where(key.in_(names)).values(deleted_at=now))

    def add(
        self, thing: Account | Destination, *, seal: Callable[[SecretChanges], None], now: datetime
    ) -> None:
        """Create an account or a destination. ``seal`` stores its secrets in the same transaction.

        Raises:
            RequestWrong: the name is in use.
        """
        table = tables.accounts if isinstance(thing, Account) else tables.destinations
        with self._database.writing() as connection:
            known = connection.execute(_not_deleted(table).where(table.c.name == thing.name)).one_or_none()
            if known is not None:
                raise _name_in_use(thing, known.project)
            seal(SecretChanges(connection))
            if isinstance(thing, Account):
                save_account(connection, thing, now)
            else:
                save_destination(connection, thing, now)

    def change(
        self, destination: Destination, *, seal: Callable[[SecretChanges], None], now: datetime
    ) -> None:
        """Change the settings of a destination. ``seal`` stores its new secrets in the same transaction.

        Raises:
            NotFound: the destination does not exist any more.
        """
        named = _not_deleted(tables.destinations).where(tables.destinations.c.name == destination.name)
        with self._database.writing() as connection:
            if connection.execute(named).one_or_none() is None:
                raise NotFound("The destination has been removed", to=destination.name)
            seal(SecretChanges(connection))
            save_destination(connection, destination, now)

    def enable(self, key: str, *, enabled: bool, now: datetime) -> None:
        """Enable or disable a workflow's triggers, in a new version of the workflow.

        Raises:
            NotFound: the workflow does not exist.
            NeedsPerson: this version of Bucketlift cannot read the workflow.
        """
        with self._database.writing() as connection:
            workflow = _read(newest_rows(connection), key).workflow
            publish(connection, replace(workflow, enabled=enabled), now)


def _require_versions(connection: sa.Connection, based_on: Mapping[str, int | None]) -> None:
    flows = tables.workflows.c
    query = sa.select(flows.key, flows.version).where(flows.deleted_at.is_(None), flows.key.in_(based_on))
    found = {row.key: row.version for row in connection.execute(query)}
    for key, version in based_on.items():
        if found.get(key) != version:
            raise ChangedMeanwhile("Another version was published meanwhile", to=key)


def _name_in_use(thing: Account | Destination, project: str | None) -> RequestWrong:
    what, shows = (
        ("an account", "accounts") if isinstance(thing, Account) else ("a destination", "destinations")
    )
    owner = f"by project {project}" if project else "by hand"
    return RequestWrong(
        f"There is already {what} with this name, created {owner}",
        to=thing.name,
        hint=f"Choose another name. To see the existing one: bucketlift {shows} show {thing.name}",
    )


def _read(rows: Sequence[Row], key: str) -> Definition:
    return read(_named({row.key: row for row in rows}, key, "workflow"))


def _named(known: Mapping[str, T], name: str, kind: str) -> T:
    if name in known:
        return known[name]
    names = ", ".join(known) or f"there is no {kind} yet"
    raise NotFound(f"There is no {kind} with this name", to=name, hint=f"Known: {names}.")


def _not_deleted(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.name)
