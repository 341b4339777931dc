"""Which processes are at work."""

from __future__ import annotations

from typing import Protocol

from bucketlift.model.worker import WorkerKind


class Workers(Protocol):
    def enter(self, worker: str, *, name: str, host: str, kind: WorkerKind) -> None: ...

    def beat(self, worker: str, *, draining: bool) -> bool:
        """Give a sign of life; False where the worker was forgotten."""
        ...

    def leave(self, worker: str) -> None: ...

    def fresh(self, worker: str) -> bool:
        """Whether a process gave a sign of life lately; one that left or was never here did not."""
        ...
