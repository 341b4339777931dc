"""Runs for actions that have become due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.model.lifecycle import RunState
from bucketlift.model.pause import Pause
from builders import NOON
from integration.ticker.scene import cron

SOON = timedelta(days=7)


@pytest.fixture
def waiting(scene):
    """A scene whose workflow has a file that is to be deleted in seven days."""
    scene.save("nightly", enabled=False)
    scene.run("nightly")
    due(scene, "c1", NOON + SOON)
    return scene


def due(scene, claim: str, moment: datetime, state: ActionState = ActionState.WAITING) -> None:
    """An action as the ledger keeps it; what it would do to which object is of no matter here."""
    common = {"workflow": "nightly", "updated_at": NOON}
    source = {"store": "aws", "bucket": "drop", "key": claim, "occurrence": 1, "etag": "e", "size": 1}
    with scene.database.writing() as connection:
        made = connection.execute(tables.source_objects.insert().values(**source, found_at=NOON))
        (key,) = made.inserted_primary_key or (None,)
        values = {"id": claim, "source": key, "task": "files", "state": "committed", "rows": 1, "rejected": 0}
        connection.execute(tables.claims.insert().values(**values, **common))
        action = {"claim": claim, "action": {"action": "delete"}, "state": state.value, "due_at": moment}
        connection.execute(tables.outbox.insert().values(**action, **common))


def test_a_delayed_action_gets_its_run_when_it_is_due_also_of_a_workflow_that_is_off(waiting):
    waiting.clock.at = NOON + SOON - timedelta(seconds=1)
    before = waiting.tick()
    waiting.clock.at = NOON + SOON

    assert (before, waiting.tick(), waiting.tick()) == ([], [("nightly", "outbox")], [])


def test_an_action_that_stays_due_is_tried_again_every_ten_minutes(waiting):
    waiting.clock.at = NOON + SOON
    began = []
    for minute in range(31):
        waiting.clock.at = NOON + SOON + timedelta(minutes=minute)
        began += [minute for _ in waiting.tick()]
        waiting.finish_all("nightly")

    assert began == [0, 10, 20, 30]


@pytest.mark.slow
def test_an_action_whose_runs_fail_is_tried_less_and_less_often_and_at_least_every_two_hours(waiting):
    began = []
    for minute in range(0, 400, 10):
        waiting.clock.at = NOON + SOON + timedelta(minutes=minute)
        began += [minute for _ in waiting.tick()]
        for run in waiting.runs.unfinished("nightly"):
            waiting.finish(run, RunState.FAILED)

    assert began == [0, 10, 30, 70, 150, 270, 390]


def test_an_action_that_becomes_due_does_not_wait_for_one_that_stays(waiting):
    due(waiting, "c2", NOON + SOON + timedelta(minutes=3))
    began = []
    for minute in range(6):
        waiting.clock.at = NOON + SOON + timedelta(minutes=minute)
        began += [minute for _ in waiting.tick()]
        waiting.finish_all("nightly")

    assert began == [0, 3]


@pytest.mark.parametrize("state", [ActionState.HELD, ActionState.DONE, ActionState.DROPPED])
def test_what_is_held_or_through_begins_no_run(scene, state):
    scene.save("nightly")
    due(scene, "c1", NOON, state)
    scene.clock.at = NOON + SOON

    assert scene.tick() == []


def test_a_run_that_waits_or_is_at_work_acts_by_itself(waiting):
    waiting.clock.at = NOON + SOON
    waiting.runs.ask("nightly", 1, trigger="demand", now=waiting.clock.now())

    assert waiting.tick() == []


def test_nothing_is_begun_while_the_outbox_is_paused(waiting):
    waiting.clock.at = NOON + SOON
    Pauses(waiting.database).pause(Pause(what="restored", paused_at=NOON, look_from=NOON))

    assert waiting.tick() == []


def test_a_deleted_workflow_acts_on_nothing_any_more(waiting):
    waiting.delete("nightly")
    waiting.clock.at = NOON + SOON

    assert waiting.tick() == []


def test_a_schedule_that_comes_due_turns_the_run_for_actions_into_a_whole_one(scene):
    scene.save("nightly", cron("0 14 * * *"))
    due(scene, "c1", NOON + timedelta(minutes=90))
    scene.clock.at = NOON + timedelta(minutes=90)
    scene.tick()
    scene.clock.at = NOON + timedelta(hours=2)
    scene.tick()

    assert scene.asked("nightly") == ["schedule 2026-03-01T14:00+00:00"]
