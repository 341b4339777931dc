"""Which store an account has after it was changed. Files are known by their store, so a new store loads them again."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from bucketlift.model.account import FileAccount, FolderAccount, S3Compatible, SftpAccount
from bucketlift.service.core.app import App

Named = TypeVar("Named", S3Compatible, FolderAccount, SftpAccount, FolderAccount | SftpAccount)


def with_store_of(known: S3Compatible | FileAccount, changed: Named) -> Named:
    """The changed settings with the store of the former ones."""
    if changed.store == known.store:
        return changed
    prefix = f"{known.kind}:" if isinstance(known, FileAccount) else ""
    return replace(changed, store_name=known.store.removeprefix(prefix))


def with_own_store(app: App, name: str, settings: Named) -> Named:
    """The settings with the store of their place. If another account kept that store when its place was changed, the store
    gets a name of its own.
    """
    new = replace(settings, store_name=None)
    others = [
        each.settings
        for key, each in app.ledger.catalog.accounts().items()
        if key != name and isinstance(each.settings, S3Compatible | FileAccount)
    ]
    if any(each.store == new.store and replace(each, store_name=None).store != new.store for each in others):
        return replace(new, store_name=f"{name} at {new.store}")
    return new
