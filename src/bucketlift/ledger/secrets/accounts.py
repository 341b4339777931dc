"""Reads and writes accounts in the ledger."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.json_codec import dump, load_account
from bucketlift.ledger.db.rows import Row
from bucketlift.model.account import Account, AccountSettings, AwsRole

EXTERNAL_ID_BYTES = 24
"""Number of random bytes of an external ID (192 bits). AWS requires 2 to 1,224 characters, unique for each
customer.
"""


def account_of(row: Row) -> Account:
    settings: AccountSettings = load_account(row.settings)
    if isinstance(settings, AwsRole):
        settings = replace(settings, external_id=row.external_id)
    return Account(name=row.name, project=row.project, settings=settings)


def save_account(connection: sa.Connection, account: Account, now: datetime) -> None:
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
    """Delete the result of the role's test, and its acknowledgement, if the account's role has changed."""
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
