"""History goes when the operator wants it; what was loaded can still be undone, and nothing is loaded again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.bootstrap import open_app
from bucketlift.service.ops.trimming import Trimmer
from bucketlift.service.runs import runs, unloads
from bucketlift.settings import Settings
from e2e.world import counts, extract, load, table_of

pytestmark = pytest.mark.slow

ANN = table_of(("1", "Ann"))
EMPTY_RUNS = 14


@pytest.fixture
def aged(world):
    """A file that was loaded, and runs that found nothing new, all of them long ago."""
    world.apply(extract("keep"), load())
    world.put("in/a.csv", ANN)
    with world.app() as app:
        for _ in range(EMPTY_RUNS + 1):
            runs.start(app, "w")
    with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
        for number, (run,) in enumerate(
            ledger.execute("SELECT id FROM runs ORDER BY finished_at").fetchall()
        ):
            past = datetime.now(UTC) - timedelta(days=100) + timedelta(minutes=number)
            values = (f"{past:%Y-%m-%d %H:%M:%S.%f}", run)
            ledger.execute("UPDATE runs SET noticed = 1, finished_at = ? WHERE id = ?", values)
    return world


def test_after_a_trim_a_file_can_be_unloaded_and_a_run_loads_it_once(aged):
    before = len(aged.command("runs", "list", "--json").json["runs"])

    trimmed = aged.command("db", "trim", "--days", "90", "--json")
    again = aged.run()
    with aged.app() as app:
        out = unloads.unload(app, [each["id"] for each in aged.files()])

    assert (before, trimmed.json) == (15, {"runs": 2, "emptied": 1, "notices": 0})
    assert (again["exit"], counts(again)) == (0, {"known": 1})
    assert (out.rows, aged.rows()) == ({"warehouse.people": 1}, [])


def test_a_standing_process_trims_by_its_setting_and_not_without(aged):
    waits = []
    for days in (None, 90):
        with open_app(Settings(home=aged.home, keep_history_days=days)) as app:
            trimmer = Trimmer(app)
            waits.append((trimmer.step(), len(app.ledger.runs.find())))

    assert waits == [(None, 15), (None, 13)]


def test_history_of_the_last_day_cannot_be_trimmed(world):
    refused = world.command("db", "trim", "--days", "0", "--json")

    assert (refused.code, refused.json["error"]["what"]) == (2, "History is kept for at least one day")
