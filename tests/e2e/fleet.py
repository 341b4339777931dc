"""Standing workers of one installation, each the installed command in a process and home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from e2e.world import COMMAND, World


@dataclass(kw_only=True)
class Standing:
    """``serve`` or ``worker``, at work."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    """What it said when it began: its id, name and address."""

    def told(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)


@dataclass(kw_only=True)
class Fleet:
    world: World
    database: str
    """The URL of the ledger's database."""
    workers: list[Standing] = field(default_factory=list)

    def start(self, kind: str = "worker", *options: str, **environment: str) -> Standing:
        """Begin a worker; it is at work when this returns."""
        home = self.world.root / f"home-{len(self.workers)}"
        with home.with_suffix(".log").open("w") as log:
            process = subprocess.Popen(
                [COMMAND, kind, *options, "--json"],
                env={**self.world.whole_environment, "BUCKETLIFT_HOME": str(home), **environment},
                cwd=self.world.root,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.rstrip() == "}":
                break
        standing = Standing(process=process, said=json.loads(said))
        self.workers.append(standing)
        return standing

    def at(self, workflow: str) -> Standing:
        """The worker that holds a workflow's lease."""
        (found,) = self.ask("SELECT holder FROM leases WHERE workflow = %s", workflow)
        return next(each for each in self.workers if each.said["worker"] == found[0])

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the ledger."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def end(self) -> None:
        for each in self.workers:
            if each.process.poll() is None:
                each.told(signal.SIGKILL)
            each.process.communicate()


@contextmanager
def fleet(world: World, database: str) -> Iterator[Fleet]:
    """Commands of this world use the fleet's ledger from now on."""
    world.environment["BUCKETLIFT_DATABASE_URL"] = database
    made = Fleet(world=world, database=database)
    try:
        yield made
    finally:
        made.end()
