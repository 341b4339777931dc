"""What a run's answer and its conditions are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bucketlift.model.claim import Tally
from bucketlift.model.run import RunId


class Counts(Protocol):
    def tally(self, run: RunId, task: str) -> list[Tally]:
        """A manifest's files, rows and bytes per state.

        A known file that was read again for a replace unit counts as done where this run loaded it, as staged
        while it is only read, and as retrying where it could not be.
        """
        ...

    def loaded_rows(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """Rows that a load task inserted, updated and left unchanged in this run."""
        ...

    def attention(self, workflow: str) -> int:
        """Files of a workflow that wait for a person now."""
        ...

    def newly_held(self, run: RunId) -> int:
        """Files of a run's manifest that are held now, and files whose action it held."""
        ...
