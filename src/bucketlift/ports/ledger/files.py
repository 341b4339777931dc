"""Where each occurrence stands for each extract task, its receipts and its rejects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import Claim, ClaimId, ClaimReceipt
from bucketlift.model.lifecycle import FileState
from bucketlift.model.rows import Reject
from bucketlift.model.run import Lease, RunId
from bucketlift.model.transition import Attempt, Explanation, Transition


class Files(Protocol):
    def record(
        self,
        lease: Lease,
        transitions: Sequence[Transition],
        *,
        now: datetime,
        rejects: Mapping[ClaimId, Iterable[Reject]] | None = None,
        staged: tuple[RunId, Collection[ClaimId]] | None = None,
    ) -> frozenset[ClaimId]: ...

    def begin(self, lease: Lease, attempts: Sequence[Attempt], *, now: datetime) -> frozenset[ClaimId]: ...

    def explain(self, lease: Lease, explanations: Sequence[Explanation], *, now: datetime) -> None: ...

    def record_receipts(
        self,
        lease: Lease,
        run: RunId,
        receipts: Sequence[ClaimReceipt],
        choices: Mapping[ClaimId, Sequence[str]],
    ) -> None:
        """Keep what a destination committed, and fix the loads that each file goes to.

        A later load of the same file by the same task takes the former receipt's place.
        """
        ...

    def receipts(self, claims: Collection[ClaimId]) -> dict[ClaimId, dict[str, ClaimReceipt]]:
        """The receipts of these claims, per load task."""
        ...

    def holds_unit(self, workflow: str, task: str) -> bool:
        """Whether a file of the task is held for its own sake, or rests in an archive tier."""
        ...

    def find(
        self,
        *,
        workflow: str | None = None,
        states: Collection[FileState] = (),
        run: RunId | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> list[Claim]:
        """Claims in the order of their keys; of one run: its manifest and what was held earlier."""
        ...

    def through_elsewhere(self, claims: Collection[ClaimId]) -> dict[ClaimId, set[tuple[str, str]]]:
        """The other tasks, (workflow, task), that are through with the same occurrences.

        Committed, or skipped for good: what a condition skipped is still to come.
        """
        ...
