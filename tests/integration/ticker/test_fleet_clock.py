"""A machine whose clock is wrong begins nothing before its time: in a fleet the ledger's clock counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bucketlift.bootstrap import open_app
from bucketlift.bootstrap.clock import SystemClock
from bucketlift.engine.worker.ticker import Ticker
from bucketlift.model.trigger import CronSchedule, OnSchedule
from bucketlift.settings import Settings
from builders import a_workflow

pytestmark = pytest.mark.slow

FAST = timedelta(minutes=10)


def daily_at(moment: datetime) -> OnSchedule:
    return OnSchedule(schedule=CronSchedule(cron=f"{moment.minute} {moment.hour} * * *", timezone="UTC"))


def test_a_worker_whose_clock_is_ten_minutes_fast_fires_nothing_early(tmp_path, postgresql, monkeypatch):
    usual = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda clock: usual(clock) + FAST)
    settings = Settings(home=tmp_path, database_url=postgresql.database())

    with open_app(settings) as app:
        right = app.ledger.database.now()
        soon = (right + timedelta(minutes=5)).replace(second=0, microsecond=0)
        app.ledger.catalog.save(workflows=(a_workflow(triggers=(daily_at(soon),)),), now=right - FAST)
        ticker = Ticker(definitions=app.ledger.catalog, schedules=app.ledger.schedules, clock=app.clock)
        early = ticker.tick()

    assert early.asked == ()
    assert abs(app.now() - right) < timedelta(minutes=1)
