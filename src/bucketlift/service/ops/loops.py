"""Background work that is repeated in a separate thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from bucketlift.errors import BucketliftError, places_of
from bucketlift.logs import log

LATE = 60.0
"""A loop counts as stuck if it had no successful call for its interval plus this many seconds."""


@dataclass(kw_only=True)
class Loop:
    """Calls ``action`` again and again in a separate thread until the block ends. An error does not stop the
    loop.
    """

    name: str
    action: Callable[[], float | None]
    """The function to call. It returns the number of seconds until the next call, or None for the usual
    interval.
    """
    every: float
    """The usual interval: seconds between two calls."""
    _ended: threading.Event = field(default_factory=threading.Event)
    _well: float = field(default_factory=time.monotonic)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def stuck(self) -> bool:
        return time.monotonic() - self._well > LATE + self.every

    def _run(self) -> None:
        while not self._ended.is_set():
            self._ended.wait(self._run_once())

    def _run_once(self) -> float:
        wanted = None
        try:
            wanted = self.action()
            self._well = time.monotonic()
        except BucketliftError as error:
            log.warning(
                "a background task failed and is tried again soon",
                loop=self.name,
                why=error.what,
                to=error.to,
            )
        except Exception as error:  # noqa: BLE001 - a defect must not stop the loop
            # The error's message is not logged, because it may contain a secret.
            log.error(
                "a background task failed",
                loop=self.name,
                error=type(error).__name__,
                places=places_of(error),
            )
        return self.every if wanted is None else wanted
