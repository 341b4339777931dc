"""Runs of the past, page by page and by day, on either kind of ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bucketlift.ledger.runs.history import Day, History, RunFilter
from bucketlift.ledger.workflows.overview import UNREVIEWED
from bucketlift.model.lifecycle import Outcome, RunState
from builders import NOON, a_workflow

DAY = timedelta(days=1)


def run(
    ledger,
    workflow="nightly",
    *,
    at=NOON,
    trigger="demand",
    state=RunState.SUCCEEDED,
    held=1,
    files=0,
    rows=0,
):
    """A run from its beginning to its end."""
    if workflow != "nightly":
        ledger.catalog.save(workflows=(a_workflow(key=workflow),), now=NOON)
    asked = ledger.runs.ask(workflow, 1, trigger=trigger, now=at)
    lease = ledger.runs.take_lease(workflow, "worker-1", lambda _: True)
    ledger.runs.begin(asked.id, lease, worker="worker-1", now=at)
    document = {"tasks": [{"id": "files", "files": {"loaded": files}, "rows": {"loaded": rows}}]}
    ledger.runs.finish(asked.id, lease, state=state, document=document, newly_held=held, now=at)
    return asked.id


@pytest.fixture
def history(ledger):
    ledger.runs.cancel(ledger.run, document={}, now=NOON - 30 * DAY)
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
    return History(ledger.database)


def test_pages_follow_one_another_without_a_gap_though_times_are_the_same(ledger, history):
    runs = sorted([run(ledger) for _ in range(5)], reverse=True)

    pages, before = [], None
    while page := history.page(RunFilter(), before=before, limit=2):
        pages += [each.id for each in page]
        before = (page[-1].asked_at, page[-1].id)

    assert pages == runs


def test_a_line_has_what_the_run_came_to(ledger, history):
    run(ledger, files=3, rows=40)

    (line,) = history.page(RunFilter())

    assert (line.state, line.outcome) == (RunState.SUCCEEDED, Outcome.SUCCEEDED_WITH_ISSUES)
    assert (line.files, line.rows, line.newly_held) == (3, 40, 1)
    assert (line.asked_at, line.finished_at) == (NOON, NOON)


def test_filters_leave_only_what_fits_all_of_them(ledger, history):
    other = run(ledger, "hourly")
    failed = run(ledger, state=RunState.FAILED)
    scheduled = run(ledger, trigger="schedule 2026-03-02T02:00-07:00", at=NOON + DAY)

    def found(**wanted):
        return [each.id for each in history.page(RunFilter(**wanted))]

    assert found(workflow="hourly") == [other]
    assert found(outcomes=[Outcome.FAILED]) == [failed]
    assert found(outcomes=[Outcome.SUCCEEDED]) == []
    assert found(outcomes=[Outcome.SUCCEEDED_WITH_ISSUES]) == [scheduled, other]
    assert found(trigger="schedule") == [scheduled]
    assert found(since=NOON + DAY) == [scheduled]
    assert found(until=NOON + DAY, workflow="nightly") == [failed]
    assert found(trigger="sched") == []


def test_days_add_up_what_ended_on_them(ledger, history):
    run(ledger, at=NOON - 40 * DAY, files=9)
    run(ledger, files=1, rows=10)
    run(ledger, "hourly", held=0, files=2, rows=20)
    run(ledger, at=NOON + DAY, files=4, rows=40, state=RunState.FAILED)

    every = history.days(RunFilter(), since=NOON - 30 * DAY)
    nightly = history.days(RunFilter(workflow="nightly"), since=NOON - 30 * DAY)

    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert every == (
        Day(day=first, runs=2, with_issues=1, failed=0, files=3, rows=30),
        Day(day=second, runs=1, with_issues=0, failed=1, files=4, rows=40),
    )
    assert [(each.day, each.files) for each in nightly] == [(first, 1), (second, 4)]


def test_unreviewed_runs_are_found_by_an_index_of_their_own(ledger):
    with ledger.database.reading() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by the number of rows")
        plan = connection.execute(sa.text(f"EXPLAIN QUERY PLAN {UNREVIEWED.compile(connection)}")).all()

    assert any("runs_unreviewed" in str(row) for row in plan)
