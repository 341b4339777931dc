"""Threads of this process that use one database file, one after the other."""

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
    """Wait for this process's other users of the file, whatever name they call it by."""
    with _TURNS[os.path.realpath(path)]:
        yield
