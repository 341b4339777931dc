"""Every run that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import Fault, Lease, Run, RunId, Standing


class Runs(Protocol):
    def get(self, run: str) -> Run: ...

    def unfinished(self, workflow: str) -> tuple[Run, ...]:
        """Runs that somebody began, or that wait, oldest first."""
        ...

    def free(self, at: Callable[[str, str], bool]) -> tuple[str, ...]:
        """Workflows with an unfinished run that nobody is at, the longest waiting first.

        ``at`` says of a workflow and the holder of its lease whether that one is at it.
        """
        ...

    def take_lease(self, workflow: str, holder: str, alive: Callable[[str], bool]) -> Lease | None:
        """Become the one worker that writes for a workflow; None while a live one holds it.

        Each taking raises the token, so that what a former holder still sends is refused.
        """
        ...

    def drop_lease(self, lease: Lease) -> None:
        """Let the next worker in; nothing where the lease is somebody else's by now."""
        ...

    def begin(self, run: RunId, lease: Lease, *, worker: str, now: datetime) -> Run: ...

    def record_answers(self, run: RunId, lease: Lease, answers: Mapping[str, Any]) -> None: ...

    def record_fault(self, run: RunId, lease: Lease, task: str, fault: Fault) -> None:
        """Keep the first error of a task."""
        ...

    def standing(self, run: RunId, lease: Lease) -> Standing:
        """Whether the lease is still the newest, and somebody wants the run to end before its time."""
        ...

    def holds(self, lease: Lease) -> bool:
        """Whether nobody has taken the lease over."""
        ...

    def finish(
        self,
        run: RunId,
        lease: Lease,
        *,
        state: RunState,
        document: dict[str, Any],
        newly_held: int,
        now: datetime,
    ) -> None: ...
