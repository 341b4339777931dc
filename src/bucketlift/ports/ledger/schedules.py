"""Up to when each trigger of each workflow is settled, and the runs that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bucketlift.model.run import Run
from bucketlift.model.trigger import AfterWorkflow


class Schedules(Protocol):
    def marks(self) -> dict[tuple[str, str], datetime]:
        """Up to when what has a mark is settled, by workflow and mark."""
        ...

    def begin(self, workflow: str, mark: str, *, now: datetime) -> None:
        """Watch what was never seen before: what came before now is no concern of ours."""
        ...

    def settle(self, workflow: str, mark: str, *, settled: datetime, until: datetime) -> bool:
        """Move a mark that still stands where it was read; nothing is asked."""
        ...

    def fire(
        self, workflow: str, mark: str, *, settled: datetime, until: datetime, trigger: str, now: datetime
    ) -> Run | None:
        """Move a mark and ask a run, or do neither.

        None where somebody else moved it, or the workflow was switched off or deleted meanwhile.
        """
        ...

    def follow(self, followers: Iterable[tuple[str, AfterWorkflow]], *, now: datetime) -> tuple[Run, ...]:
        """Ask the workflows that begin after others: once for each run that finished since the last call."""
        ...

    def act(self, *, now: datetime) -> tuple[Run, ...]:
        """Ask runs for the actions that are due, also of workflows that are switched off."""
        ...
