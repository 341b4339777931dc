"""Accounts that users create on the page: their owners, the users who may use them, and pending accounts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NotFound
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.json_codec import dump
from bucketlift.ledger.db.rows import Row
from bucketlift.ledger.secrets.accounts import EXTERNAL_ID_BYTES
from bucketlift.ledger.secrets.secrets import SecretChanges
from bucketlift.model.account import AccountSettings, AwsRole
from bucketlift.model.finding import Finding, Health
from bucketlift.model.sharing import UNSHARED, AccountDraft, Examined, PendingAccount, Sharing

_accounts, _begun = tables.accounts, tables.begun_accounts
_RESERVED = frozenset({"begun", "host-key", "new", "places", "stores"})
"""Words in the URLs of the page. No account gets one of these names."""
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")

Seal = Callable[[SecretChanges, str], AccountSettings]
"""A function that stores an account's secrets in the vault.

It gets the account's name, and returns the settings that refer to the secrets.
"""


class Sharings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Sharing]:
        """Return the sharing settings of accounts, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_accounts).where(_accounts.c.deleted_at.is_(None))).all()
        return {row.name: _sharing(row) for row in rows}

    def of(self, account: str) -> Sharing:
        return self.all().get(account, UNSHARED)

    def share(self, account: str, *, everyone: bool, users: frozenset[str]) -> None:
        shared = {"everyone": everyone, "users": sorted(users)}
        with self._database.writing() as connection:
            connection.execute(sa.update(_accounts).where(_accounts.c.name == account).values(shared=shared))

    def examined(self) -> dict[str, Examined]:
        """Return the doctor's last findings for each account."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_accounts).where(_accounts.c.examined.is_not(None))).all()
        return {row.name: _examined(row.examined) for row in rows if row.examined is not None}

    def record_examined(self, account: str, examined: Examined) -> None:
        with self._database.writing() as connection:
            connection.execute(
                sa.update(_accounts)
                .where(_accounts.c.name == account)
                .values(examined=dump(Examined, examined))
            )

    def begin(self, user: str, *, for_others: bool, now: datetime) -> PendingAccount:
        """Return the user's pending account.

        If the user has none, create one.
        """
        mine = sa.select(_begun).where(_begun.c.maker == user, _begun.c.for_others.is_(for_others))
        with self._database.writing() as connection:
            row = connection.execute(mine.order_by(_begun.c.made_at)).first()
            if row is not None:
                return _of(row)
            begun = PendingAccount(
                id=secrets.token_hex(8),
                user=user,
                for_others=for_others,
                external_id=secrets.token_urlsafe(EXTERNAL_ID_BYTES),
            )
            connection.execute(
                sa.insert(_begun).values(
                    id=begun.id,
                    maker=user,
                    for_others=for_others,
                    external_id=begun.external_id,
                    told=dump(AccountDraft, begun.draft),
                    made_at=now,
                )
            )
        return begun

    def begun(self, key: str, *, user: str) -> PendingAccount:
        """Return a pending account. Only the user who started it can continue it.

        Raises:
            NotFound: the account has been connected, or this user did not start it.
        """
        with self._database.reading() as connection:
            row = connection.execute(_of_maker(key, user)).one_or_none()
        if row is None:
            raise _no_longer(key)
        return _of(row)

    def save_draft(self, begun: PendingAccount, draft: AccountDraft) -> PendingAccount:
        with self._database.writing() as connection:
            connection.execute(
                sa.update(_begun).where(_begun.c.id == begun.id).values(told=dump(AccountDraft, draft))
            )
        return replace(begun, draft=draft)

    def connect(self, begun: PendingAccount, role: AwsRole, *, now: datetime) -> str:
        """Create the account, with the external ID that the user was shown. Returns the account's name.

        Raises:
            NotFound: the account has been connected already.
        """
        with self._database.writing() as connection:
            gone = connection.execute(
                sa.delete(_begun).where(_begun.c.id == begun.id, _begun.c.maker == begun.user)
            )
            if gone.rowcount == 0:
                raise _no_longer(begun.id)
            name = _free_name(connection, begun.draft.title)
            _insert(
                connection,
                name,
                replace(role, external_id=""),
                title=begun.draft.title,
                owner=None if begun.for_others else begun.user,
                external_id=begun.external_id,
                now=now,
            )
        return name

    def add(self, title: str, seal: Seal, *, owner: str | None, now: datetime) -> str:
        """Create an account with keys. Returns its name.

        ``seal`` stores the keys in the vault in the same transaction.
        """
        with self._database.writing() as connection:
            name = _free_name(connection, title)
            settings = seal(SecretChanges(connection), name)
            unused = secrets.token_urlsafe(EXTERNAL_ID_BYTES)
            _insert(connection, name, settings, title=title, owner=owner, external_id=unused, now=now)
        return name

    def change(self, account: str, seal: Seal) -> None:
        """Change the settings of an account with keys. ``seal`` stores the new keys in the vault in the same
        transaction.
        """
        with self._database.writing() as connection:
            settings = seal(SecretChanges(connection), account)
            connection.execute(
                sa.update(_accounts)
                .where(_accounts.c.name == account)
                .values(settings=dump(AccountSettings, settings), examined=sa.null())
            )

    def remove(self, account: str, *, now: datetime) -> None:
        """Mark an account as deleted. No other account ever gets its name or its external ID."""
        with self._database.writing() as connection:
            connection.execute(sa.update(_accounts).where(_accounts.c.name == account).values(deleted_at=now))


def _insert(
    connection: sa.Connection,
    name: str,
    settings: AccountSettings,
    *,
    title: str,
    owner: str | None,
    external_id: str,
    now: datetime,
) -> None:
    connection.execute(
        sa.insert(_accounts).values(
            name=name,
            project=None,
            settings=dump(AccountSettings, settings),
            external_id=external_id,
            title=title,
            owner=owner,
            made_at=now,
        )
    )


def _free_name(connection: sa.Connection, title: str) -> str:
    """Return a name that no account ever had.

    The name of a deleted account is not used again, because a role may still trust its external ID.
    """
    taken = _RESERVED | set(connection.scalars(sa.select(_accounts.c.name)))
    plain = _NOT_IN_A_NAME.sub("-", title.lower()).strip("-")[:50] or "account"
    if plain not in taken:
        return plain
    return next(name for number in range(2, len(taken) + 3) if (name := f"{plain}-{number}") not in taken)


def _of_maker(key: str, maker: str) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(_begun).where(_begun.c.id == key, _begun.c.maker == maker)


def _no_longer(key: str) -> NotFound:
    return NotFound(
        "This account is not waiting to be connected",
        to=key,
        hint="Look for it in the list of accounts, or start again.",
    )


def _of(row: Row) -> PendingAccount:
    return PendingAccount(
        id=row.id,
        user=row.maker,
        for_others=row.for_others,
        external_id=row.external_id,
        draft=AccountDraft(**row.told),
    )


def _sharing(row: Row) -> Sharing:
    shared = row.shared or {}
    return Sharing(
        title=row.title or "",
        owner=row.owner,
        everyone=bool(shared.get("everyone")),
        users=frozenset(shared.get("users", ())),
    )


def _examined(stored: dict[str, Any]) -> Examined:
    findings = tuple(Finding(**{**each, "health": Health(each["health"])}) for each in stored["findings"])
    at = aware(datetime.fromisoformat(stored["at"]))
    assert at is not None  # noqa: S101 - always stored with a time
    return Examined(at=at, findings=findings)
