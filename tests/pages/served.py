"""`bucketlift serve` as a person starts it: a process of its own, whose console is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("bucketlift")


@dataclass(frozen=True, kw_only=True)
class Console:
    address: str
    """Without a slash at the end."""
    set_up: str | None
    """Where the first administrator is made; printed while there is none."""


@contextmanager
def served(home: Path, environment: Mapping[str, str]) -> Iterator[Console]:
    """The server until the block ends; then it must go in order."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUCKETLIFT_"))
    }
    told = {"BUCKETLIFT_HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **environment}
    with subprocess.Popen(
        [COMMAND, "serve", "--port", "0"],
        env=clean | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield _read(process)
        finally:
            process.terminate()
            ended = process.wait(timeout=120)
    assert ended == 0


def _read(process: subprocess.Popen[str]) -> Console:
    said = ""
    for line in process.stdout or ():
        said += line
        if "Ctrl-C" in line:
            break
    page, set_up = re.search(r"The page: (\S+)/", said), re.search(r"\S+/set-up\?token=\S+", said)
    assert page is not None, said
    return Console(address=page[1], set_up=set_up[0] if set_up else None)
