"""A real ledger, a clock that somebody sets, and people who apply workflows and finish runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bucketlift.engine.worker.ticker import Ticker
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.triggers.schedules import Schedules
from bucketlift.ledger.workflows.catalog import Catalog, Removed
from bucketlift.model.lifecycle import RunState
from bucketlift.model.run import Run
from bucketlift.model.trigger import AfterWorkflow, CronSchedule, OnFinish, OnSchedule, Trigger
from builders import NOON, a_workflow


@dataclass
class StoppedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


def cron(expression, timezone="UTC", **dates) -> OnSchedule:
    return OnSchedule(schedule=CronSchedule(cron=expression, timezone=timezone, **dates))


def after(workflow, *when) -> OnFinish:
    return OnFinish(after=AfterWorkflow(workflow=workflow, when=when or (RunState.SUCCEEDED,)))


@dataclass(kw_only=True)
class Scene:
    connect: Callable[[], Database]
    """Another connection to the same ledger, as another process has one."""
    clock: StoppedClock = field(default_factory=StoppedClock)

    def __post_init__(self) -> None:
        self.database = self.connect()
        self.catalog, self.runs = Catalog(self.database), Runs(self.database)

    def ticker(self, database: Database | None = None) -> Ticker:
        """One that knows nothing yet, as after a restart."""
        database = database or self.database
        schedules = Schedules(database)
        return Ticker(definitions=Catalog(database), schedules=schedules, clock=self.clock)

    def save(self, key: str, *triggers: Trigger, enabled: bool = True, **changes) -> None:
        workflow = a_workflow(key=key, triggers=triggers, enabled=enabled, **changes)
        self.catalog.save(workflows=(workflow,), now=self.clock.now())

    def delete(self, key: str) -> None:
        self.catalog.save(removed=Removed(workflows=(key,)), now=self.clock.now())

    def tick(self) -> list[tuple[str, str]]:
        """What a fresh ticker asks for: (workflow, trigger)."""
        return [(run.workflow, run.trigger) for run in self.ticker().tick().asked]

    def finish(self, run: Run, state: RunState = RunState.SUCCEEDED) -> Run:
        lease = self.runs.take_lease(run.workflow, "worker-1", lambda _: False)
        assert lease is not None
        self.runs.begin(run.id, lease, worker="worker-1", now=self.clock.now())
        self.runs.finish(run.id, lease, state=state, document={}, newly_held=0, now=self.clock.now())
        return self.runs.get(run.id)

    def run(self, key: str, state: RunState = RunState.SUCCEEDED, *, trigger: str = "demand") -> Run:
        """A run from its asking to its end."""
        asked = self.runs.ask(key, 1, trigger=trigger, now=self.clock.now())
        return self.finish(asked, state)

    def finish_all(self, key: str) -> None:
        for run in self.runs.unfinished(key):
            self.finish(run)

    def asked(self, key: str) -> list[str]:
        """What each run of a workflow says began it, oldest first."""
        return [run.trigger for run in reversed(self.runs.find(workflow=key, limit=1000))]
