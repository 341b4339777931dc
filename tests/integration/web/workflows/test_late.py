"""Late runs and files: who gets a notice, when, and how often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest

from bucketlift.service.ops import lateness, notices
from bucketlift.service.workflows import health
from builders import NOON

HOUR = timedelta(hours=1)
NIGHTLY = {"schedule": {"cron": "0 14 * * *"}}
MAIL = "hr@example.com"


@dataclass(frozen=True)
class At:
    moment: datetime

    def now(self):
        return self.moment


@pytest.fixture
def planned(app):
    """Plan the notices at a time, and return what is planned in all: occasion and recipient."""

    def planning(hours):
        notices.plan(replace(app, clock=At(NOON + hours * HOUR)))
        return [(each.occasion, notices.address(each.channel)) for each in app.ledger.notices.find()]

    return planning


def test_a_run_that_does_not_end_in_time_is_late_and_reported_once_a_day(app, on, planned):
    key = on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])

    counts = [len(planned(hours)) for hours in (0, 2.5, 3.1, 8, 26.9, 27.1)]

    assert counts == [0, 0, 1, 1, 1, 2]
    assert planned(27.1)[0] == ("late", MAIL)
    assert [each.kind.value for each in health.lateness(app)[key]] == ["run"]


def test_a_run_that_ended_is_not_late(app, on, ran, planned):
    key = on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])
    planned(0)
    ran(key, at=NOON + 2.1 * HOUR)

    assert planned(4) == []
    assert health.lateness(app) == {}


def test_a_run_that_started_before_the_scheduled_time_does_not_replace_the_scheduled_run(
    app, on, ran, planned
):
    key = on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])
    planned(0)
    ran(key, at=NOON + 1.9 * HOUR, lasting=0.2 * HOUR)
    app.ledger.runs.ask(key, 1, trigger="schedule", now=NOON + 2 * HOUR)

    assert planned(4) == [("late", MAIL)]
    assert [each.kind.value for each in health.lateness(app)[key]] == ["run"]


def test_a_run_that_was_queued_before_the_scheduled_time_and_started_after_it_is_the_scheduled_run(
    app, on, ran, planned
):
    key = on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])
    planned(0)
    ran(key, at=NOON + 1.9 * HOUR, started=NOON + 2.1 * HOUR)

    assert planned(4) == []


def test_a_failed_check_does_not_settle_times_whose_runs_may_still_end(app, on, planned, monkeypatch):
    on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])
    planned(0)
    monkeypatch.setattr(lateness, "latest_fire", Mock(side_effect=ValueError))
    planned(2.5)
    monkeypatch.undo()

    assert planned(3.1) == [("late", MAIL)]


def test_a_run_that_usually_takes_long_has_twice_its_usual_duration(app, on, ran, planned):
    key = on("Nightly", triggers=[NIGHTLY], notify=[{"when": ["late"], "email": MAIL}])
    ran(key, at=NOON - 24 * HOUR, lasting=3 * HOUR)
    planned(0)
    app.ledger.runs.ask(key, 1, trigger="schedule", now=NOON + 2 * HOUR)

    assert [len(planned(hours)) for hours in (7.9, 8.1)] == [0, 1]


def test_a_file_that_is_missing_at_the_expected_time_of_the_workflow_is_late(app, on, planned):
    on(
        "Nightly",
        expected={"cron": "0 14 * * *"},
        notify=[{"when": ["late"], "email": MAIL}, {"when": ["silent", "late"], "email": "it@example.com"}],
    )

    before, after = (planned(hours) for hours in (0, 2.1))

    assert (before, sorted(after)) == ([], [("late", MAIL), ("silent", "it@example.com")])
    assert [each.kind.value for each in health.lateness(app)["nightly"]] == ["file"]


def test_an_expected_file_is_late_on_home_also_if_there_is_no_recipient(app, on, planned):
    key = on("Nightly", expected={"cron": "0 14 * * *"})

    assert (planned(0), planned(2.1)) == ([], [])
    assert [each.expected_at for each in health.lateness(app)[key]] == [NOON + 2 * HOUR]


def test_nothing_is_late_of_a_workflow_that_is_off(app, on, planned):
    key = on("Nightly", triggers=[NIGHTLY], expected={"cron": "0 14 * * *"})
    planned(0)
    app.ledger.catalog.enable(key, enabled=False, now=NOON)

    assert planned(9) == []
    assert health.lateness(app) == {}
