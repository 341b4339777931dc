"""Lets only one thread of this process use a database file at a time."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bucketlift.errors import DestinationBusy

_LOCKS: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


@contextmanager
def exclusive(path: Path, *, wait: float | None = None) -> Iterator[None]:
    """Wait until no other thread of this process uses the file. Threads that use it under another path are
    waited for, too. ``wait``: the maximum number of seconds; None if there is no limit.

    Raises:
        DestinationBusy: another thread still uses the file.
    """
    lock = _LOCKS[os.path.realpath(path)]
    if not lock.acquire(timeout=-1 if wait is None else wait):
        raise DestinationBusy(
            "A load of this process is using the database file", to=str(path), hint="Try again after the run."
        )
    try:
        yield
    finally:
        lock.release()
