"""Waits for Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

CHECK = 0.5
"""Maximum number of seconds after which a signal is handled."""


def wait_for_stop(again: Callable[[], None] | None = None, ended: Callable[[], bool] = lambda: False) -> None:
    """Wait for SIGTERM or Ctrl-C, even if the shell ignores them, as for commands started with ``&``.

    Further signals call ``again``, also after the wait. The wait also ends when ``ended`` returns True.
    """
    stopped = threading.Event()

    def stop(*_: object) -> None:
        if stopped.is_set() and again is not None:
            again()
        stopped.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    # Wait in short intervals: a signal delivered to another thread is handled only when the main thread runs again.
    while not stopped.wait(CHECK) and not ended():
        pass
