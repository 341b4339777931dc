"""Creates a notice if no file arrived by the expected time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bucketlift.errors import LedgerUnavailable, places_of
from bucketlift.ledger.triggers.silences import PURPOSE, SilenceMark
from bucketlift.logs import log
from bucketlift.model.notice import Channel, Notice, Occasion
from bucketlift.model.trigger import Schedule, mark_of
from bucketlift.model.workflow import Workflow
from bucketlift.notices.facts import of_silence
from bucketlift.rules.schedules.clock import CLOCK_STEP
from bucketlift.rules.schedules.firing import latest_fire
from bucketlift.rules.schedules.silence import counted_from
from bucketlift.service.core.app import App

STILL_LOOKING = timedelta(hours=1)
"""If an unfinished run was queued less than this time ago, it may still find the expected file, so the check
waits.
"""

Writes = Callable[[Workflow, Channel, dict[str, Any]], Notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When a workflow expects files, and the channels that get a notice, each with its occasions."""

    workflow: Workflow
    schedule: Schedule
    channels: Mapping[Channel, tuple[Occasion, ...]]


def listen(app: App, write: Writes) -> None:
    """Check all expected times since the last check, and create notices for missing files."""
    marks, expected, now = app.ledger.silences.marks(), _expected(app), app.now()
    if gone := marks.keys() - expected.keys():
        app.ledger.silences.forget(gone)
    for place, each in expected.items():
        if place in marks:
            _try(app, place, each, mark=marks[place], now=now, write=write)
        else:
            app.ledger.silences.begin(*place, now=now)


def expected_by(flow: Workflow) -> tuple[Schedule, ...]:
    """The schedules of the times at which a workflow expects files."""
    own = (entry.expected for entry in flow.notify)
    return tuple(dict.fromkeys(each for each in (flow.expected, *own) if each is not None))


def _expected(app: App) -> dict[tuple[str, str], Expected]:
    """The expectations of enabled workflows, by workflow and name."""
    return {
        (flow.key, mark_of(PURPOSE, schedule)): Expected(
            workflow=flow, schedule=schedule, channels=_channels(flow, schedule)
        )
        for flow in app.ledger.catalog.readable()
        if flow.enabled
        for schedule in expected_by(flow)
    }


def _channels(flow: Workflow, schedule: Schedule) -> dict[Channel, tuple[Occasion, ...]]:
    """The channels that get a notice if no file arrives by the times of this schedule."""
    found: dict[Channel, tuple[Occasion, ...]] = {}
    for entry in flow.notify:
        occasions = [each for each in (Occasion.SILENT, Occasion.LATE) if each in entry.when]
        if (entry.expected or flow.expected) == schedule:
            for channel in entry.channels if occasions else ():
                found[channel] = tuple(dict.fromkeys((*found.get(channel, ()), *occasions)))
    return found


def _try(
    app: App, place: tuple[str, str], expected: Expected, *, mark: SilenceMark, now: datetime, write: Writes
) -> None:
    """Check one expectation. An error is logged and does not stop the check of the others."""
    try:
        _judge(app, place, expected, mark=mark, now=now, write=write)
    except LedgerUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - an unexpected error must not block the others
        # The error's message is not logged, because it may quote secrets or cells.
        log.error(
            "the check for expected files failed",
            workflow=place[0],
            error=type(error).__name__,
            places=places_of(error),
        )
        app.ledger.silences.settle(*place, since=mark.until, now=SilenceMark(until=now), notices=[])


def _judge(
    app: App, place: tuple[str, str], expected: Expected, *, mark: SilenceMark, now: datetime, write: Writes
) -> None:
    """Create one notice for all expected times since the last check at which files were missing."""
    flow = expected.workflow
    if mark.until > now + CLOCK_STEP:  # the clock was set back since the last check
        app.ledger.silences.settle(
            *place, since=mark.until, now=SilenceMark(until=now, missed=mark.missed), notices=[]
        )
        return
    expected_at = latest_fire(expected.schedule, mark.until, now)
    if expected_at is None or app.ledger.silences.has_unfinished_run(flow.key, since=now - STILL_LOOKING):
        return
    since = counted_from(mark.until, missed=mark.missed, expected=expected_at)
    arrived = app.ledger.silences.arrived(flow.key, since=since)
    notices = [
        write(flow, channel, of_silence(flow, occasions, expected_at=expected_at, since=since))
        for channel, occasions in ({} if arrived else expected.channels).items()
    ]
    heard_now = SilenceMark(until=now, missed=None if arrived else expected_at)
    app.ledger.silences.settle(*place, since=mark.until, now=heard_now, notices=notices)
