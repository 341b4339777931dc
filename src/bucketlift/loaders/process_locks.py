"""Lets only one thread of this process use a database file at a time."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCKS: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until no other thread of this process uses the file. Threads that use it under another path are
    waited for, too.
    """
    with _LOCKS[os.path.realpath(path)]:
        yield
