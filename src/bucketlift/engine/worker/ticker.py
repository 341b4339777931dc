"""Requests the runs that schedules start, and those that start after another run has finished."""

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
from bucketlift.rules.schedules.firing import latest_fire, next_fire, run_trigger

LOOK_EVERY = timedelta(seconds=30)
"""Maximum time until the ticker sees a changed workflow, a finished run or a due action."""
WRONG_CLOCK = timedelta(hours=6)
"""Maximum time by which a stored time may be in the future. A later time was stored while the clock was
wrong.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """The result of one tick: the requested runs, and the time of the next tick."""

    asked: tuple[Run, ...]
    """The runs that this tick queued, and the queued runs to which it added its request."""
    look_at: datetime
    """The time of the next tick."""


class Ticker:
    """Requests the runs that are due.

    All of a ticker's state is in the ledger. Several tickers request each run only once, and each may stop at
    any time.
    """

    def __init__(self, *, definitions: Catalog, schedules: Schedules, clock: Clock) -> None:
        self._definitions = definitions
        self._schedules = schedules
        self._clock = clock
        self._unreadable: set[str] = set()

    def tick(self) -> Ticked:
        """Request every run that is due.

        If several times of a schedule passed since the last tick, only the latest one starts a run. If a run
        of the workflow waits already, no second run is queued: the request is added to the waiting one.

        Raises:
            LedgerUnavailable: nothing is lost; the next tick requests the runs that were due.
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
            log.warning(
                "the schedule was marked as done up to a time in the future, because the clock was wrong",
                workflow=workflow,
                settled=str(settled),
            )
            self._schedules.settle(workflow, name, settled=settled, until=now)
            return ()
        try:
            moment = latest_fire(trigger.schedule, settled, now)
        except Exception as error:  # noqa: BLE001 - one schedule must not stop the others
            self._log_unreadable(workflow, error)
            return ()
        if moment is None:
            return ()
        trigger_text = run_trigger(trigger.schedule, moment)
        run = self._schedules.fire(
            workflow, name, settled=settled, until=moment, trigger=trigger_text, now=now
        )
        if run is None:
            return ()
        log.info("run asked", run=run.id, workflow=workflow, trigger=trigger_text)
        return (run,)

    def _next(self, workflow: str, schedule: Schedule, now: datetime) -> datetime | None:
        try:
            return next_fire(schedule, now)
        except Exception as error:  # noqa: BLE001 - as above
            self._log_unreadable(workflow, error)
            return None

    def _log_unreadable(self, workflow: str, error: Exception) -> None:
        """Log a schedule of an earlier version that cannot be read. The line is logged once, not at every
        tick.
        """
        if workflow not in self._unreadable:
            self._unreadable.add(workflow)
            why = str(error) if isinstance(error, BucketliftError) else type(error).__name__
            log.warning("schedule cannot be read", workflow=workflow, error=why)
