"""S3-compatible stores that people connect on the page: only where the operator said so, with keys never shown again."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bucketlift.errors import RequestWrong
from bucketlift.ledger.secrets.secrets import SecretChanges
from bucketlift.model.account import AccountSettings, S3Compatible, VaultSecret
from bucketlift.model.user import User
from bucketlift.service.accounts import accounts
from bucketlift.service.accounts.connecting import require_title
from bucketlift.service.core.app import App

_UNSET = VaultSecret(secret="unset")  # noqa: S106 - no secret: what stands there until one is named


def add(
    app: App, user: User, *, title: str, endpoint: str, region: str, keys: tuple[str, str], for_others: bool
) -> str:
    """Make an account, and say its name.

    Raises:
        RequestWrong: the operator does not allow the address, or something is missing.
    """
    require_title(title)
    accounts.require_endpoint(endpoint, app.allowed_endpoints)
    _require(keys)
    bare = S3Compatible(
        endpoint_url=endpoint, access_key=_UNSET, secret_key=_UNSET, region=region or "us-east-1"
    )

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        return _sealed(app, shelf, name, bare, keys)

    return app.ledger.sharings.add(title, seal, owner=None if for_others else user.id, now=app.now())


def change(app: App, name: str, *, endpoint: str, region: str, keys: tuple[str, str] | None) -> None:
    """Change where an account of the page leads. Keys that were given for one address never go to another.

    Raises:
        RequestWrong: it is another address and no keys are given, or the operator does not allow it.
    """
    account = app.ledger.catalog.account(name)
    known = account.settings
    if account.project is not None or not isinstance(known, S3Compatible):
        raise RequestWrong("Only a store that was connected on the page can be changed here", to=name)
    accounts.require_endpoint(endpoint, app.allowed_endpoints)
    if keys is None and endpoint != known.endpoint_url:
        hint = "Enter the access key and the secret key for the new address."
        raise RequestWrong("Another address does not get the keys of this one", to="secret_key", hint=hint)
    changed = replace(known, endpoint_url=endpoint, region=region or known.region)

    def seal(shelf: SecretChanges, name: str) -> AccountSettings:
        if keys is None:
            return changed
        _require(keys)
        return _sealed(app, shelf, name, changed, keys)

    app.ledger.sharings.change(name, seal)


def _require(keys: tuple[str, str]) -> None:
    if not all(keys):
        raise RequestWrong("Both keys are needed", to="secret_key", hint="The store's owner has them.")
    if not all(each.isprintable() for each in keys):
        hint = "Copy them again, each by itself."
        raise RequestWrong("A key has characters that no key has", to="secret_key", hint=hint)


def _sealed(
    app: App, shelf: SecretChanges, name: str, settings: S3Compatible, keys: tuple[str, str]
) -> S3Compatible:
    """Under names that nobody chose: no secret of the operator's is ever in their way."""
    own = f"{name}-{secrets.token_hex(4)}"
    access, secret = VaultSecret(secret=f"{own}-access-key"), VaultSecret(secret=f"{own}-secret-key")
    for reference, value in zip((access, secret), keys, strict=True):
        app.vault.put_on(shelf, reference.secret, value, now=app.now())
    return replace(settings, access_key=access, secret_key=secret)
