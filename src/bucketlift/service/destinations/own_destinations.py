"""Destinations that people name on the page: files in the installation's own folder, and databases of the operator's list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bucketlift.definition.schema.values import NAME
from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import (
    Destination,
    DuckdbDestination,
    PostgresqlDestination,
    SqliteDestination,
    VaultSecret,
)
from bucketlift.model.finding import Finding, Health
from bucketlift.service.core.app import App
from bucketlift.service.destinations import destinations

Kind = Literal["duckdb", "sqlite", "postgresql"]
SUFFIXES = {"duckdb": ".duckdb", "sqlite": ".sqlite"}
FOLDER = "destinations"
"""Below the home: where files that people name on the page are."""
USUAL_PORT = 5432


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person says of a new destination."""

    name: str
    kind: Kind
    url: str = ""
    schema: str = "public"


def add(app: App, wanted: Wanted) -> tuple[Finding, ...]:
    """Make a destination, try it, and say what was found. It is made only where a load would find what it needs.

    Raises:
        RequestWrong: the name is taken or cannot be one, the operator does not allow the database, or something
            that loads need is missing.
    """
    name = wanted.name.strip()
    if not re.fullmatch(NAME, name):
        hint = "Take letters, digits, dots, hyphens and underscores; a letter or digit comes first."
        raise RequestWrong("This cannot be a destination's name", to="name", hint=hint)
    if name in app.ledger.catalog.destinations():
        raise RequestWrong("There is a destination of this name", to="name", hint="Choose another name.")
    destination, url = _destination(app, wanted, name)
    destinations.add(app, destination, url=url)
    try:
        found = destinations.examine(app, name)
        _require_sound(found)
    except BucketliftError:
        destinations.remove(app, name)
        raise
    return found


def columns(app: App, name: str) -> dict[str, tuple[str, ...]]:
    """The tables of a destination that a load could go to, with their columns.

    Raises:
        NotFound: there is no such destination.
        Transient, NeedsPerson: it cannot be looked into now.
    """
    return dict(app.connections.loader(name).columns())


def _destination(app: App, wanted: Wanted, name: str) -> tuple[Destination, str | None]:
    if wanted.kind == "postgresql":
        destinations.require_postgresql(wanted.url, to="url")
        _require_listed(wanted.url, app.allowed_databases)
        # The vault's name for the URL is put in its place when it is sealed.
        unset = PostgresqlDestination(url=VaultSecret(secret="unset"), schema=wanted.schema or "public")  # noqa: S106 - no secret
        return Destination(name=name, settings=unset), wanted.url
    path = str(app.home / FOLDER / f"{name}{SUFFIXES[wanted.kind]}")
    worker = app.worker if app.is_fleet else None
    settings = (
        DuckdbDestination(path=path, worker=worker)
        if wanted.kind == "duckdb"
        else SqliteDestination(path=path, worker=worker)
    )
    return Destination(name=name, settings=settings), None


def _require_listed(url: str, allowed: tuple[str, ...]) -> None:
    """Somebody on the page reaches no server that the operator has not named.

    A host that libpq would read from the query (``?host=``, ``?hostaddr=``, ``?service=``) is not among these;
    libpq finds the query where a browser sees a fragment, too.
    """
    parts = urlsplit(url)
    try:
        address = f"{parts.hostname}:{parts.port or USUAL_PORT}"
    except ValueError:
        raise RequestWrong("The port of the URL is no number", to="url") from None
    if address not in allowed or set(url) & set("?#,") or not url.isprintable():
        raise RequestWrong(
            "The operator has not allowed this database for destinations of the page",
            to="url",
            hint="The operator names HOST:PORT in BUCKETLIFT_ALLOWED_DATABASES, or adds the destination "
            "by `bucketlift destinations add`. Options behind a `?` are for the operator only.",
        )


def _require_sound(findings: tuple[Finding, ...]) -> None:
    bad = next((each for each in findings if each.health in (Health.MISSING, Health.IGNORED)), None)
    if bad is not None:
        raise RequestWrong(f"The destination cannot be loaded into: {bad.what}", to=bad.check, hint=bad.hint)
