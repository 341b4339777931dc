"""Decides whether two destinations are the same database, folder or receiver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from bucketlift.model.account import (
    DestinationSettings,
    DirectoryDestination,
    DuckdbDestination,
    HttpDestination,
    LocalFolder,
    PostgresqlDestination,
    QualtricsDestination,
    S3Prefix,
    SecretRef,
    SftpServer,
    SqliteDestination,
    worker_of,
)
from bucketlift.rules.loops import StoreOf

UrlOf = Callable[[SecretRef], str | None]
"""Reads the URL of a database from its secret. The result is None if the secret cannot be read."""
_LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What the comparison of two destinations needs from outside."""

    store_of: StoreOf
    real_path: Callable[[str], str]
    """A path without links, so that two spellings of one path are equal."""
    url_of: UrlOf


def no_url(secret: SecretRef) -> None:
    """The lookup without an installation, which cannot read secrets."""


def same_place(one: DestinationSettings, other: DestinationSettings, lookup: Lookup) -> bool:
    """Whether both destinations are in the same database, directory, bucket, server or machine. Inside it, tables,
    lists and file names decide.
    """
    workers = worker_of(one), worker_of(other)
    if None not in workers and workers[0] != workers[1]:
        return False
    if isinstance(one, LocalFolder) and isinstance(other, LocalFolder):
        return True
    files = _file(one), _file(other)
    if files[0] is not None and files[1] is not None:
        return lookup.real_path(files[0]) == lookup.real_path(files[1])
    if _schema(one) != _schema(other):
        return False
    urls = _url(one), _url(other)
    if urls[0] is not None and urls[1] is not None:
        return _same_database(urls[0], urls[1], lookup)
    address = _address(one, lookup)
    return address is not None and address == _address(other, lookup)


def _file(settings: DestinationSettings) -> str | None:
    if isinstance(settings, DuckdbDestination | SqliteDestination | DirectoryDestination):
        return settings.path
    return None


def _url(settings: DestinationSettings) -> SecretRef | None:
    if isinstance(settings, PostgresqlDestination | DirectoryDestination):
        return settings.url
    return None


def _schema(settings: DestinationSettings) -> str | None:
    """The schema of a directory. For tables, their qualified names are compared instead."""
    if isinstance(settings, DirectoryDestination) and settings.url is not None:
        return settings.schema
    return None


def _same_database(one: SecretRef, other: SecretRef, lookup: Lookup) -> bool:
    if one == other:
        return True
    urls = lookup.url_of(one), lookup.url_of(other)
    return urls[0] is not None and urls[1] is not None and database_at(urls[0]) == database_at(urls[1])


def database_at(url: str) -> tuple[str, str, str]:
    """The host, port and database of a PostgreSQL URL. All names of this machine count as one host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", str(parts.port or "")
    except ValueError:
        return ("", "", url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = (given.get("host") or given.get("hostaddr") or unquote(host)).lower().rstrip(".")
    user = unquote(parts.username or "")
    database = given.get("dbname") or unquote(parts.path.strip("/")) or given.get("user") or user
    is_here = host in _LOOPBACK or host.startswith("/")
    return "localhost" if is_here else host, given.get("port") or port or "5432", database


def _address(settings: DestinationSettings, lookup: Lookup) -> tuple[str, ...] | None:
    match settings:
        case HttpDestination():
            return ("http", *_web_address(settings.url))
        case QualtricsDestination():
            return ("platform", *_web_address(settings.address))
        case S3Prefix():
            return ("bucket", lookup.store_of(settings.account), settings.bucket)
        case SftpServer():
            return ("sftp", settings.user, settings.host.lower(), str(settings.port))
        case _:
            return None


def _web_address(url: str) -> tuple[str, str, str, str]:
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return f"{parts.hostname}:{port}", parts.path or "/", parts.query, parts.scheme


def folder_in_place(settings: DestinationSettings, lookup: Lookup) -> str:
    """What is written before each file name in the bucket, on the server or on the machine."""
    match settings:
        case S3Prefix():
            return settings.prefix
        case SftpServer():
            return f"{PurePosixPath(settings.path or '.')}/"
        case LocalFolder():
            return f"{lookup.real_path(settings.path)}/"
        case _:
            return ""
