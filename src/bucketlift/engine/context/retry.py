"""Calls a function again if it fails with a transient error, up to a maximum number of attempts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from bucketlift.errors import BucketliftError, LeaseLost, ObjectChanged, ObjectGone, Transient

T = TypeVar("T")

WAITS = (0.2, 1.0, 3.0)
"""The seconds to wait before each further attempt. The client libraries already retry throttled requests."""


def retry_transient(
    do: Callable[[], T],
    *,
    waits: tuple[float, ...] = WAITS,
    on_retry: Callable[[BucketliftError, float], None] | None = None,
) -> T:
    """Call ``do``. After a Transient error, wait and call ``do`` again. The error of the last attempt is
    raised.

    Errors that another attempt cannot change are raised immediately: a changed or missing object, a lost
    lease. ``on_retry`` is called with each error after which ``do`` is called again, and with the seconds
    until then.
    """
    for wait in waits:
        try:
            return do()
        except (ObjectChanged, ObjectGone, LeaseLost):
            raise
        except Transient as error:
            if on_retry is not None:
                on_retry(error, wait)
            threading.Event().wait(wait)
    return do()
