"""What all contenders of one benchmark share: sizes, folders, the servers, and who can be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks import employees
from benchmarks.employees import Data
from benchmarks.measuring import MB
from benchmarks.peers import PEERS, Environment, NotInstallable, environment_of
from benchmarks.postgresql import Postgresql, running
from benchmarks.serving import Server, serving
from benchmarks.sizes import Sizes

MOST_IN_MEMORY = 256 * MB
MOST_FILES_IN_MEMORY = 2_000
_UNWANTED = ("BUCKETLIFT_", "AWS_", "PG", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""Variables of the person's own, which would change what is measured."""


@dataclass(kw_only=True)
class Scene:
    """``server`` is ``moto``, ``double``, or ``auto``: moto where it can hold all data in memory."""

    cache: Path
    sizes: Sizes
    peers: tuple[str, ...]
    server: str
    limit: float
    _stack: ExitStack = field(default_factory=ExitStack)
    _servers: dict[str, Server] = field(default_factory=dict)
    _full_of: dict[str, Path] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.cache / "data" / f"form-{employees.FORM}"

    @cached_property
    def sample(self) -> Path:
        return employees.sample(self.data)

    @cached_property
    def postgresql(self) -> Postgresql:
        """Started with the first contender that needs it."""
        return self._stack.enter_context(running())

    def s3(self, data: Data, *, keep: bool = False) -> Server:
        """A server whose bucket has this data under ``in/``. With ``keep`` nobody deletes it."""
        kind = self.server
        if kind == "auto":
            kind = "moto" if data.bytes <= MOST_IN_MEMORY and data.files <= MOST_FILES_IN_MEMORY else "double"
        server = self._server(kind)
        if not keep or self._full_of.get(kind) != data.path:
            server.fill(data.path)
        self._full_of[kind] = data.path if keep else Path()
        return server

    def listing_only(self) -> Server:
        """A server with a bucket of ``known_keys`` objects that are listed and never read."""
        return self._server("double")

    def _server(self, kind: str) -> Server:
        if kind not in self._servers:
            context = serving(kind, self.cache / f"s3-{kind}", known=self.sizes.known_keys)
            self._servers[kind] = self._stack.enter_context(context)
        return self._servers[kind]

    def environment_of(self, peer: str) -> Environment:
        """Raises NotInstallable, also where the person left the peer out."""
        if peer not in self.peers:
            raise NotInstallable("left out (--peers)")
        return environment_of(PEERS[peer], self.cache)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A fresh one for one run of one contender."""
        folder = self.cache / "run"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # What earlier contenders left to be written would slow the next one down.
        os.sync()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """This process's own, without what would change the measured ones."""
        return {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}

    def prepare(self, command: list[str | Path], folder: Path, environment: dict[str, str]) -> str:
        """A command before the clock starts; what it printed."""
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, input="\n"
        )
        if ended.returncode != 0:
            sys.stderr.write(ended.stdout + ended.stderr)
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {ended.returncode}")
        return ended.stdout

    def close(self) -> None:
        self._stack.close()
