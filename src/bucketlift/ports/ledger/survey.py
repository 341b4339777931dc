"""What the ledger knows about listed keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import Claim, ClaimId, KeyFacts
from bucketlift.model.source import ListedObject, StoreId


class Survey(Protocol):
    def facts(
        self, store: StoreId, bucket: str, page: Sequence[ListedObject], *, workflow: str, task: str
    ) -> list[KeyFacts]:
        """The facts about each listed object, in the page's order (a page of up to 1,000)."""
        ...

    def open_claims(self, workflow: str, task: str) -> dict[ClaimId, Claim]:
        """Those held or unfinished: few, however many objects there are."""
        ...

    def first_listed_at(self, workflow: str, task: str) -> datetime | None:
        """When this task's first listing was complete; None while there was none."""
        ...
