"""Connects folders and SFTP servers on the page, from which files are read. The operator must allow each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from bucketlift.definition.fragments import account_from
from bucketlift.errors import RequestWrong
from bucketlift.ledger.secrets.secrets import SecretChanges
from bucketlift.model.account import AccountSettings, FileAccount, FolderAccount, SftpAccount
from bucketlift.model.user import User
from bucketlift.schema.shape import to_mapping
from bucketlift.service.accounts import accounts
from bucketlift.service.accounts.connecting import require_title
from bucketlift.service.accounts.store_names import with_own_store, with_store_of
from bucketlift.service.core.allowed import allowed_account
from bucketlift.service.core.app import App
from bucketlift.service.core.wording import without_file_syntax
from bucketlift.service.secrets.references import secret_references
from bucketlift.service.secrets.secrets import forget_typed
from bucketlift.service.secrets.typed import with_references

Settings = Mapping[str, Any]
USUAL_PORT = 22
_NEW = "new"


def add(app: App, user: User, *, title: str, settings: Settings, for_others: bool) -> str:
    """Add an account. ``settings`` are as in a workflow file, with typed secrets. Returns the account's name.

    Raises:
        RequestWrong: a value is missing or wrong, the operator does not allow the place, or another account reads
        files of the same folder.
    """
    require_title(title)
    _checked(app, _NEW, settings, None)

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        return _sealed(app, shelf, name, settings, None)

    return app.ledger.sharings.add(title, seal, owner=None if for_others else user.id, now=app.now())


def change(app: App, name: str, settings: Settings, *, is_another: bool = False) -> None:
    """Change the folder or the server of an account. A stored secret is never sent to another server.

    The account keeps its store, so that files that were loaded are not loaded again. ``is_another``: other files are at
    the new place, so the account gets a new store.

    Raises:
        RequestWrong: as for ``add``; or a workflow file owns the account, or the secret must be typed again.
    """
    account = app.ledger.catalog.account(name)
    known = account.settings
    if account.project is not None or not isinstance(known, FileAccount):
        raise RequestWrong("Only a folder or an SFTP server can be changed here", to=name)
    if isinstance(known, SftpAccount):
        after = (settings.get("host"), settings.get("port", USUAL_PORT))
        if after != (known.host, known.port) and any(secret_references(settings)):
            raise RequestWrong(
                "Enter the password or the private key again",
                to="secret",
                hint="A stored secret is not sent to another server.",
            )
    kept = None if is_another else known
    _checked(app, name, settings, kept)

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        return _sealed(app, shelf, name, settings, kept)

    app.ledger.sharings.change(name, seal)
    forget_typed(app, name, to_mapping(known), kept=settings_of(app, name))


def settings_of(app: App, name: str) -> dict[str, Any]:
    """The settings of an account as in a workflow file."""
    return to_mapping(app.ledger.catalog.account(name).settings)


def _checked(app: App, name: str, settings: Settings, kept: FileAccount | None) -> None:
    """Check the settings of an account before anything is stored."""
    accounts.require_separate(app, name, _made(app, name, with_references(name, settings)[0], kept))


def _sealed(
    app: App, shelf: SecretChanges, name: str, settings: Settings, kept: FileAccount | None
) -> AccountSettings:
    referring, secrets = with_references(name, settings)
    for each, value in secrets.items():
        app.vault.put_on(shelf, each, value, now=app.now())
    return _made(app, name, referring, kept)


def _made(app: App, name: str, settings: Settings, kept: FileAccount | None) -> FileAccount:
    """The settings to store. The store is the one of ``kept``, or a new one."""
    try:
        made = cast("FileAccount", account_from(name, settings).settings)
    except RequestWrong as error:
        raise without_file_syntax(error) from None
    allowed = allowed_account(made, app.allowed)
    if isinstance(made, FolderAccount) and isinstance(allowed, FolderAccount):
        made = replace(made, path=allowed.path, worker=app.worker if app.is_fleet else made.worker)
    return with_own_store(app, name, made) if kept is None else with_store_of(kept, made)
