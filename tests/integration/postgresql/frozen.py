"""A worker in a process of its own, which can be stopped at a named moment and woken again.

Run as ``python frozen.py URL SCHEMA MODE IDLE``: it loads 2 rows as load-1, the second one when told to. IDLE is how
many milliseconds the server lets its transaction rest.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bucketlift.errors import BucketliftError
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.loaders.postgresql.connecting import ConnectionTimeouts
from bucketlift.model.load import LoadId, WriteMode
from bucketlift.model.rows import RowStream
from contract.destinations import a_file, a_target, a_unit

TESTS = Path(__file__).parents[2]
PATH = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])


class Worker:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def says(self) -> str:
        """The next thing it says, once it says it."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def a_worker(url: str, schema: str, mode: str, *, idle: int) -> Iterator[Worker]:
    command = [sys.executable, __file__, url, schema, mode, str(idle)]
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": PATH},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            yield Worker(process)
        finally:
            process.kill()


def work(url: str, schema: str, mode: str, idle: str) -> None:
    def rows():
        yield from a_file(("1", "Ada"))
        _say("half")
        sys.stdin.readline()
        yield from a_file(("2", "Grace"))

    unit = a_unit(target=a_target(mode=WriteMode(mode), key=("id",)))
    try:
        timeouts = ConnectionTimeouts(lock=10 * 60_000, idle=int(idle))
        with PostgresqlLoader(url, schema=schema, timeouts=timeouts).begin(unit) as load:
            load.write(LoadId("load-1"), RowStream(schema=a_file().schema, batches=rows()))
            _say("written")
            load.commit()
        _say("committed")
    except BucketliftError as error:
        _say(type(error).__name__)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work(*sys.argv[1:])
