"""The exact occurrences that each run takes, in their order and batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import ClaimId, Member, Pinned
from bucketlift.model.run import Lease, RunId


class Manifests(Protocol):
    def unpin(self, run: RunId, lease: Lease, task: str | None = None, *, again: bool = False) -> None:
        """Forget a manifest that was not pinned to its end, or one task's part of it.

        With ``again``, only the members that were to be read again for a replace unit.
        """
        ...

    def pin(
        self, run: RunId, lease: Lease, task: str, page: Sequence[tuple[Pinned, int, int]], *, now: datetime
    ) -> None:
        """Name a page of objects in the ledger; each comes with its position and its batch."""
        ...

    def seal(
        self, run: RunId, lease: Lease, batches: Mapping[str, int], known: Mapping[str, int], *, now: datetime
    ) -> None:
        """Say that the manifests of a run are complete.

        ``known`` counts the selected keys that were not taken, of the tasks whose listing was complete.
        """
        ...

    def count_again(self, run: RunId, task: str) -> int:
        """Members that are read again for a replace unit."""
        ...

    def by_modified(self, run: RunId, task: str) -> list[tuple[ClaimId, int]]:
        """A manifest's claims and sizes, the longest unmodified first."""
        ...

    def reorder(self, run: RunId, lease: Lease, task: str, order: Iterable[tuple[ClaimId, int, int]]) -> None:
        """Give each claim of a manifest its position and batch."""
        ...

    def batch(self, run: RunId, task: str, batch: int) -> list[Member]:
        """The members of one batch, in order."""
        ...

    def members(self, run: RunId, task: str) -> list[Member]:
        """All members of a manifest, in order: what a replace unit is made of."""
        ...

    def release(self, run: RunId, lease: Lease, *, what: str, now: datetime) -> None:
        """Let the next run take what a run that broke off had begun with."""
        ...
