"""Adds, changes and removes destinations on the page: files in the installation's folder, and places that the operator
allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bucketlift.definition.fragments import destination_from
from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import Destination, LocalFolder, S3Prefix, VaultSecret
from bucketlift.model.finding import Finding, Health
from bucketlift.model.user import User
from bucketlift.rules.targets import RESERVED
from bucketlift.schema.shape import to_mapping
from bucketlift.schema.values import NAME
from bucketlift.service.accounts import sharing
from bucketlift.service.core.allowed import allowed_destination
from bucketlift.service.core.app import App
from bucketlift.service.core.wording import without_file_syntax
from bucketlift.service.destinations import destinations
from bucketlift.service.destinations.time_limit import LONGEST, within
from bucketlift.service.secrets.references import secret_references
from bucketlift.service.secrets.secrets import forget_typed
from bucketlift.service.secrets.typed import TypedSecret, with_references

SUFFIXES = {"duckdb": ".duckdb", "sqlite": ".sqlite", "directory": ".sqlite"}
FOLDER = "destinations"
"""The folder in the installation's home for database files that are added on the page."""
_ADDRESS = {"http": ("url",), "sftp": ("host", "port"), "qualtrics": ("datacenter", "base_url")}
"""The settings that say to which server a kind of destination sends its stored secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationInput:
    """The input for a destination. ``settings`` are as in a workflow file, with typed secrets instead of references."""

    name: str
    kind: str
    settings: Mapping[str, Any]


def add(app: App, user: User, new: DestinationInput) -> tuple[Finding, ...]:
    """Add a destination and test it. It is kept only if loads can use it. Returns the findings of the test.

    Raises:
        RequestWrong: the name is taken or not valid, the operator does not allow the place, or the test fails.
    """
    name = new.name.strip()
    _require_free(app, name)
    settings = dict(new.settings)
    if new.kind in SUFFIXES and "url" not in settings:
        settings["path"] = str(app.home / FOLDER / f"{name}{SUFFIXES[new.kind]}")
    if (new.kind in SUFFIXES and "path" in settings) or new.kind == "folder":
        settings |= {"worker": app.worker} if app.is_fleet else {}
    made, secrets = _made(app, user, replace(new, name=name, settings=settings))
    app.ledger.catalog.add(made, seal=destinations.sealing(app, secrets), now=app.now())
    try:
        return _tested(app, name)
    except BucketliftError:
        remove(app, name)
        raise


def change(app: App, user: User, changed: DestinationInput) -> tuple[Finding, ...]:
    """Change the settings of a destination and test it. If loads could not use it any more, the former settings stay.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: a workflow file owns it, the operator does not allow the place, a stored secret would be sent to
        another server, or the test fails.
    """
    known = app.ledger.catalog.destination(changed.name)
    destinations.require_changeable(known)
    before = to_mapping(known.settings)
    _require_secrets_again(changed, before)
    made, secrets = _made(app, user, changed)
    destinations.require_fit(app, made)
    app.ledger.catalog.change(made, seal=destinations.sealing(app, secrets), now=app.now())
    try:
        found = _tested(app, changed.name)
    except BucketliftError:
        forgotten = destinations.sealing(app, {}, forget=tuple(secrets))
        app.ledger.catalog.change(known, seal=forgotten, now=app.now())
        raise
    forget_typed(app, changed.name, before, kept=to_mapping(made.settings))
    return found


def remove(app: App, name: str) -> None:
    """Remove a destination that no workflow uses, and the secrets that were typed for it on the page.

    Raises:
        NotFound: there is no such destination.
        RequestWrong: a workflow file owns the destination, or workflows use it; the error names them.
    """
    settings = to_mapping(app.ledger.catalog.destination(name).settings)
    destinations.remove(app, name)
    forget_typed(app, name, settings, kept={})


def columns(app: App, name: str) -> dict[str, tuple[str, ...]]:
    """The tables of a destination with their columns.

    Raises:
        NotFound: there is no such destination.
        Transient, NeedsPerson: the destination cannot be read now.
    """
    reader = app.connections.table_reader(name)
    if reader is not None:
        return {
            table: tuple(each.name for each in found if each.name not in RESERVED and not each.generated)
            for table, found in within(LONGEST, reader.tables).items()
        }
    found = app.connections.delivery(name) or app.connections.loader(name)
    return dict(within(LONGEST, found.columns))


def _require_free(app: App, name: str) -> None:
    if not re.fullmatch(NAME, name):
        hint = "Use letters, digits, dots, hyphens and underscores. Start with a letter or digit."
        raise RequestWrong("The name is not valid", to="name", hint=hint)
    if name in app.ledger.catalog.destinations():
        raise RequestWrong(
            "There is already a destination with this name", to="name", hint="Choose another name."
        )


def _made(app: App, user: User, given: DestinationInput) -> tuple[Destination, dict[str, str]]:
    """The destination, and the secrets to store for it. Checks that the operator and the account allow it."""
    url = given.settings.get("url")
    if given.kind in ("postgresql", "directory") and isinstance(url, TypedSecret):
        destinations.require_postgresql(url.value, to="url")
    settings, secrets = with_references(given.name, given.settings)
    try:
        made = destination_from(given.name, {"kind": given.kind, **settings})
    except RequestWrong as error:
        raise without_file_syntax(error) from None
    if isinstance(made.settings, S3Prefix):
        sharing.require_usable(app, user, made.settings.account)

    def reveal(reference: Any) -> str:
        if isinstance(reference, VaultSecret) and reference.secret in secrets:
            return secrets[reference.secret]
        return app.vault.reveal(reference)

    allowed = allowed_destination(made.settings, app.allowed, reveal)
    kept = allowed if isinstance(allowed, LocalFolder) else made.settings
    return replace(made, settings=kept, on_page=True), secrets


def _require_secrets_again(changed: DestinationInput, before: Mapping[str, Any]) -> None:
    """Check that secrets are typed again if they would be sent to another server."""
    if before["kind"] != changed.kind:
        raise RequestWrong("The type of a destination cannot be changed", hint="Add another destination.")
    moved = [
        key
        for key in _ADDRESS.get(changed.kind, ())
        if str(before.get(key)) != str(changed.settings.get(key))
    ]
    if moved and any(secret_references(changed.settings)):
        raise RequestWrong(
            "Enter the secret again",
            to="secret",
            hint="A stored secret is not sent to another address.",
        )


def _tested(app: App, name: str) -> tuple[Finding, ...]:
    """The findings of a destination's test.

    Raises:
        RequestWrong: loads could not use the destination.
    """
    found = destinations.examine(app, name)
    bad = next((each for each in found if each.health in (Health.MISSING, Health.IGNORED)), None)
    if bad is not None:
        raise RequestWrong(f"Loads into this destination would fail: {bad.what}", to=bad.check, hint=bad.hint)
    return found
