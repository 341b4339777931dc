"""How far each run is that is under way."""

from __future__ import annotations

from typing import Protocol

from bucketlift.model.advance import Advance
from bucketlift.model.run import Lease, RunId


class Advances(Protocol):
    """Information for people: nothing is decided by it."""

    def keep(self, run: RunId, lease: Lease, advance: Advance) -> None:
        """Say how far a run is; nothing where it is over or somebody else's."""
        ...
