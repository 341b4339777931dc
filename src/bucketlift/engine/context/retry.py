"""Tries again what may succeed on a second try, a bounded number of times."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from bucketlift.errors import BucketliftError, LeaseLost, ObjectChanged, ObjectGone, Transient

T = TypeVar("T")

WAITS = (0.2, 1.0, 3.0)
"""Seconds before each further try. The clients below retry throttling by themselves already."""


def retry_transient(
    do: Callable[[], T],
    *,
    waits: tuple[float, ...] = WAITS,
    tell: Callable[[BucketliftError, float], None] | None = None,
) -> T:
    """Do it; after a Transient error, wait and do it again. The last error is raised.

    What another try cannot change is raised at once: a changed or missing object, a lost lease. ``tell`` hears of
    each error that is waited out, and of the seconds.
    """
    for wait in waits:
        try:
            return do()
        except (ObjectChanged, ObjectGone, LeaseLost):
            raise
        except Transient as error:
            if tell is not None:
                tell(error, wait)
            threading.Event().wait(wait)
    return do()
