"""What one run has at hand."""

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
from bucketlift.model.run import Fault, Lease, RunId, Standing
from bucketlift.model.source import SourceObject
from bucketlift.model.workflow import Definition, ExtractTask, LoadTask, Workflow
from bucketlift.ports import Clock, Codecs, Connections, Progress

T = TypeVar("T")
R = TypeVar("R")

THREADS = 8
"""Files worked on at once: enough to hide a store's latency, few enough for its limits and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The adapters of one worker; the same for all its runs."""

    ledger: Ledger
    connections: Connections
    codecs: Codecs
    spool: Spool
    clock: Clock
    progress: Progress
    turn: Callable[[str, Callable[[], None]], AbstractContextManager[None]]
    """Opens when a load unit may begin in a destination; the turn ends with the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """One run of one workflow version, and the lease that lets us write for it."""

    services: Services
    run: RunId
    lease: Lease
    definition: Definition
    pulse: StandingCache = field(default_factory=StandingCache)
    said: set[tuple[str, str]] = field(default_factory=set)
    """Errors that are in the log already: a thousand files may fail for one reason."""
    track: Track = field(default_factory=Track)
    asked: set[str] = field(default_factory=set)
    """Destinations that were asked, in this run, for loads that the ledger lost."""
    is_leaving: Callable[[], bool] = lambda: False
    """Whether this worker is going down, and leaves the run to another one at its next step."""
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
        """Keep why a task failed; the first fault of a task stays."""
        self.services.ledger.runs.record_fault(self.run, self.lease, task, fault_of(error))
        self.log_once(task, error)

    def log_once(self, task: str, error: BucketliftError) -> None:
        """Put an error into the run's log, however many files it comes up for."""
        if (task, error.what) not in self.said:
            self.said.add((task, error.what))
            self.log(f"{error.what}: {error.to}" if error.to else error.what, task=task, level="error")

    def log(self, what: str, *, task: str | None = None, level: str = "info") -> None:
        """Put a line into the run's log: events of batches and tasks, not of files."""
        self.services.ledger.logs.say(self.run, self.lease, level, what, task=task, now=self.now())
        log.kept(level, what, run=self.run, workflow=self.workflow.key, task=task)

    def report(self, doing: str, task: str, done: int, total: int | None) -> None:
        """How far a task is, for whoever looks on."""
        self.track.task(doing, task, done, total)
        self.services.progress(doing, task, done, total)

    def waits(self, task: str) -> Callable[[BucketliftError, float], None]:
        """Tells the log of another try in so many seconds."""
        return lambda error, seconds: self.log(
            f"{error.what}: another try in {seconds:g} s", task=task, level="warning"
        )

    def check_cancelled(self) -> None:
        """Between two pieces of work.

        Raises:
            Cancelled: somebody cancelled the run.
            LeaseLost: another worker has taken it over.
        """
        if self._standing().cancel_asked:
            raise Cancelled

    def check_lease(self) -> None:
        """Right before each call that no token can refuse, in a run that was cancelled too.

        Raises:
            LeaseLost: another worker has taken the run over; a second ago it had not.
        """
        self._standing()

    def check_lease_now(self) -> None:
        """Last before a commit in a destination: the ledger itself is asked, now.

        Raises:
            LeaseLost: another worker has taken the run over.
        """
        require_lease(self.services.ledger.runs, self.lease)

    def check_leaving(self) -> None:
        """Before each step.

        Raises:
            LeaseLost: this worker is going down.
        """
        if self.is_leaving():
            raise LeaseLost("This worker is going down", to=self.workflow.key)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The load tasks that this run's conditions chose; none before they have."""
        if not self._chosen:
            answers = self.services.ledger.runs.get(self.run).answers
            if answers is None:
                return ()
            self._chosen.append(tuple(answers["chosen"]))
        return self._chosen[0]

    def loads_of(self, claim: Claim) -> tuple[LoadTask, ...]:
        """The loads a file goes to: what the first run that committed it chose, else what this run chose."""
        wanted = self.chosen if claim.choice is None else claim.choice
        return tuple(load for load in self.workflow.loads_from(claim.task) if load.id in wanted)

    def _standing(self) -> Standing:
        standing = self.pulse.look(lambda: self.services.ledger.runs.standing(self.run, self.lease))
        if not standing.leased:
            raise taken_over(self.lease)
        return standing

    def extract(self, task: str) -> ExtractTask:
        return next(each for each in self.workflow.extracts if each.id == task)

    def keys(self, extract: ExtractTask) -> tuple[tuple[str, ...], ...]:
        """The keys of the upserts that take their rows from an extract task, in source fields."""
        loads = self.workflow.loads_from(extract.id)
        return tuple(load.target.key for load in loads if load.target.mode is WriteMode.UPSERT)


def fault_of(error: BucketliftError) -> Fault:
    return Fault(what=error.what, to=error.to, hint=error.hint)


def replaces(workflow: Workflow, extract: ExtractTask) -> tuple[LoadTask, ...]:
    """The loads of an extract task that replace their table by all of its files."""
    loads = workflow.loads_from(extract.id)
    return tuple(load for load in loads if load.target.mode is WriteMode.REPLACE)


def map_concurrent(do: Callable[[T], R], items: Sequence[T]) -> list[tuple[T, R]]:
    """Do the same to all items, several at once; results come as they end. The first error ends it all."""
    if len(items) <= 1:
        return [(item, do(item)) for item in items]
    left, done = deque(items), list[tuple[T, R]]()
    # Each thread goes on to the next item by itself: to hand them out one by one would wake two threads for each.
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
