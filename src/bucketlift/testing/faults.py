"""Faults that tests inject: what fails, at which call, and how often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bucketlift.testing.answer import Answer
from bucketlift.testing.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuses:
    """The call is refused with an error and has no effect."""

    status: int
    code: str
    message: str = ""
    """The error's message. If the caller is of the bucket's own organisation, AWS names the missing
    action in it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Resets:
    """The connection is dropped. With ``after_effect``, the call was executed and only its answer is lost."""

    after_effect: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutsBody:
    """Only this many bytes of the body are sent. Content-Length gives the full number, unless ``honest`` is
    true.
    """

    keep: int
    honest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorruptsByte:
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorWith200:
    """The call has no effect, and the error is only in the body of an answer with status 200."""

    code: str = "InternalError"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparesKeys:
    """DeleteObjects does not delete these keys, and returns this code for each. Without a code, the answer
    does not mention the keys.
    """

    keys: Collection[str]
    code: str = "InternalError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrites:
    """The request is changed before the store reads it, or its answer is changed. ``oddities`` has real
    examples.
    """

    request: Callable[[Request], Request] | None = None
    answer: Callable[[Answer], Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutLength:
    """The body is sent in chunks, without a Content-Length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """A proxy answers in place of the store, with HTML and status 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalls:
    """The body stops after this many bytes, until the event is set or a minute has passed."""

    until: threading.Event
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """A function of the test is called before or after the call takes effect. No lock is held at this time."""

    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None


Fault = (
    Refuses
    | Resets
    | CutsBody
    | CorruptsByte
    | ErrorWith200
    | SparesKeys
    | Rewrites
    | WithoutLength
    | LoginPage
    | Stalls
    | Calls
)

SLOW_DOWN = Refuses(status=503, code="SlowDown")
INTERNAL_ERROR = Refuses(status=500, code="InternalError")


@dataclass(kw_only=True)
class _Planned:
    operation: str
    fault: Fault
    key: str | None
    skip: int
    times: int


class Faults:
    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def add(
        self, operation: str, fault: Fault, *, key: str | None = None, nth: int = 1, times: int = 1
    ) -> None:
        """Inject ``fault`` into the n-th such call from now on, and into the ``times - 1`` calls after it."""
        planned = _Planned(operation=operation, fault=fault, key=key, skip=nth - 1, times=times)
        with self._lock:
            self._planned.append(planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def at(self, operation: str, key: str) -> Fault | None:
        """Count this call. Returns the fault to inject into it; None if there is none."""
        with self._lock:
            for planned in self._planned:
                if planned.operation == operation and planned.key in (None, key) and planned.times > 0:
                    if planned.skip:
                        planned.skip -= 1
                        continue
                    planned.times -= 1
                    return planned.fault
        return None
