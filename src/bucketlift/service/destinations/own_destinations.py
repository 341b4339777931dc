"""Adds destinations on the page: files in the installation's folder, and databases that the operator allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import (
    Destination,
    DirectoryDestination,
    DuckdbDestination,
    PostgresqlDestination,
    SqliteDestination,
    VaultSecret,
)
from bucketlift.model.finding import Finding, Health
from bucketlift.schema.values import NAME
from bucketlift.service.core.app import App
from bucketlift.service.destinations import destinations

Kind = Literal["duckdb", "sqlite", "postgresql", "directory"]
SUFFIXES = {"duckdb": ".duckdb", "sqlite": ".sqlite", "directory": ".sqlite"}
_IN_FILES = {
    "duckdb": DuckdbDestination,
    "sqlite": SqliteDestination,
    "directory": DirectoryDestination,
}
FOLDER = "destinations"
"""The folder in the installation's home for database files that are added on the page."""
USUAL_PORT = 5432


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDestination:
    """The input for a new destination."""

    name: str
    kind: Kind
    url: str = ""
    schema: str = "public"


def add(app: App, new: NewDestination) -> tuple[Finding, ...]:
    """Add a destination and test it. It is kept only if loads can use it. Returns the findings of the test.

    Raises:
        RequestWrong: the name is taken or not valid, the operator does not allow the database, or the test
        fails.
    """
    name = new.name.strip()
    if not re.fullmatch(NAME, name):
        hint = "Use letters, digits, dots, hyphens and underscores. Start with a letter or digit."
        raise RequestWrong("The name is not valid", to="name", hint=hint)
    if name in app.ledger.catalog.destinations():
        raise RequestWrong(
            "There is already a destination with this name", to="name", hint="Choose another name."
        )
    destination, url = _destination(app, new, name)
    destinations.add(app, destination, url=url)
    try:
        found = destinations.examine(app, name)
        _require_passed(found)
    except BucketliftError:
        destinations.remove(app, name)
        raise
    return found


def columns(app: App, name: str) -> dict[str, tuple[str, ...]]:
    """The tables of a destination with their columns.

    Raises:
        NotFound: there is no such destination.
        Transient, NeedsPerson: the destination cannot be read now.
    """
    found = app.connections.delivery(name) or app.connections.loader(name)
    return dict(found.columns())


def _destination(app: App, new: NewDestination, name: str) -> tuple[Destination, str | None]:
    if new.kind == "postgresql" or (new.kind == "directory" and new.url):
        destinations.require_postgresql(new.url, to="url")
        _require_listed(new.url, app.allowed_databases)
        on_server = DirectoryDestination if new.kind == "directory" else PostgresqlDestination
        # The reference is replaced when the URL is stored in the vault.
        unset = on_server(url=VaultSecret(secret="unset"), schema=new.schema or "public")  # noqa: S106 - no secret
        return Destination(name=name, settings=unset), new.url
    in_file = _IN_FILES[new.kind]
    path = str(app.home / FOLDER / f"{name}{SUFFIXES[new.kind]}")
    settings = in_file(path=path, worker=app.worker if app.is_fleet else None)
    return Destination(name=name, settings=settings), None


def _require_listed(url: str, allowed: tuple[str, ...]) -> None:
    """Check that the operator allows the server, because users of the page must not reach other servers.

    Query parameters are refused, because libpq may read another host from them (``?host=``, ``?hostaddr=``,
    ``?service=``). This includes parameters after a ``#``.
    """
    parts = urlsplit(url)
    try:
        address = f"{parts.hostname}:{parts.port or USUAL_PORT}"
    except ValueError:
        raise RequestWrong("The port of the URL is not a number", to="url") from None
    if address not in allowed or set(url) & set("?#,") or not url.isprintable():
        raise RequestWrong(
            "The operator does not allow this database",
            to="url",
            hint="Ask the operator to add HOST:PORT to BUCKETLIFT_ALLOWED_DATABASES, or to add the destination with "
            "`bucketlift destinations add`. URLs with options (`?`) can only be added by the operator.",
        )


def _require_passed(findings: tuple[Finding, ...]) -> None:
    bad = next((each for each in findings if each.health in (Health.MISSING, Health.IGNORED)), None)
    if bad is not None:
        raise RequestWrong(f"Loads into this destination would fail: {bad.what}", to=bad.check, hint=bad.hint)
