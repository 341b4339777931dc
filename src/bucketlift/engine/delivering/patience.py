"""Waits, for a limited time, if a destination asks us to wait or still works on a chunk."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bucketlift.engine.context.cancel import elapsed
from bucketlift.engine.context.run_context import RunContext

FIRST = 0.5
"""Seconds to wait before the second call, if the destination asks for no particular time."""
LONGEST = 30.0
"""Maximum seconds between two calls, unless the destination asks for a longer time."""
STEP = 1.0
"""Seconds between two checks whether the run was cancelled."""
LIMIT = 120.0
"""Maximum seconds that one chunk waits. Afterwards, the next run delivers its file."""
LIMIT_JOB = 900.0
"""Maximum seconds that a job of a destination may work on one chunk."""


@dataclass(kw_only=True)
class Patience:
    """The waits for one chunk. Each wait is twice as long as the previous one."""

    context: RunContext
    limit: float
    next: float = FIRST
    waited: float = 0.0

    def wait(self, asked: float | None = None) -> bool:
        """Wait before the next call to the destination. If the wait would exceed the limit, return False
        without waiting.

        ``asked``: the seconds for which the destination asked us to wait.

        Raises:
            Cancelled, LeaseLost: this worker must not continue the run.
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
