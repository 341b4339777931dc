"""Accounts, destinations and workflows: what people named."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.database import Database, aware
from bucketlift.ledger.forms import dump, load_account, load_deputy, load_destination, load_workflow
from bucketlift.ledger.rows import Row
from bucketlift.ledger.schedules import forget, watch
from bucketlift.ledger.secrets import SecretChanges
from bucketlift.model.account import (
    Account,
    AccountSettings,
    Acknowledgement,
    AwsRole,
    Deputy,
    Destination,
    DestinationSettings,
)
from bucketlift.model.run import Run
from bucketlift.model.workflow import Definition, Workflow

log = structlog.get_logger()
T = TypeVar("T")

EXTERNAL_ID_BYTES = 24
"""192 random bits; AWS asks for 2 to 1,224 characters, unique per customer."""


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
        return {row.name: _account(row) for row in rows}

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
        return {
            row.name: Destination(name=row.name, project=row.project, settings=load_destination(row.settings))
            for row in rows
        }

    def destination(self, name: str) -> Destination:
        return _named(self.destinations(), name, "destination")

    def workflows(self) -> dict[str, Definition]:
        """Those that were not deleted, by key."""
        with self._database.reading() as connection:
            return _newest(connection)

    def workflow(self, key: str) -> Definition:
        return _named(self.workflows(), key, "workflow")

    def all(self) -> tuple[Workflow, ...]:
        return tuple(each.workflow for each in self.workflows().values())

    def readable(self) -> tuple[Workflow, ...]:
        """Those that this version can read: for those who must not stop for the sake of one."""
        with self._database.reading() as connection:
            rows = _newest_rows(connection)
        found = []
        for row in rows:
            try:
                found.append(load_workflow(row.definition))
            except Exception as error:  # noqa: BLE001 - whatever stands there, the others go on
                self._tell(row.key, error)
        return tuple(found)

    def _tell(self, workflow: str, error: Exception) -> None:
        """Once, for each look would say it again; without the error's own words, which quote what stands there."""
        if workflow not in self._unreadable:
            self._unreadable.add(workflow)
            log.error("workflow cannot be read", workflow=workflow, error=type(error).__name__)

    def of_run(self, run: Run) -> Definition:
        """The run's own version, later ones and a deletion notwithstanding."""
        return self.version(run.workflow, run.version)

    def version(self, workflow: str, version: int) -> Definition:
        """A workflow as one published version of it stands."""
        wanted = _versions(tables.workflow_versions.c.version == version).where(
            tables.workflows.c.key == workflow
        )
        with self._database.reading() as connection:
            return _definition(connection.execute(wanted).one())

    def save(
        self,
        *,
        accounts: tuple[Account, ...] = (),
        destinations: tuple[Destination, ...] = (),
        workflows: tuple[Workflow, ...] = (),
        removed: Removed | None = None,
        now: datetime,
    ) -> None:
        """Create or update all of these, and remove others, in one transaction.

        What is removed keeps its history, and an account its external id.

        An account's external id is generated once and never made anew; a workflow gets a new version only
        where it differs from its newest.
        """
        with self._database.writing() as connection:
            for account in accounts:
                _save_account(connection, account, now)
            for destination in destinations:
                _save_destination(connection, destination, now)
            for workflow in workflows:
                _publish(connection, workflow, now)
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
                _save_account(connection, thing, now)
            else:
                _save_destination(connection, thing, now)

    def enable(self, key: str, *, enabled: bool, now: datetime) -> None:
        """Switch a workflow's triggers on or off. A published version says the same as the switch.

        Raises:
            NotFound: there is no such workflow.
        """
        with self._database.writing() as connection:
            workflow = _named(_newest(connection), key, "workflow").workflow
            _publish(connection, replace(workflow, enabled=enabled), now)


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


def _named(known: Mapping[str, T], name: str, kind: str) -> T:
    if name in known:
        return known[name]
    names = ", ".join(known) or f"there is no {kind} yet"
    raise NotFound(f"There is no {kind} of this name", to=name, hint=f"Known: {names}.")


def _standing(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.name)


def _account(row: Row) -> Account:
    settings: AccountSettings = load_account(row.settings)
    if isinstance(settings, AwsRole):
        settings = replace(settings, external_id=row.external_id)
    return Account(name=row.name, project=row.project, settings=settings)


def _save_account(connection: sa.Connection, account: Account, now: datetime) -> None:
    settings = account.settings
    if isinstance(settings, AwsRole):
        settings = replace(settings, external_id="")
    values = {
        "project": account.project,
        "settings": dump(AccountSettings, settings),
        "deleted_at": None,
    }
    _forget_other_role(connection, account.name, settings)
    known = connection.execute(
        sa.update(tables.accounts).where(tables.accounts.c.name == account.name).values(**values)
    )
    if known.rowcount == 0:
        external_id = secrets.token_urlsafe(EXTERNAL_ID_BYTES)
        connection.execute(
            sa.insert(tables.accounts).values(
                name=account.name, external_id=external_id, made_at=now, **values
            )
        )


def _forget_other_role(connection: sa.Connection, name: str, settings: AccountSettings) -> None:
    """What was tried of a role, and lived with, is not said of another one."""
    row = connection.execute(sa.select(tables.accounts).where(tables.accounts.c.name == name)).one_or_none()
    before = None if row is None else load_account(row.settings)
    same = (
        isinstance(before, AwsRole) and isinstance(settings, AwsRole) and before.role_arn == settings.role_arn
    )
    if row is not None and not same:
        connection.execute(
            sa.update(tables.accounts)
            .where(tables.accounts.c.name == name)
            .values(deputy=sa.null(), acknowledged=sa.null())
        )


def _save_destination(connection: sa.Connection, destination: Destination, now: datetime) -> None:
    values = {
        "project": destination.project,
        "settings": dump(DestinationSettings, destination.settings),
        "deleted_at": None,
    }
    known = connection.execute(
        sa.update(tables.destinations).where(tables.destinations.c.name == destination.name).values(**values)
    )
    if known.rowcount == 0:
        connection.execute(
            sa.insert(tables.destinations).values(name=destination.name, made_at=now, **values)
        )


def _publish(connection: sa.Connection, workflow: Workflow, now: datetime) -> None:
    _save_workflow(connection, workflow, now)
    watch(connection, workflow, now)


def _save_workflow(connection: sa.Connection, workflow: Workflow, now: datetime) -> None:
    definition = dump(Workflow, workflow)
    flows, versions = tables.workflows, tables.workflow_versions
    row = connection.execute(sa.select(flows).where(flows.c.key == workflow.key)).one_or_none()
    if row is None:
        connection.execute(
            sa.insert(flows).values(
                key=workflow.key,
                slug=workflow.key,
                project=workflow.project,
                version=1,
                enabled=workflow.enabled,
                switched_on_at=now,
            )
        )
        version = 1
    else:
        current = connection.scalar(
            sa.select(versions.c.definition).where(
                versions.c.workflow == workflow.key, versions.c.version == row.version
            )
        )
        same = current is not None and load_workflow(current) == workflow
        version = row.version if same else row.version + 1
        values = {
            "project": workflow.project,
            "version": version,
            "enabled": workflow.enabled,
            "deleted_at": None,
        }
        if workflow.enabled and not row.enabled and not _was_listed(connection, workflow.key):
            values["switched_on_at"] = now
        connection.execute(sa.update(flows).where(flows.c.key == workflow.key).values(**values))
        if version == row.version:
            return
    connection.execute(
        sa.insert(versions).values(workflow=workflow.key, version=version, definition=definition, made_at=now)
    )


def _was_listed(connection: sa.Connection, workflow: str) -> bool:
    """Whether a first listing is complete: from then on, what appears is new whatever its time."""
    listings = tables.listings.c
    return connection.scalar(sa.select(listings.task).where(listings.workflow == workflow)) is not None


def _newest(connection: sa.Connection) -> dict[str, Definition]:
    return {row.key: _definition(row) for row in _newest_rows(connection)}


def _newest_rows(connection: sa.Connection) -> Sequence[Row]:
    """The newest version of each workflow that was not deleted."""
    newest = tables.workflow_versions.c.version == tables.workflows.c.version
    wanted = _versions(newest).where(tables.workflows.c.deleted_at.is_(None))
    return connection.execute(wanted.order_by(tables.workflows.c.key)).all()


def _versions(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    versions = tables.workflow_versions
    return sa.select(
        tables.workflows.c.key,
        tables.workflows.c.slug,
        tables.workflows.c.switched_on_at,
        versions.c.version,
        versions.c.definition,
    ).join(versions, sa.and_(versions.c.workflow == tables.workflows.c.key, which))


def _definition(row: Row) -> Definition:
    switched_on_at = aware(row.switched_on_at)
    assert switched_on_at is not None  # noqa: S101 - the column is not nullable
    return Definition(
        workflow=load_workflow(row.definition),
        slug=row.slug,
        version=row.version,
        switched_on_at=switched_on_at,
    )
