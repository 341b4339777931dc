"""Lets the threads of this process use one database file one at a time."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TURNS: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait for this process's other users of the same file, also if they use another path to it."""
    with _TURNS[os.path.realpath(path)]:
        yield
