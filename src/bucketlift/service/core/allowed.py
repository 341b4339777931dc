"""Checks that the operator allows a server or folder that a user names on the page.

The checks are made when a place is saved, and again whenever it is used, because the lists, links and settings may have
changed. Names are compared as texts, so only the operator decides to which address a name resolves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    AccountSettings,
    DestinationSettings,
    DirectoryDestination,
    FolderAccount,
    HttpDestination,
    LocalFolder,
    PostgresqlDestination,
    QualtricsDestination,
    SecretRef,
    SftpServer,
)
from bucketlift.model.sharing import AllowLists

DATABASES = "BUCKETLIFT_ALLOWED_DATABASES"
HOSTS = "BUCKETLIFT_ALLOWED_HOSTS"
FOLDERS = "BUCKETLIFT_ALLOWED_FOLDERS"
PLATFORMS = "BUCKETLIFT_ALLOWED_PLATFORMS"
_PORTS = {"postgresql": 5432, "postgres": 5432, "https": 443, "http": 80}
_PLAIN = re.compile(r"[!-\[\]-~]+")
"""A URL without spaces, control characters and backslashes, which URL parsers read differently."""


class NotAllowedByOperator(RequestWrong):
    """The operator does not allow a place. ``setting`` is the line that an administrator must set to allow it."""

    def __init__(self, what: str, *, to: str, setting: str) -> None:
        super().__init__(
            what, to=to, hint=f"An administrator can allow it with this setting, and a restart: {setting}"
        )
        self.setting = setting


def setting_for(name: str, known: tuple[str, ...], new: str) -> str:
    """The line that adds an entry to an allow-list."""
    return f"{name}={','.join(dict.fromkeys((*known, new)))}"


def require_database(url: str, allowed: AllowLists) -> None:
    """Check that the operator allows the server of a PostgreSQL URL.

    Query parameters are refused, because libpq may read another host from them (``?host=``, ``?hostaddr=``,
    ``?service=``). This includes parameters after a ``#``.
    """
    if set(url) & set("?#,") or not url.isprintable():
        raise RequestWrong(
            "The operator does not allow this database: its URL has options",
            to="url",
            hint="Remove everything after the name of the database. An administrator can add the destination with "
            "`bucketlift destinations add`.",
        )
    address = _address(url, to="url")
    if address not in allowed.databases:
        raise NotAllowedByOperator(
            "The operator does not allow this database",
            to=address,
            setting=setting_for(DATABASES, allowed.databases, address),
        )


def require_receiver(url: str, allowed: AllowLists) -> None:
    """Check that the operator allows the server of an HTTP receiver. Redirects are never followed."""
    if not _PLAIN.fullmatch(url):
        hint = "Remove spaces, backslashes and characters outside of ASCII."
        raise RequestWrong("The address has characters that are not allowed", to="url", hint=hint)
    _require_host(_address(url, to="url"), allowed)


def require_server(host: str, port: int, allowed: AllowLists) -> None:
    """Check that the operator allows a server."""
    _require_host(_host_and_port(host, port), allowed)


def _require_host(address: str, allowed: AllowLists) -> None:
    if address not in allowed.hosts:
        raise NotAllowedByOperator(
            "The operator does not allow this server",
            to=address,
            setting=setting_for(HOSTS, allowed.hosts, address),
        )


def require_folder(path: str, allowed: AllowLists) -> Path:
    """Check that a folder is an allowed one, or below one. Returns it without links and ``..``.

    Raises:
        RequestWrong: the path is not absolute, or the operator does not allow the folder.
    """
    if not path.startswith("/") or "\0" in path:
        hint = "Enter the whole path, such as /srv/exports."
        raise RequestWrong("The path of the folder is not absolute", to="path", hint=hint)
    found = _resolved(path)
    if not any(found.is_relative_to(_resolved(each)) for each in allowed.folders):
        raise NotAllowedByOperator(
            "The operator does not allow this folder",
            to=str(found),
            setting=setting_for(FOLDERS, allowed.folders, str(found)),
        )
    home = _resolved(str(allowed.home))
    if found.is_relative_to(home) or home.is_relative_to(found):
        hint = "Choose a folder outside of it."
        raise RequestWrong(
            "The folder contains Bucketlift's own files, or is among them", to=str(found), hint=hint
        )
    return found


def require_platform(settings: QualtricsDestination, allowed: AllowLists) -> None:
    """Check that the operator allows another address of the hosted platform."""
    if settings.base_url is not None and settings.base_url not in allowed.platforms:
        raise NotAllowedByOperator(
            "The operator does not allow this address of the platform",
            to=settings.base_url,
            setting=setting_for(PLATFORMS, allowed.platforms, settings.base_url),
        )


def allowed_destination(
    settings: DestinationSettings, allowed: AllowLists, reveal: Callable[[SecretRef], str]
) -> DestinationSettings:
    """Check that the operator allows the place of a destination. Returns the settings to use: a folder's path is
    resolved, so that a link that is changed later leads nowhere else.

    Raises:
        RequestWrong: the operator does not allow it.
    """
    match settings:
        case PostgresqlDestination(url=url):
            require_database(reveal(url), allowed)
        case DirectoryDestination(url=url) if url is not None:
            require_database(reveal(url), allowed)
        case HttpDestination():
            require_receiver(settings.url, allowed)
        case SftpServer():
            require_server(settings.host, settings.port, allowed)
        case LocalFolder():
            return replace(settings, path=str(require_folder(settings.path, allowed)))
        case QualtricsDestination():
            require_platform(settings, allowed)
        case _:
            pass
    return settings


def allowed_account(settings: AccountSettings, allowed: AllowLists) -> AccountSettings:
    """Check that the operator allows the folder or server of an account. Returns the settings to use, with a resolved
    path and the same store.

    Raises:
        RequestWrong: the operator does not allow it.
    """
    match settings:
        case FolderAccount():
            path = str(require_folder(settings.path, allowed))
            return replace(settings, path=path, store_name=settings.store_name or settings.path)
        case SftpServer():
            require_server(settings.host, settings.port, allowed)
        case _:
            pass
    return settings


def _address(url: str, *, to: str) -> str:
    """Host and port of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RequestWrong("The port of the URL is not a number", to=to) from None
    return _host_and_port(parts.hostname or "", _PORTS.get(parts.scheme, 0) if port is None else port)


def _host_and_port(host: str, port: int) -> str:
    name = host.lower().removesuffix(".")
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _resolved(path: str) -> Path:
    return Path(path).resolve(strict=False)
