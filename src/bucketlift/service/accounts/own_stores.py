"""Connects S3-compatible stores on the page. Only allowed endpoints can be used, and keys are never shown
again.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from bucketlift.errors import RequestWrong
from bucketlift.ledger.secrets.secrets import SecretChanges
from bucketlift.model.account import AccountSettings, S3Compatible, VaultSecret
from bucketlift.model.user import User
from bucketlift.schema.shape import to_mapping
from bucketlift.service.accounts import accounts
from bucketlift.service.accounts.connecting import require_title
from bucketlift.service.accounts.store_names import with_own_store, with_store_of
from bucketlift.service.core.app import App
from bucketlift.service.secrets.secrets import forget_typed

_UNSET = VaultSecret(secret="unset")  # noqa: S106 - a placeholder, not a secret


def add(
    app: App, user: User, *, title: str, endpoint: str, region: str, keys: tuple[str, str], for_others: bool
) -> str:
    """Add an account for a store. Returns the account's name.

    Raises:
        RequestWrong: the operator does not allow the endpoint, or a value is missing.
    """
    require_title(title)
    accounts.require_endpoint(endpoint, app.allowed_endpoints)
    _require(keys)
    bare = S3Compatible(
        endpoint_url=endpoint, access_key=_UNSET, secret_key=_UNSET, region=region or "us-east-1"
    )

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        return _sealed(app, shelf, name, with_own_store(app, name, bare), keys)

    return app.ledger.sharings.add(title, seal, owner=None if for_others else user.id, now=app.now())


def change(
    app: App,
    name: str,
    *,
    endpoint: str,
    region: str,
    keys: tuple[str, str] | None,
    is_another: bool = False,
) -> None:
    """Change the address or the keys of an account. Stored keys are never sent to a new endpoint.

    The files count as the same as before, so that they are not loaded again. ``is_another``: they are other files,
    because the new address is another store.

    Raises:
        RequestWrong: the endpoint changes without new keys, or the operator does not allow the new endpoint.
    """
    account = app.ledger.catalog.account(name)
    known = account.settings
    if account.project is not None or not isinstance(known, S3Compatible):
        raise RequestWrong("Only a store that was connected on the page can be changed here", to=name)
    accounts.require_endpoint(endpoint, app.allowed_endpoints)
    if keys is None and endpoint != known.endpoint_url:
        hint = "Stored keys are not sent to a new endpoint."
        raise RequestWrong("Enter both keys again", to="secret_key", hint=hint)
    moved = replace(known, endpoint_url=endpoint, region=region or known.region)
    changed = with_own_store(app, name, moved) if is_another else with_store_of(known, moved)

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        if keys is None:
            return changed
        _require(keys)
        return _sealed(app, shelf, name, changed, keys)

    app.ledger.sharings.change(name, seal)
    kept = to_mapping(app.ledger.catalog.account(name).settings)
    forget_typed(app, name, to_mapping(known), kept=kept)


def _require(keys: tuple[str, str]) -> None:
    if not all(keys):
        raise RequestWrong("Enter both keys", to="secret_key", hint="The owner of the store has them.")
    if not all(each.isprintable() for each in keys):
        hint = "Copy each key again separately."
        raise RequestWrong("A key contains invalid characters", to="secret_key", hint=hint)


def _sealed(
    app: App, shelf: SecretChanges, name: str, settings: S3Compatible, keys: tuple[str, str]
) -> S3Compatible:
    """Store the keys under random names, which cannot be the names of the operator's secrets. Returns the
    settings that refer to them.
    """
    own = f"{name}-{secrets.token_hex(4)}"
    access, secret = VaultSecret(secret=f"{own}-access-key"), VaultSecret(secret=f"{own}-secret-key")
    for reference, value in zip((access, secret), keys, strict=True):
        app.vault.put_on(shelf, reference.secret, value, now=app.now())
    return replace(settings, access_key=access, secret_key=secret)
