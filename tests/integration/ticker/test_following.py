"""Workflows that begin after others, and runs for actions that have become due."""

from __future__ import annotations

from datetime import timedelta

from bucketlift.model.lifecycle import RunState
from builders import NOON
from integration.ticker.scene import after, cron


def later(scene, **step):
    scene.clock.at += timedelta(**step)


def test_a_finished_run_begins_its_follower_once(scene):
    scene.save("first")
    scene.save("second", after("first"))
    later(scene, minutes=1)
    run = scene.run("first")

    asked, again = scene.tick(), scene.tick()

    assert (asked, again) == ([("second", f"after first {run.id}")], [])


def test_a_run_that_finished_while_no_ticker_was_there_is_followed_too(scene):
    scene.save("first")
    scene.save("second", after("first"))
    scene.tick()
    later(scene, days=3)
    run = scene.run("first")
    later(scene, days=3)

    assert scene.tick() == [("second", f"after first {run.id}")]


def test_a_run_that_finished_after_the_clock_was_set_back_is_followed(scene):
    scene.save("first")
    later(scene, days=1)
    scene.save("second", after("first"))
    later(scene, days=-1)
    run = scene.run("first")

    assert scene.tick() == [("second", f"after first {run.id}")]


def test_runs_that_finish_at_one_moment_or_out_of_order_are_each_followed(scene):
    scene.save("first")
    scene.save("second", after("first"))
    later(scene, hours=1)
    one, two = scene.run("first"), scene.run("first")
    scene.tick()
    scene.finish_all("second")
    later(scene, minutes=-30)  # a worker whose clock is behind
    three = scene.run("first")
    later(scene, hours=1)
    scene.tick()

    (joined, straggler) = scene.asked("second")
    assert joined in (f"after first {one.id}", f"after first {two.id}")
    assert straggler == f"after first {three.id}"


def test_only_the_outcomes_that_were_named_are_followed(scene):
    scene.save("first")
    scene.save("glad", after("first"))
    scene.save("sad", after("first", RunState.FAILED, RunState.CANCELLED))
    scene.run("first", RunState.FAILED)
    failed = scene.tick()
    scene.run("first", RunState.SUCCEEDED)
    succeeded = scene.tick()

    assert ([key for key, _ in failed], [key for key, _ in succeeded]) == (["sad"], ["glad"])


def test_what_finished_before_it_was_to_be_followed_is_not_followed(scene):
    scene.save("first")
    scene.run("first")
    later(scene, minutes=1)
    scene.save("second", after("first"))

    assert scene.tick() == []


def test_what_finishes_while_the_follower_is_switched_off_is_not_followed(scene):
    scene.save("first")
    scene.save("second", after("first"))
    scene.catalog.enable("second", enabled=False, now=NOON)
    later(scene, minutes=1)
    scene.run("first")
    later(scene, minutes=1)
    scene.catalog.enable("second", enabled=True, now=scene.clock.now())

    assert scene.tick() == []


def test_a_chain_goes_on_by_itself(scene):
    scene.save("first", cron("0 13 * * *"))
    scene.save("second", after("first"))
    scene.save("third", after("second"))
    later(scene, hours=1)
    began = []
    for key in ("first", "second", "third"):
        began += [workflow for workflow, _ in scene.tick()]
        scene.finish_all(key)

    assert began == ["first", "second", "third"]


def test_two_that_finish_begin_one_run_of_what_follows_both(scene):
    scene.save("one")
    scene.save("two")
    scene.save("both", after("one"), after("two"))
    scene.run("one")
    scene.run("two")
    scene.tick()

    assert len(scene.asked("both")) == 1


def test_a_run_that_only_acts_on_what_was_loaded_earlier_is_not_followed(scene):
    scene.save("first")
    scene.save("second", after("first"))
    scene.run("first", trigger="outbox")

    assert scene.tick() == []
