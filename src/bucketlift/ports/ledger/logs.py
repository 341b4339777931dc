"""What runs did, in lines for people."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bucketlift.model.run import Lease, RunId


class Logs(Protocol):
    """Never the content of a cell."""

    def say(
        self, run: RunId, lease: Lease, level: str, what: str, *, task: str | None, now: datetime
    ) -> None:
        """Add a line; a run that says very much is cut off with a last one."""
        ...
