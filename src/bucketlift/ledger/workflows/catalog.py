"""Accounts, destinations and workflows: what people named."""

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
from bucketlift.ledger.db.json_codec import dump, load_deputy
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
    """Names to remove."""

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
    """What people named. Names are unique in the installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unreadable: set[str] = set()

    def accounts(self) -> dict[str, Account]:
        with self._database.reading() as connection:
            rows = connection.execute(_standing(tables.accounts)).all()
        return {row.name: account_of(row) for row in rows}

    def account(self, name: str) -> Account:
        return _named(self.accounts(), name, "account")

    def deputies(self) -> dict[str, Deputy]:
        """What is known of the accounts whose roles were tried."""
        with self._database.reading() as connection:
            rows = connection.execute(_standing(tables.accounts)).all()
        return {
            row.name: load_deputy({**row.deputy, "acknowledged": row.acknowledged})
            for row in rows
            if row.deputy is not None
        }

    def record_deputy(self, account: str, open_to: tuple[str, ...], *, now: datetime) -> None:
        """Whether the role lets anybody in. What somebody acknowledged stands until it is shut."""
        found = dump(Deputy, Deputy(open_to=open_to, tried_at=now))
        del found["acknowledged"]
        self._mark(account, deputy=found, **({} if open_to else {"acknowledged": sa.null()}))

    def acknowledge(self, account: str, said: Acknowledgement) -> None:
        self._mark(account, acknowledged=dump(Acknowledgement, said))

    def _mark(self, account: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(
                sa.update(tables.accounts).where(tables.accounts.c.name == account).values(**values)
            )

    def destinations(self) -> dict[str, Destination]:
        with self._database.reading() as connection:
            rows = connection.execute(_standing(tables.destinations)).all()
        return {row.name: destination_of(row) for row in rows}

    def destination(self, name: str) -> Destination:
        return _named(self.destinations(), name, "destination")

    def workflows(self) -> dict[str, Definition]:
        """Those that were not deleted, by key; one that this version cannot read is told once, and left out."""
        with self._database.reading() as connection:
            rows = newest_rows(connection)
        found = {}
        for row in rows:
            try:
                found[row.key] = read(row)
            except NeedsPerson as error:
                self._tell(row.key, error)
        return found

    def removed(self) -> tuple[Workflow, ...]:
        """Those that were deleted, as far as this version can read them; their history stays."""
        found = []
        with self._database.reading() as connection:
            rows = removed_rows(connection)
        for row in rows:
            with suppress(NeedsPerson):
                found.append(read(row).workflow)
        return tuple(found)

    def workflow(self, key: str) -> Definition:
        """One of them.

        Raises:
            NotFound: there is none of this name.
            NeedsPerson: this version cannot read it.
        """
        with self._database.reading() as connection:
            return _read(newest_rows(connection), key)

    def require(self, key: str) -> None:
        """Whether this version can read it or not.

        Raises:
            NotFound: there is no workflow of this name.
        """
        with self._database.reading() as connection:
            _named({row.key: row for row in newest_rows(connection)}, key, "workflow")

    def all(self, *, mending: str | None = None) -> tuple[Workflow, ...]:
        """Every one, for those who must not pass one over. ``mending``: those of this project may be unreadable,
        for its file is about to replace them.

        Raises:
            NeedsPerson: this version cannot read one.
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
        """Those that this version can read: for those who must not stop for the sake of one."""
        return tuple(each.workflow for each in self.workflows().values())

    def _tell(self, workflow: str, error: NeedsPerson) -> None:
        """Once, for each look would say it again; without what stands there."""
        if workflow not in self._unreadable:
            self._unreadable.add(workflow)
            log.error("workflow cannot be read", workflow=workflow, error=error.what)

    def of_run(self, run: Run) -> Definition:
        """The run's own version, later ones and a deletion notwithstanding."""
        return self.version(run.workflow, run.version)

    def version(self, workflow: str, version: int) -> Definition:
        """A workflow as one published version of it stands."""
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
        """Create or update all of these, and remove others, in one transaction.

        What is removed keeps its history, and an account its external id.

        An account's external id is generated once and never made anew; a workflow gets a new version only
        where it differs from its newest. ``based_on``: the version of a workflow that its change rests on; None of
        one that was not there. ``renamed``: what gets a new name before.

        Raises:
            ChangedMeanwhile: a workflow has another version by now; nothing is saved.
            RequestWrong: something cannot be renamed now; nothing is saved.
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
        """Create an account or a destination together with the secrets that ``seal`` puts, or nothing.

        Raises:
            RequestWrong: there is one of this name.
        """
        table = tables.accounts if isinstance(thing, Account) else tables.destinations
        with self._database.writing() as connection:
            known = connection.execute(_standing(table).where(table.c.name == thing.name)).one_or_none()
            if known is not None:
                raise _taken(thing, known.project)
            seal(SecretChanges(connection))
            if isinstance(thing, Account):
                save_account(connection, thing, now)
            else:
                save_destination(connection, thing, now)

    def enable(self, key: str, *, enabled: bool, now: datetime) -> None:
        """Switch a workflow's triggers on or off. A published version says the same as the switch.

        Raises:
            NotFound: there is no such workflow.
            NeedsPerson: this version cannot read it.
        """
        with self._database.writing() as connection:
            workflow = _read(newest_rows(connection), key).workflow
            publish(connection, replace(workflow, enabled=enabled), now)


def _require_versions(connection: sa.Connection, based_on: Mapping[str, int | None]) -> None:
    flows = tables.workflows.c
    wanted = sa.select(flows.key, flows.version).where(flows.deleted_at.is_(None), flows.key.in_(based_on))
    found = {row.key: row.version for row in connection.execute(wanted)}
    for key, version in based_on.items():
        if found.get(key) != version:
            raise ChangedMeanwhile("Another version was put to use in this very moment", to=key)


def _taken(thing: Account | Destination, project: str | None) -> RequestWrong:
    what, shows = (
        ("an account", "accounts") if isinstance(thing, Account) else ("a destination", "destinations")
    )
    owner = f"by project {project}" if project else "by hand"
    return RequestWrong(
        f"There is {what} of this name already, made {owner}",
        to=thing.name,
        hint=f"Choose another name; `bucketlift {shows} show` shows what it is.",
    )


def _read(rows: Sequence[Row], key: str) -> Definition:
    return read(_named({row.key: row for row in rows}, key, "workflow"))


def _named(known: Mapping[str, T], name: str, kind: str) -> T:
    if name in known:
        return known[name]
    names = ", ".join(known) or f"there is no {kind} yet"
    raise NotFound(f"There is no {kind} of this name", to=name, hint=f"Known: {names}.")


def _standing(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.name)
