"""Rejects that a person mended, and how far each load of them got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bucketlift.model.claim import ClaimId, ClaimReceipt
from bucketlift.model.mending import MendedRow
from bucketlift.model.replay import Replay, ReplayReceipt
from bucketlift.model.run import Lease, RunId


class Replays(Protocol):
    def pending(self, workflow: str) -> list[Replay]:
        """Those not through, of files that are loaded, in their order."""
        ...

    def rows(self, claim: ClaimId, part: int) -> list[MendedRow]:
        """The mended rows of a replay, in the order of the file."""
        ...

    def strangers(self, replay: Replay) -> list[int]:
        """Lines of its rows that are no rejects of the file: it was read anew since, and judged otherwise."""
        ...

    def receipts(self, claim: ClaimId, part: int) -> dict[str, ReplayReceipt]:
        """What is committed of a replay, per load task."""
        ...

    def begin(self, lease: Lease, replay: Replay) -> bool:
        """Say that a destination may have a receipt of it from now on; False where its rows went over to another."""
        ...

    def record(self, lease: Lease, run: RunId, part: int, receipt: ClaimReceipt) -> None:
        """Keep what a destination committed."""
        ...

    def finish(self, lease: Lease, replay: Replay, *, now: datetime) -> None:
        """It is in every table; its rows count as mended."""
        ...

    def drop(self, lease: Lease, replay: Replay) -> bool:
        """Forget a replay of which nothing was committed, so that its rows can be mended anew."""
        ...

    def loaded(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """Replays that a load task committed in a run, and their rows."""
        ...
