"""What is still to be done to source objects after their commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import ClaimId, Delayed, PendingAction
from bucketlift.model.run import Lease, RunId
from bucketlift.model.source import Place
from bucketlift.model.workflow import AfterImport


class Outbox(Protocol):
    def commit(
        self, lease: Lease, files: Sequence[tuple[ClaimId, AfterImport]], *, now: datetime
    ) -> frozenset[ClaimId]:
        """Say that files are committed everywhere, and what is to be done to their objects.

        The action is fixed here. A file that is kept is done at once; one that a person put on hold
        meanwhile is left as it is.
        """
        ...

    def due(
        self, workflow: str, *, now: datetime, limit: int, after: ClaimId | None = None
    ) -> list[PendingAction]:
        """Actions to take now, by claim id; ``after`` goes on behind one."""
        ...

    def copied(self, lease: Lease, done: Sequence[tuple[ClaimId, Place]], *, now: datetime) -> set[ClaimId]:
        """Verified copies are at these places; the claims whose action is still pending."""
        ...

    def send(self, lease: Lease, claims: Collection[ClaimId], *, now: datetime) -> set[ClaimId]:
        """Mark deletes as sent, just before they are. Those that a person held meanwhile are left out."""
        ...

    def finish(
        self, lease: Lease, results: Sequence[tuple[ClaimId, bool, str | None]], *, now: datetime
    ) -> None:
        """The source objects are out of our hands: (claim, removed, note).

        ``removed``: nothing is under the key any more, so the same bytes there are a new arrival.
        """
        ...

    def reopen(self, lease: Lease, claims: Collection[ClaimId], *, now: datetime) -> None:
        """Let actions wait again that had ended because the object was replaced: it was not."""
        ...

    def hold(
        self, lease: Lease, run: RunId, held: Sequence[tuple[ClaimId, str, str, str]], *, now: datetime
    ) -> None:
        """Loaded, but the action needs a person: (claim, reason, what, hint)."""
        ...

    def note(self, lease: Lease, notes: Sequence[tuple[ClaimId, str]], *, now: datetime) -> None:
        """Why an action waits: for another workflow, or for another try."""
        ...

    def delayed(self, claims: Collection[ClaimId]) -> dict[ClaimId, Delayed]:
        """Those of the claims whose action waits until its delay is over, or is held meanwhile."""
        ...
