"""Home: the groups of workflows, and what a line says."""

from __future__ import annotations

import re
from datetime import timedelta

from bucketlift.ledger import tables
from bucketlift.ledger.triggers.silences import SilenceMark
from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import Every, PlainSchedule, mark_of
from bucketlift.rules.health.standing import Health
from bucketlift.rules.health.volume import Usual
from bucketlift.service.workflows import health
from builders import NOON
from integration.web.workflows.conftest import tasks_of

HOUR = timedelta(hours=1)
DAILY = {"every": "day", "at": ["08:00"]}


def tiles(answer):
    found = re.findall(r'health-number">([\d,]+)</span>\s*<span class="health-title">([^<]+)<', answer.text)
    return {title: int(number) for number, title in found}


def titles(answer):
    return re.findall(r'class="fw-medium" href="[^"]*">([^<]*)<', answer.text)


def test_tiles_count_the_workflows_of_each_group_and_filter_the_lines(app, on, published, make, ran, client):
    ran(on("Good"), held=0)
    ran(on("Bad"), state=RunState.FAILED)
    app.ledger.runs.ask(on("Busy"), 1, trigger="demand", now=NOON)
    published("Resting", tasks=tasks_of("Resting"))
    make("New")

    whole, failed = client.get("/"), client.get("/?show=failed")

    assert tiles(whole) == {
        "Failed": 1,
        "Needs attention": 0,
        "Late": 0,
        "Running": 1,
        "Healthy": 2,
        "Off": 2,
    }
    assert titles(whole) == ["Bad", "Busy", "Good", "New", "Resting"]
    assert titles(failed) == ["Bad"]
    assert tiles(failed) == tiles(whole)


def test_a_line_shows_the_last_runs_and_rows_beside_the_usual(on, ran, client, text):
    key = on("Nightly")
    ran(key, at=NOON - 2 * HOUR, state=RunState.FAILED)
    ran(key, at=NOON - HOUR, held=1)
    ran(key, rows=40, usual=Usual(rows=1200, is_unusual=True))

    answer = client.get("/")

    assert 'aria-label="Last 3 runs: 1 failed, 1 succeeded, 1 succeeded with issues"' in answer.text
    assert re.findall(r'<rect class="strip-(\w+)"', answer.text) == [
        "failed",
        "succeeded_with_issues",
        "succeeded",
    ]
    assert "40 unusual, usually about 1,200" in text(answer)


def test_the_strip_holds_the_newest_runs_of_each_workflow_only(app, on, ran):
    first, second = on("First"), on("Second")
    runs = [ran(first, at=NOON + number * HOUR) for number in range(16)]
    other = ran(second)

    found = health.details(app, health.standings(app))

    assert [each.id for each in found[first].runs] == runs[-14:]
    assert [each.id for each in found[second].runs] == [other]


def test_an_unusual_run_needs_attention_until_a_person_reviews_it(app, on, ran, client, as_operator, text):
    run = ran(on("Nightly"), rows=40, usual=Usual(rows=1200, is_unusual=True))

    before, listed = tiles(client.get("/")), text(client.get("/attention"))
    reviewed = as_operator.post("/attention/reviewed", data={"run": run})
    after, left = tiles(client.get("/")), text(client.get("/attention"))

    assert (before["Needs attention"], before["Healthy"]) == (1, 0)
    assert "Nightly: The last run loaded 40 rows, usually about 1,200" in listed
    assert reviewed.headers["location"] == "/attention"
    assert (after["Needs attention"], after["Healthy"]) == (0, 1)
    assert "usually about" not in left


def test_a_missing_file_and_a_missing_run_make_a_workflow_late(app, on, ran, client, text):
    key = on("Nightly", triggers=[{"schedule": DAILY}])
    schedule = PlainSchedule(every=Every.DAY, at=(NOON.replace(hour=8).time(),))
    place = (key, mark_of("late", schedule))
    app.ledger.silences.begin(*place, now=NOON - HOUR)
    app.ledger.silences.settle(
        *place, since=NOON - HOUR, now=SilenceMark(until=NOON, missed=NOON), notices=[]
    )

    late, listed = client.get("/?show=late"), text(client.get("/attention"))
    ran(key, at=NOON + HOUR)
    after = tiles(client.get("/"))

    assert titles(late) == ["Nightly"]
    assert "The run of 2026-03-01 12:00 UTC has not ended." in text(late)
    assert "Nightly: The run of 2026-03-01 12:00 UTC is late" in listed
    assert (after["Late"], after["Healthy"]) == (0, 1)


def test_a_search_finds_tags(app, on, client):
    on("Nightly")
    on("Weekly")
    with app.ledger.database.writing() as connection:
        connection.execute(tables.drafts.delete())

    assert titles(client.get("/?q=week")) == ["Weekly"]
    assert "No matching workflow" in client.get("/?q=nobody").text


def test_groups_are_sorted_by_urgency():
    assert list(Health) == [
        Health.FAILED,
        Health.ATTENTION,
        Health.LATE,
        Health.RUNNING,
        Health.HEALTHY,
        Health.OFF,
    ]
