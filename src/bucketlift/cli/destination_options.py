"""Makes the settings of a destination from options, and prompts for secrets that no option gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import typer

from bucketlift.cli import prompts
from bucketlift.service.secrets.typed import TypedSecret

Settings = dict[str, Any]
URL = "URL (postgresql://USER:PASSWORD@HOST:PORT/DATABASE)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Options about secrets. A reference is written as in a workflow file."""

    private_key: dict[str, str] | None
    password: dict[str, str] | None
    token: dict[str, str] | None
    auth: str | None
    auth_user: str | None
    auth_header: str | None
    ask_again: bool
    """Whether to prompt for a secret that is stored already."""


def settings_of(kind: str, given: Settings, secrets: Secrets, known: Settings | None) -> Settings:
    """The settings as in a workflow file, with typed secrets. ``known`` are the former settings, if there are any.

    Raises:
        BadParameter: an option is wrong, or the kind would change.
    """
    if known is not None and kind != known["kind"]:
        raise typer.BadParameter(f"The kind stays {known['kind']}: add another destination instead")
    settings = {**(known or {}), "kind": kind, **given}
    secret_of = _SECRETS.get(kind)
    return settings if secret_of is None else settings | secret_of(settings, secrets)


def _database(settings: Settings, secrets: Secrets) -> Settings:
    return {"url": _reference(None, settings.get("url"), "url", URL, secrets)}


def _directory(settings: Settings, secrets: Secrets) -> Settings:
    if "url" in settings and secrets.ask_again:
        return _database(settings, secrets)
    return {}


def _sftp(settings: Settings, secrets: Secrets) -> Settings:
    if secrets.private_key is not None:
        settings.pop("password", None)
        return {"private_key": secrets.private_key}
    if "private_key" in settings and secrets.password is None:
        return {}
    settings.pop("private_key", None)
    return {
        "password": _reference(
            secrets.password, settings.get("password"), "password", "The user's password", secrets
        )
    }


def _platform(settings: Settings, secrets: Secrets) -> Settings:
    if "client" in settings and secrets.token is None and not secrets.ask_again:
        return {}
    settings.pop("client", None)
    return {"token": _reference(secrets.token, settings.get("token"), "token", "The API token", secrets)}


def _http(settings: Settings, secrets: Secrets) -> Settings:
    known: Settings = settings.get("auth") or {}
    way = secrets.auth or next(iter(known), _way(secrets))
    inner: Settings = known.get(way) or {}
    if way == "none":
        settings.pop("auth", None)
        return {}
    if way == "bearer":
        stored = known.get("bearer")
        return {"auth": {"bearer": _reference(secrets.token, stored, "token", "The token", secrets)}}
    if way == "basic":
        stored = inner.get("password")
        password = _reference(secrets.password, stored, "password", "The password", secrets)
        return {"auth": {"basic": _with(inner, user=secrets.auth_user, password=password)}}
    if way == "header":
        value = _reference(secrets.token, inner.get("value"), "token", "The value of the header", secrets)
        return {"auth": {"header": _with(inner, name=secrets.auth_header, value=value)}}
    raise typer.BadParameter(f"--auth is bearer, basic, header or none, not {way}")


def _way(secrets: Secrets) -> str:
    """The kind of authorization that the options imply."""
    if secrets.auth_user is not None:
        return "basic"
    if secrets.auth_header is not None:
        return "header"
    return "none" if secrets.token is None else "bearer"


def _with(known: Settings, **changed: Any) -> Settings:
    return known | {key: value for key, value in changed.items() if value is not None}


def _reference(option: Any, stored: Any, key: str, prompt: str, secrets: Secrets) -> Any:
    """The reference of the option, or the stored one; otherwise a secret that is read from the terminal."""
    if option is not None:
        return option
    if stored is not None and not secrets.ask_again:
        return stored
    return TypedSecret(key, prompts.read_secret(prompt))


_SECRETS: Mapping[str, Callable[[Settings, Secrets], Settings]] = {
    "postgresql": _database,
    "directory": _directory,
    "sftp": _sftp,
    "http": _http,
    "qualtrics": _platform,
}
