"""Limits the time in which a page waits for a destination."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import TypeVar

from bucketlift.errors import DestinationBusy

T = TypeVar("T")

ANSWER = 1.2
"""Seconds in which a destination must answer. Otherwise it counts as not reachable."""
LONGEST = 6.0
"""Seconds that a reader may take at most for facts or rows. It stops its statements before."""
_views = BoundedSemaphore(8)


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of work that may take only this long. After that, the work goes on and its result is dropped.

    Raises:
        DestinationBusy: the time is over, or several earlier calls have not ended yet.
    """
    if not _views.acquire(blocking=False):
        raise DestinationBusy(
            "Several views of destinations are waiting for their answers", hint="Try again in a few seconds."
        )
    answers: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def answer() -> None:
        try:
            answers.put((work(), None))
        except Exception as error:  # noqa: BLE001 - it is raised by the caller
            answers.put((None, error))
        finally:
            _views.release()

    # No daemon: when the process ends, a thread inside a database library must not be killed.
    Thread(target=answer, daemon=False).start()
    try:
        result, error = answers.get(timeout=seconds)
    except Empty:
        raise DestinationBusy(
            f"The destination did not answer within {seconds:.0f} second{'s' if seconds >= 2 else ''}",
            hint="Check that it is running and reachable, then reload the page.",
        ) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value] # without an error it is the result of the work
