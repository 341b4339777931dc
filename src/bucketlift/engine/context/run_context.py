"""One run with its lease and its progress, and the services of its worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bucketlift.engine.context.cancel import Cancelled, StandingCache
from bucketlift.engine.context.lease_check import require_lease, taken_over
from bucketlift.engine.context.progress import Track
from bucketlift.engine.context.spool import Spool
from bucketlift.errors import BucketliftError, LeaseLost
from bucketlift.ledger.ledger import Ledger
from bucketlift.logs import log
from bucketlift.model.claim import Claim, ClaimId, claim_id
from bucketlift.model.load import WriteMode
from bucketlift.model.rows import RefusedRow
from bucketlift.model.run import Fault, Lease, RunId, Standing
from bucketlift.model.source import SourceObject
from bucketlift.model.transforms.row_checks import RowChecks
from bucketlift.model.workflow import Definition, ExtractTask, LoadTask, Workflow
from bucketlift.ports import Clock, Codecs, Connections, Progress
from bucketlift.rules.transforms.fields import checks_of

T = TypeVar("T")
R = TypeVar("R")

THREADS = 8
"""Number of files in progress at the same time.

This number is large enough that the work does not wait for the store's latency, and small enough for the
limits of stores and destinations.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The adapters of one worker, shared by all its runs."""

    ledger: Ledger
    connections: Connections
    codecs: Codecs
    spool: Spool
    clock: Clock
    progress: Progress
    take_slot: Callable[[str, Callable[[], None]], AbstractContextManager[None]]
    """Waits for a slot of a destination, and releases it at the end of the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """One run of one workflow version, and the lease that allows it to write."""

    services: Services
    run: RunId
    lease: Lease
    definition: Definition
    pulse: StandingCache = field(default_factory=StandingCache)
    logged: set[tuple[str, str]] = field(default_factory=set)
    """The errors that are already in the log, because a thousand files may fail for the same reason."""
    track: Track = field(default_factory=Track)
    requested: set[str] = field(default_factory=set)
    """The destinations in which this run has already looked for loads that the ledger lost."""
    refused: dict[ClaimId, dict[int, RefusedRow]] = field(default_factory=dict)
    """The rows that a destination refused in this run, by file and line.

    When the file is read again, these rows become rejects.
    """
    reread: dict[ClaimId, Claim] = field(default_factory=dict)
    """Files that were read again without refused rows, with their new states."""
    is_leaving: Callable[[], bool] = lambda: False
    """Whether this worker is shutting down. If so, it leaves the run to another worker before the next step."""
    _chosen: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        return self.services.ledger

    @property
    def workflow(self) -> Workflow:
        return self.definition.workflow

    @property
    def slug(self) -> str:
        return self.definition.slug

    def task_slug(self, task: str) -> str:
        return self.definition.task_slug(task)

    def claim_id(self, task: str, source: SourceObject) -> ClaimId:
        return claim_id(self.slug, self.task_slug(task), source)

    def now(self) -> datetime:
        return self.services.clock.now()

    def fault(self, task: str, error: BucketliftError) -> None:
        """Record why a task failed. Only the first error of a task is kept."""
        self.services.ledger.runs.record_fault(self.run, self.lease, task, fault_of(error))
        self.log_once(task, error)

    def log_once(self, task: str, error: BucketliftError) -> None:
        """Write an error to the run's log, unless the log already contains it for this task."""
        if (task, error.what) not in self.logged:
            self.logged.add((task, error.what))
            self.log(f"{error.what}: {error.to}" if error.to else error.what, task=task, level="error")

    def log(self, what: str, *, task: str | None = None, level: str = "info") -> None:
        """Write a line to the run's log. Lines are about batches and tasks, never about single files."""
        self.services.ledger.logs.write(self.run, self.lease, level, what, task=task, now=self.now())
        log.stored(level, what, run=self.run, workflow=self.workflow.key, task=task)

    def report(self, doing: str, task: str, done: int, total: int | None) -> None:
        """Report the progress of a task."""
        self.track.task(doing, task, done, total)
        self.services.progress(doing, task, done, total)

    def log_retry(self, task: str) -> Callable[[BucketliftError, float], None]:
        """The callback that logs each retry with its delay in seconds."""
        return lambda error, seconds: self.log(
            f"{error.what}: another try in {seconds:g} s", task=task, level="warning"
        )

    def check_cancelled(self) -> None:
        """Check that the run may continue. Call this between two pieces of work.

        Raises:
            Cancelled: a person cancelled the run.
            LeaseLost: another worker has taken the run over.
        """
        if self._standing().cancel_asked:
            raise Cancelled

    def check_lease(self) -> None:
        """Check the lease; the checked state is at most a second old.

        Call this right before each request that cannot carry the lease's token, also in a cancelled run.

        Raises:
            LeaseLost: another worker has taken the run over.
        """
        self._standing()

    def check_lease_now(self) -> None:
        """Check the lease directly before a commit in a destination. The ledger is read every time.

        Raises:
            LeaseLost: another worker has taken the run over.
        """
        require_lease(self.services.ledger.runs, self.lease)

    def check_leaving(self) -> None:
        """Check that this worker is not shutting down. Call this before each step.

        Raises:
            LeaseLost: this worker is shutting down.
        """
        if self.is_leaving():
            raise LeaseLost("This worker is shutting down", to=self.workflow.key)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The load tasks that this run's conditions chose. Empty before the conditions are evaluated."""
        if not self._chosen:
            answers = self.services.ledger.runs.get(self.run).answers
            if answers is None:
                return ()
            self._chosen.append(tuple(answers["chosen"]))
        return self._chosen[0]

    def loads_of(self, claim: Claim) -> tuple[LoadTask, ...]:
        """The load tasks for a file.

        They are fixed when the first load of the file starts. Before that, this run's conditions choose them.
        """
        chosen_loads = self.chosen if claim.choice is None else claim.choice
        return tuple(load for load in self.workflow.loads_from(claim.task) if load.id in chosen_loads)

    def choice_of(self, claim: Claim) -> tuple[str, ...] | None:
        """The load tasks to fix for a file of which a load starts; None if they are fixed already."""
        return tuple(load.id for load in self.loads_of(claim)) if claim.choice is None else None

    def _standing(self) -> Standing:
        standing = self.pulse.look(lambda: self.services.ledger.runs.standing(self.run, self.lease))
        if not standing.leased:
            raise taken_over(self.lease)
        return standing

    def extract(self, task: str) -> ExtractTask:
        return next(each for each in self.workflow.extracts if each.id == task)

    def checks(self, extract: ExtractTask) -> RowChecks:
        """The transforms of an extract task's rows, and what the loads of these rows require."""
        return checks_of(self.workflow, extract.id)


def fault_of(error: BucketliftError) -> Fault:
    return Fault(what=error.what, to=error.to, hint=error.hint)


def replaces(workflow: Workflow, extract: ExtractTask) -> tuple[LoadTask, ...]:
    """The loads of an extract task that replace their table with the rows of all its files."""
    loads = workflow.loads_from(extract.id)
    return tuple(load for load in loads if load.target.mode is WriteMode.REPLACE)


def map_concurrent(do: Callable[[T], R], items: Sequence[T]) -> list[tuple[T, R]]:
    """Call ``do`` on all items in several threads. The results are in the order in which the calls end.

    The first error stops all threads and is raised.
    """
    if len(items) <= 1:
        return [(item, do(item)) for item in items]
    left, done = deque(items), list[tuple[T, R]]()
    # Each thread takes its next item: a central dispatcher would wake two threads per item.
    with ThreadPoolExecutor(min(THREADS, len(items))) as pool:
        for thread in [pool.submit(_do_each, do, left, done) for _ in range(min(THREADS, len(items)))]:
            thread.result()
    return done


def _do_each(do: Callable[[T], R], left: deque[T], done: list[tuple[T, R]]) -> None:
    while True:
        try:
            item = left.popleft()
        except IndexError:
            return
        try:
            done.append((item, do(item)))
        except BaseException:
            left.clear()
            raise
