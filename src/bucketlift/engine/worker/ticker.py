"""Looks at what the clock and finished runs begin, and asks for those runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bucketlift.errors import BucketliftError
from bucketlift.ledger.triggers.schedules import Schedules
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.logs import log
from bucketlift.model.run import Run
from bucketlift.model.trigger import AfterWorkflow, OnEvent, OnSchedule, Schedule, mark
from bucketlift.ports import Clock
from bucketlift.rules.schedule import latest_fire, next_fire, said_of

LOOK_EVERY = timedelta(seconds=30)
"""A changed workflow, a finished run and a due action are seen within this time."""
WRONG_CLOCK = timedelta(hours=6)
"""A mark that lies further ahead was made while the clock was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What a look at the clock led to."""

    asked: tuple[Run, ...]
    """Runs that were asked for, or joined."""
    look_at: datetime
    """When to look again."""


class Ticker:
    """All it knows is in the ledger: any number of tickers ask for each run once, and each may end at any time."""

    def __init__(self, *, definitions: Catalog, schedules: Schedules, clock: Clock) -> None:
        self._definitions = definitions
        self._schedules = schedules
        self._clock = clock
        self._unreadable: set[str] = set()

    def tick(self) -> Ticked:
        """Ask for every run that is due.

        Of the times that passed since the last look, the latest one asks; a run that waits already is joined.

        Raises:
            LedgerUnavailable: nothing is lost; what was due is asked for by the next look.
        """
        now = self._clock.now()
        look_at = now + LOOK_EVERY
        asked: list[Run] = []
        after: list[tuple[str, AfterWorkflow]] = []
        marks = self._schedules.marks()
        for workflow in self._definitions.readable():
            for trigger in workflow.triggers if workflow.enabled else ():
                if isinstance(trigger, OnEvent):
                    continue
                settled = marks.get((workflow.key, mark(trigger)))
                if settled is None:
                    self._schedules.begin(workflow.key, mark(trigger), now=now)
                    settled = now
                if isinstance(trigger, OnSchedule):
                    asked += self._due(workflow.key, trigger, settled, now)
                    look_at = min(look_at, self._next(workflow.key, trigger.schedule, now) or look_at)
                else:
                    after.append((workflow.key, trigger.after))
        asked += self._schedules.follow(after, now=now)
        asked += self._schedules.act(now=now)
        return Ticked(asked=tuple(asked), look_at=look_at)

    def _due(self, workflow: str, trigger: OnSchedule, settled: datetime, now: datetime) -> tuple[Run, ...]:
        name = mark(trigger)
        if settled > now + WRONG_CLOCK:
            log.warning("schedule was settled by a wrong clock", workflow=workflow, settled=str(settled))
            self._schedules.settle(workflow, name, settled=settled, until=now)
            return ()
        try:
            moment = latest_fire(trigger.schedule, settled, now)
        except Exception as error:  # noqa: BLE001 - one schedule must not keep the others from beginning
            self._tell(workflow, error)
            return ()
        if moment is None:
            return ()
        said = said_of(trigger.schedule, moment)
        run = self._schedules.fire(workflow, name, settled=settled, until=moment, trigger=said, now=now)
        if run is None:
            return ()
        log.info("run asked", run=run.id, workflow=workflow, trigger=said)
        return (run,)

    def _next(self, workflow: str, schedule: Schedule, now: datetime) -> datetime | None:
        try:
            return next_fire(schedule, now)
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(workflow, error)
            return None

    def _tell(self, workflow: str, error: Exception) -> None:
        """Of a schedule that an earlier version stored unread; once, for each look would say it again."""
        if workflow not in self._unreadable:
            self._unreadable.add(workflow)
            said = str(error) if isinstance(error, BucketliftError) else type(error).__name__
            log.warning("schedule cannot be read", workflow=workflow, error=said)
