"""Finds the destination that a command names by its name, file or URL."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bucketlift.errors import NotAvailable, NotFound
from bucketlift.model.account import (
    Destination,
    DuckdbDestination,
    PostgresqlDestination,
    SqliteDestination,
    VaultSecret,
    file_of,
)
from bucketlift.service.core.app import App
from bucketlift.service.destinations.destinations import SCHEMES, require_postgresql, sealed, without_secrets

_FILES: dict[str, type[DuckdbDestination | SqliteDestination]] = {
    "duckdb": DuckdbDestination,
    "sqlite": SqliteDestination,
}
_ENDINGS = {"duckdb": (".duckdb", ".ddb"), "sqlite": (".sqlite", ".sqlite3", ".db")}


def destination_of(app: App, into: str) -> Destination:
    """The destination with this name, or a new one for this file or URL that is not saved yet.

    Raises:
        NotFound: no destination has this name, and it is neither a file nor a URL.
    """
    known = app.ledger.catalog.destinations().get(into)
    if known is not None:
        return known
    if (found := _file(into)) is not None:
        kind, path = found
        absolute = str(Path(path).absolute())
        made = Destination(name=_name(kind, absolute), settings=_FILES[kind](path=absolute))
        same = (
            each for each in app.ledger.catalog.destinations().values() if _path(each) == (kind, absolute)
        )
        return next(same, made)
    if _is_url(into):
        require_postgresql(into, to="--into")
        name = _name("postgresql", without_secrets(into))
        url = VaultSecret(secret=f"{name}-url")
        return Destination(name=name, settings=PostgresqlDestination(url=url))
    scheme, colon, _ = into.partition(":")
    if colon:  # it may contain a password, so only the scheme is shown
        raise NotAvailable(
            f"Destinations of type {scheme} are not available in this version", to=f"--into {scheme}:"
        )
    names = ", ".join(app.ledger.catalog.destinations()) or "none yet"
    raise NotFound(
        "There is no destination with this name",
        to=into,
        hint=f"Known destinations: {names}. Or use duckdb:PATH or sqlite:PATH for a file, or a postgresql:// URL.",
    )


def sealed_url(app: App, destination: Destination, into: str) -> Destination:
    """Store the URL in the vault, if the command named the destination by its URL. Returns the destination
    with a reference to it.
    """
    return sealed(app, destination, into) if _is_url(into) else destination


def shown_destination(into: str) -> str:
    """The destination as the user typed it, without secrets."""
    return without_secrets(into) if _is_url(into) else into


def _file(into: str) -> tuple[str, str] | None:
    """The kind of database and the path, if the text is the path of a database file; otherwise None."""
    scheme, _, rest = into.partition(":")
    if scheme in _FILES and rest:
        return scheme, rest.removeprefix("//")
    endings = ((kind, each) for kind, known in _ENDINGS.items() for each in known)
    kind = next((kind for kind, ending in endings if into.endswith(ending)), None)
    return None if kind is None or _is_url(into) else (kind, into)


def _path(destination: Destination) -> tuple[str, str] | None:
    settings = destination.settings
    path = file_of(settings)
    return None if path is None else (settings.kind, path)


def _is_url(into: str) -> bool:
    return into.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def _name(kind: str, place: str) -> str:
    return f"{kind}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
