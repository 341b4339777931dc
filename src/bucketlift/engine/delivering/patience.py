"""Waits for a destination that asks to wait, or that still works on a chunk, for a limited time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bucketlift.engine.context.cancel import elapsed
from bucketlift.engine.context.run_context import RunContext

FIRST = 0.5
"""Seconds before the second call, if the destination does not say how long to wait."""
LONGEST = 30.0
"""Maximum seconds between two calls, unless the destination asks for more."""
STEP = 1.0
"""Seconds between two checks whether the run was cancelled."""
LIMIT = 120.0
"""Seconds for which one chunk may wait. Afterwards its file is left to the next run."""
LIMIT_JOB = 900.0
"""Seconds for which a job of a destination may work on one chunk."""


@dataclass(kw_only=True)
class Patience:
    """The waits of one chunk. Each wait is twice as long as the one before."""

    context: RunContext
    limit: float
    next: float = FIRST
    waited: float = 0.0

    def wait(self, asked: float | None = None) -> bool:
        """Wait before the next call. False, without a wait, if that would exceed the limit.

        ``asked``: the seconds that the destination asked for.

        Raises:
            Cancelled, LeaseLost: the run does not continue here.
        """
        seconds = self.next if asked is None else asked
        if self.waited + seconds > self.limit:
            return False
        self.next = min(self.next * 2, LONGEST)
        self.waited += seconds
        end = elapsed() + seconds
        while (left := end - elapsed()) > 0:
            self.context.check_cancelled()
            self.context.check_leaving()
            threading.Event().wait(min(left, STEP))
        return True


def patience(context: RunContext) -> Patience:
    return Patience(context=context, limit=LIMIT)


def patience_with_job(context: RunContext) -> Patience:
    return Patience(context=context, limit=LIMIT_JOB)
