"""Creates a notice if a scheduled run does not end in time."""

from __future__ import annotations

from datetime import datetime

from bucketlift.errors import LedgerUnavailable, places_of
from bucketlift.ledger.triggers.silences import LATE, SilenceMark
from bucketlift.logs import log
from bucketlift.model.notice import Notice, Occasion
from bucketlift.model.trigger import OnSchedule, Schedule, mark_of
from bucketlift.model.workflow import Workflow
from bucketlift.notices.facts import of_late_run
from bucketlift.rules.health.lateness import GRACE, allowed, is_reported
from bucketlift.rules.schedules.clock import CLOCK_STEP
from bucketlift.rules.schedules.firing import latest_fire
from bucketlift.service.core.app import App
from bucketlift.service.ops.silence import Writes

DURATIONS = 14
"""Number of earlier runs whose median duration counts."""
Place = tuple[str, str]


def watch(app: App, write: Writes) -> None:
    """Check the scheduled times since the last check, and create notices for runs that are late."""
    marks, scheduled, now = app.ledger.silences.marks(LATE), _scheduled(app), app.now()
    if gone := marks.keys() - scheduled.keys():
        app.ledger.silences.forget(gone)
    for place, (flow, schedule) in scheduled.items():
        if place in marks:
            _try(app, place, flow, schedule, mark=marks[place], now=now, write=write)
        else:
            app.ledger.silences.begin(*place, now=now)


def _scheduled(app: App) -> dict[Place, tuple[Workflow, Schedule]]:
    """The schedules of enabled workflows, by workflow and name."""
    return {
        (flow.key, mark_of(LATE, each.schedule)): (flow, each.schedule)
        for flow in app.ledger.catalog.readable()
        if flow.enabled
        for each in flow.triggers
        if isinstance(each, OnSchedule)
    }


def _try(
    app: App,
    place: Place,
    flow: Workflow,
    schedule: Schedule,
    *,
    mark: SilenceMark,
    now: datetime,
    write: Writes,
) -> None:
    """Check one schedule. An error is logged and does not stop the check of the others."""
    try:
        _check(app, place, flow, schedule, mark=mark, now=now, write=write)
    except LedgerUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - an unexpected error must not block the others
        # The error's message is not logged, because it may quote secrets or cells.
        log.error(
            "the check for late runs failed",
            workflow=place[0],
            error=type(error).__name__,
            places=places_of(error),
        )
        # Later times are checked again, because their runs may still end.
        after = SilenceMark(until=max(mark.until, now - GRACE), missed=mark.missed)
        app.ledger.silences.settle(*place, since=mark.until, now=after, notices=[])


def _check(
    app: App,
    place: Place,
    flow: Workflow,
    schedule: Schedule,
    *,
    mark: SilenceMark,
    now: datetime,
    write: Writes,
) -> None:
    silences = app.ledger.silences
    if mark.until > now + CLOCK_STEP:  # the clock was set back since the last check
        after = SilenceMark(until=now, missed=mark.missed)
        silences.settle(*place, since=mark.until, now=after, notices=[])
        return
    due = latest_fire(schedule, mark.until, now - GRACE)
    if due is None:
        return
    if silences.has_ended(flow.key, since=due):
        silences.settle(*place, since=mark.until, now=SilenceMark(until=due), notices=[])
        return
    is_running = silences.has_unfinished_run(flow.key, since=mark.until)
    if is_running and now - due < allowed(silences.durations(flow.key, limit=DURATIONS)):
        return
    missed = mark.missed
    if missed is not None and silences.has_ended(flow.key, since=missed):
        missed = None
    notices: list[Notice] = []
    if not is_reported(missed, due):
        missed, body = due, of_late_run(flow, expected_at=due, is_running=is_running)
        entries = [entry for entry in flow.notify if Occasion.LATE in entry.when]
        channels = dict.fromkeys(channel for entry in entries for channel in entry.channels)
        notices = [write(flow, channel, body) for channel in channels]
    silences.settle(*place, since=mark.until, now=SilenceMark(until=due, missed=missed), notices=notices)
