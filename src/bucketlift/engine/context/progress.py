"""The progress of one run, collected from the threads that do its work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bucketlift.model.advance import Advance, FileAdvance, Sample, TaskAdvance
from bucketlift.model.claim import Claim

SAMPLES = 10
"""Number of samples that are kept to compute a rate. One sample is taken about every second."""


def _utc() -> datetime:
    return datetime.now(UTC)


class FileTrack:
    """The progress of one step of the work on one file. Only one thread updates it, and an update costs
    little.
    """

    def __init__(self, claim: Claim, doing: str, total: int, begun_at: datetime) -> None:
        self._claim = claim
        self._doing = doing
        self._total = total
        self._samples = deque([Sample(at=begun_at, done=0)], maxlen=SAMPLES)
        self.done = 0
        self.rows: int | None = None

    def update(self, done: int, rows: int | None = None) -> None:
        self.done = min(done, self._total)
        self.rows = rows

    def look(self, at: datetime) -> FileAdvance:
        """The present progress. Each call also stores a sample, from which later calls compute the rate."""
        found = FileAdvance(
            file=self._claim.id,
            task=self._claim.task,
            key=self._claim.source.key,
            doing=self._doing,
            done=self.done,
            total=self._total,
            rows=self.rows,
            earlier=self._samples[0],
        )
        self._samples.append(Sample(at=at, done=found.done))
        return found


class Track:
    """The files and tasks that are in progress now.

    Finished files are removed. Several threads may use a track at the same time.
    """

    def __init__(self, now: Callable[[], datetime] = _utc) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskAdvance] = {}
        self._files: dict[str, FileTrack] = {}

    def task(self, doing: str, task: str, done: int, total: int | None) -> None:
        with self._lock:
            self._tasks[task] = TaskAdvance(task=task, doing=doing, done=done, total=total)

    @contextmanager
    def file(self, claim: Claim, doing: str, *, total: int) -> Iterator[FileTrack]:
        """Track the progress of a file while the block lasts. Yields the file's track."""
        tracked = FileTrack(claim, doing, total, self._now())
        with self._lock:
            self._files[claim.id] = tracked
        try:
            yield tracked
        finally:
            with self._lock:
                self._files.pop(claim.id, None)

    def look(self) -> Advance:
        at = self._now()
        with self._lock:
            tasks, files = tuple(self._tasks.values()), list(self._files.values())
        return Advance(at=at, tasks=tasks, files=tuple(each.look(at) for each in files))
