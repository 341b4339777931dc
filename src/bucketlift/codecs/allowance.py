"""The limits for size and time while one object is unpacked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Bounds


class Refused(Exception):
    """The object cannot be unpacked as it is, so the file is held."""

    def __init__(self, reason: HeldReason, what: str, hint: str) -> None:
        super().__init__(what)
        self.hold = Hold(reason=reason, what=what, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The limits for unpacking one object. The time starts when this is created."""

    bytes: int
    until: float
    """The end of the allowed time, on the monotonic clock."""
    check_cancelled: Callable[[], None]
    """A function that is called regularly. It raises if the run was cancelled."""
    task_limit: bool = False
    """Whether the size limit is the ``max_bytes`` of the task, not the limit of the installation."""

    @staticmethod
    def of(
        size: int, bounds: Bounds, *, max_bytes: int | None, check_cancelled: Callable[[], None]
    ) -> Allowance:
        cap, until = bounds.cap(size), time.monotonic() + bounds.time.total_seconds()
        if max_bytes is not None and max_bytes < cap:
            return Allowance(bytes=max_bytes, until=until, check_cancelled=check_cancelled, task_limit=True)
        return Allowance(bytes=cap, until=until, check_cancelled=check_cancelled)

    def check(self, written: int) -> None:
        """Check the limits. Call it between two pieces of work, with the number of bytes written so far.

        Raises:
            Refused: the size or the time limit is exceeded.
        """
        self.check_cancelled()
        if written > self.bytes and self.task_limit:
            raise Refused(
                HeldReason.TOO_BIG,
                f"After unpacking, the file is larger than max_bytes ({self.bytes:,})",
                "Accept the file to load it anyway, or raise max_bytes.",
            )
        if written > self.bytes:
            raise Refused(
                HeldReason.UNPACKS_TOO_BIG,
                f"After unpacking, the file would be larger than {self.bytes:,} bytes",
                "Check where the file comes from: it may be a decompression bomb. If the file is correct, raise "
                "BUCKETLIFT_MAX_UNPACKED_BYTES or BUCKETLIFT_MAX_UNPACKED_RATIO, and retry the file.",
            )
        if time.monotonic() > self.until:
            raise Refused(
                HeldReason.UNPACKS_TOO_LONG,
                "Unpacking the file took too long",
                "Check where the file comes from: it may be a decompression bomb. If the file is correct, raise "
                "BUCKETLIFT_MAX_UNPACKING_SECONDS, and retry the file.",
            )
