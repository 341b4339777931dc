"""How quickly the page answers on an installation with many workflows, runs and held files.

python -m benchmarks page
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.crowd import Crowd
from benchmarks.report import machine
from bucketlift.bootstrap import open_app
from bucketlift.model.user import Role
from bucketlift.service.people import people, sessions
from bucketlift.settings import Settings

FIRST, WARM = 1.0, 0.3
"""Seconds that the first answer of a server, and each later one, may take."""
ROUNDS = 15
PATHS = (
    "/",
    "/?show=attention&page=2",
    "/workflows",
    "/workflows/flow-0007",
    "/workflows/flow-0007/runs",
    "/runs",
    "/runs/run-000007",
    "/files/0000000000000007",
    "/attention",
    "/accounts",
    "/destinations",
    "/people",
    "/me",
)


def main() -> int:
    crowd = Crowd()
    with tempfile.TemporaryDirectory() as folder:
        cookie = _prepared(Path(folder), crowd)
        with _served(Path(folder)) as address:
            first = _asked(address, PATHS[0], cookie)
            warm = {path: [_asked(address, path, cookie) for _ in range(ROUNDS)] for path in PATHS}
    sys.stdout.write(_table(crowd, first, warm))
    slow = first > FIRST or any(median(each) > WARM for each in warm.values())
    return 1 if slow else 0


def _prepared(folder: Path, crowd: Crowd) -> str:
    """Fill the ledger; the cookie of somebody who is signed in."""
    with open_app(Settings(home=folder / "home")) as app:
        crowd.fill(app, folder)
        user = people.add(app, "reader", Role.ADMINISTRATOR, by="a benchmark")
        return f"bucketlift={sessions.begin(app, user, '127.0.0.1')}"


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    # No AWS account of the person's is asked, and the workflows' schedules come due at night only.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUCKETLIFT_"))
    }
    command: list[str | Path] = [Path(sys.executable).with_name("bucketlift"), "serve", "--port", "0"]
    with subprocess.Popen(
        command,
        env=environment | {"BUCKETLIFT_HOME": str(folder / "home"), "AWS_EC2_METADATA_DISABLED": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            yield _address(server)
        finally:
            server.terminate()


def _address(server: subprocess.Popen[str]) -> str:
    for line in server.stdout or ():
        found = re.search(r"The page: http://(\S+)/", line)
        if found:
            return found[1]
    raise RuntimeError("bucketlift serve has ended")


def _asked(address: str, path: str, cookie: str) -> float:
    """Seconds to the last byte of a page, in a connection of its own."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(f"//{address}").netloc, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return time.perf_counter() - began


def _table(crowd: Crowd, first: float, warm: dict[str, list[float]]) -> str:
    here = machine()
    of = f"{crowd.held:,} held files of {crowd.held + crowd.loaded:,}"
    lines = [
        f"{crowd.workflows:,} workflows, {crowd.runs:,} runs, {of}",
        f"{here['processor']}, {here['cores']} cores; load average {here['load_average']}",
        "",
        "| page | median ms | slowest ms | goal |",
        "|---|---|---|---|",
        f"| first answer: {PATHS[0]} | {first * 1000:.0f} | | {FIRST * 1000:.0f} |",
    ]
    for path, times in warm.items():
        lines.append(f"| {path} | {median(times) * 1000:.0f} | {max(times) * 1000:.0f} | {WARM * 1000:.0f} |")
    return "\n".join([*lines, ""])
