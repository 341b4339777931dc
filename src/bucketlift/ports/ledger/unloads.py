"""Loads that a person has taken out of their destinations again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import Claim, ClaimId, Loaded
from bucketlift.model.run import Lease


class Unloads(Protocol):
    def loads(self, claims: Collection[ClaimId]) -> dict[ClaimId, list[Loaded]]:
        """The receipts of these claims and of their replays, each with the version of the workflow that wrote it."""
        ...

    def begin(self, lease: Lease, claims: Sequence[Claim], *, now: datetime) -> None:
        """Drop what is still to be done to the objects of these files, and hold the files; all or none.

        Raises:
            RequestWrong: a delete was sent, or a file has moved on since it was read.
        """
        ...

    def finish(self, lease: Lease, claim: ClaimId, *, now: datetime) -> None:
        """The rows of a file are out everywhere: it is as if it had never been loaded, and it waits."""
        ...
