"""What may still be written and waited for while one object is unpacked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bucketlift.model.contract import HeldReason, Hold
from bucketlift.model.packing import Bounds


class Refused(Exception):
    """The object cannot be unpacked as it is: it waits for a person."""

    def __init__(self, reason: HeldReason, what: str, hint: str) -> None:
        super().__init__(what)
        self.hold = Hold(reason=reason, what=what, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The bounds of one object, from the moment at which its unpacking begins."""

    bytes: int
    until: float
    """On the monotonic clock."""
    heed: Callable[[], None]
    """Asked now and then; raises where somebody cancelled."""
    task_limit: bool = False
    """The bytes are the task's ``max_bytes``, and not the installation's bound."""

    @staticmethod
    def of(size: int, bounds: Bounds, *, max_bytes: int | None, heed: Callable[[], None]) -> Allowance:
        cap, until = bounds.cap(size), time.monotonic() + bounds.time.total_seconds()
        if max_bytes is not None and max_bytes < cap:
            return Allowance(bytes=max_bytes, until=until, heed=heed, task_limit=True)
        return Allowance(bytes=cap, until=until, heed=heed)

    def check(self, written: int) -> None:
        """Between two pieces of work, with the bytes written so far.

        Raises:
            Refused: they are too many, or it took too long.
        """
        self.heed()
        if written > self.bytes and self.task_limit:
            raise Refused(
                HeldReason.TOO_BIG,
                f"Unpacked, the file is larger than max_bytes ({self.bytes:,})",
                "Accept it to load it all the same, or raise max_bytes.",
            )
        if written > self.bytes:
            raise Refused(
                HeldReason.UNPACKS_TOO_BIG,
                f"Unpacked, the file would be larger than {self.bytes:,} bytes",
                "Look at where it comes from: it may be a bomb. If it is right, raise "
                "BUCKETLIFT_MAX_UNPACKED_BYTES or BUCKETLIFT_MAX_UNPACKED_RATIO, and retry it.",
            )
        if time.monotonic() > self.until:
            raise Refused(
                HeldReason.UNPACKS_TOO_LONG,
                "Unpacking the file took too long",
                "Look at where it comes from: it may be a bomb. If it is right, raise "
                "BUCKETLIFT_MAX_UNPACKING_SECONDS, and retry it.",
            )
