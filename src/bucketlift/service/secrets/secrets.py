"""Stores, deletes and rotates secrets, and finds where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.account import VaultSecret
from bucketlift.service.core.app import App
from bucketlift.service.secrets.references import secret_references
from bucketlift.service.secrets.typed import typed_names
from bucketlift.vault.vault import KEYS, Rotated


def put(app: App, name: str, value: str) -> None:
    app.vault.put(name, value, now=app.now())


def users(app: App) -> dict[str, list[str]]:
    """For each secret, the accounts, destinations and workflows that use it. Secrets that are missing are
    included.
    """
    named: dict[str, list[str]] = {name: [] for name in app.vault.names()}
    for key in app.ledger.keys.all():
        if KEYS + key in named:
            named[KEYS + key].append(f"PGP key {key}")
    for user, thing in _things(app):
        for secret in sorted(set(_secrets(thing))):
            named.setdefault(secret, []).append(user)
    return named


def delete(app: App, name: str) -> None:
    """Delete a secret permanently.

    Raises:
        NotFound: there is no such secret.
        RequestWrong: the secret is still used.
    """
    using = users(app).get(name)
    if using and name in app.vault.names():
        raise RequestWrong(
            f"The secret is still used by {', '.join(using)}",
            to=name,
            hint="Change these first, or overwrite the secret with a new value.",
        )
    app.vault.delete(name)


def forget(app: App, names: Iterable[str]) -> None:
    """Delete secrets that nothing uses any more. Others stay."""
    stored, using = set(app.vault.names()), users(app)
    for name in names:
        if name in stored and not using.get(name):
            app.vault.delete(name)


def forget_typed(app: App, owner: str, before: Mapping[str, Any], *, kept: Mapping[str, Any]) -> None:
    """Delete the secrets that were typed on the page for an account or a destination, except those that its settings keep."""
    forget(app, set(typed_names(owner, before)) - set(typed_names(owner, kept)))


def rotate(app: App) -> Rotated:
    """Rotate the vault's key. In a fleet, the new key must already be in the key file of every host."""
    return app.vault.rotate(now=app.now(), brought=app.is_fleet)


def reset(app: App) -> tuple[str, ...]:
    """Delete every secret, after the vault's key was lost. Returns the names of the secrets."""
    return app.vault.reset()


def _things(app: App) -> Iterator[tuple[str, object]]:
    for name, account in app.ledger.catalog.accounts().items():
        yield f"account {name}", account
    for name, destination in app.ledger.catalog.destinations().items():
        yield f"destination {name}", destination
    for key, definition in app.ledger.catalog.workflows().items():
        yield f"workflow {key}", definition.workflow
    stored = set(app.vault.names())
    for draft in app.ledger.drafts.all():
        # A mapping with the key `secret` may also be something else, so only stored secrets count.
        named = (name for source, name in secret_references(draft.document) if source == "secret")
        yield (
            f"unpublished changes of {draft.key}",
            [VaultSecret(secret=name) for name in named if name in stored],
        )


def _secrets(thing: object) -> Iterator[str]:
    """Yield the names of all vault secrets to which a value refers."""
    if isinstance(thing, VaultSecret):
        yield thing.secret
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from _secrets(getattr(thing, field.name))
    elif isinstance(thing, list | tuple | frozenset):
        for each in thing:
            yield from _secrets(each)
    elif isinstance(thing, dict):
        yield from _secrets(tuple(thing.values()))
