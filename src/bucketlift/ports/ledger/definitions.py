"""Workflows as they stand."""

from __future__ import annotations

from typing import Protocol

from bucketlift.model.run import Run
from bucketlift.model.workflow import Definition, Workflow


class Definitions(Protocol):
    def all(self) -> tuple[Workflow, ...]: ...

    def readable(self) -> tuple[Workflow, ...]:
        """Without those that this version cannot read: for those who must not stop for the sake of one."""
        ...

    def of_run(self, run: Run) -> Definition:
        """The run's own version, later ones and a deletion notwithstanding."""
        ...
