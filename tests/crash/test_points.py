"""Killed beside any of its effects, a run ends the next time as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bucketlift.engine.cleanup.batch_delete import FEW
from crash.scene import FULL, Mortals, Scene
from e2e.checker import check
from e2e.world import World, extract, load, table_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

MOVE = {"action": "move", "bucket": "archive", "prefix": "done/"}
CRUCIAL = ("load.commit", "store.copy", "store.delete", "store.delete_each")
"""What cannot be undone: the ordinary test run dies right after the first of each."""


def two_files(world: World) -> None:
    world.put("in/a.csv", table_of(("1", "Ann"), ("2", "Bob")))
    world.put("in/b.csv", table_of(("2", "Bobby"), ("3", "Cid")))


def two_files_and_an_archive(world: World) -> None:
    two_files(world)
    world.put("done/in/a.csv", table_of(("9", "Other")), bucket="archive")


def many_files(world: World) -> None:
    for number in range(FEW + 2):
        world.put(f"in/{number:02}.csv", table_of((str(number), f"No {number}")))


SCENES: dict[str, tuple[Any, ...]] = {
    "delete": (two_files, [extract("delete"), load()]),
    "delete many": (many_files, [extract("delete"), load()]),
    "move": (two_files_and_an_archive, [extract(MOVE), load()]),
    "two loaders": (two_files, [extract("delete"), load("people", "upsert"), load("log", "append")]),
    "replace": (two_files, [extract("keep"), load("people", "replace")]),
}


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    with Mortals() as started:
        yield started


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    world = World.at(tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    lay_out, tasks = SCENES[request.param]
    world.apply(*tasks)
    made = Scene(world=world, lay_out=lay_out, tables=tuple(task["id"] for task in tasks if "load" in task))
    made.set_up()
    yield made
    world.server.stop()


def spread(points: list[str], count: int, salt: int) -> list[int]:
    """All of the points (counted from 1) in a full run; else so many, evenly spread."""
    step = 1 if FULL else max(1, len(points) // count)
    return list(range(1 + salt % step, len(points) + 1, step))


@pytest.mark.parametrize("scene", list(SCENES), indirect=True)
def test_a_run_killed_before_any_effect_is_ended_by_the_next(scene, mortals):
    scene.reset()
    passed = mortals.run(scene.world)["points"]
    wanted = scene.outcome()

    outcomes = {}
    for point in spread(passed, 3, len(passed)):
        scene.reset()
        died = mortals.run(scene.world, at=point)
        ended = mortals.run(scene.world)
        outcomes[point, passed[point - 1]] = (died["code"], ended.get("state"), scene.outcome())
        check(scene.world)

    assert outcomes == dict.fromkeys(outcomes, (-9, "succeeded", wanted))


@pytest.mark.parametrize("scene", list(SCENES), indirect=True)
def test_a_run_killed_when_an_effect_is_had_but_not_known_is_ended_by_the_next(scene, mortals):
    scene.reset()
    passed = mortals.run(scene.world)["points"]
    wanted = scene.outcome()
    crucial = [passed.index(name) + 1 for name in CRUCIAL if name in passed]

    outcomes = {}
    for point in spread(passed, len(passed), 0) if FULL else crucial:
        scene.reset()
        died = mortals.run(scene.world, at=point, after=True)
        ended = mortals.run(scene.world)
        outcomes[point, passed[point - 1]] = (died["code"], ended.get("state"), scene.outcome())
        check(scene.world)

    assert outcomes == dict.fromkeys(outcomes, (-9, "succeeded", wanted))


@pytest.mark.skipif(not FULL, reason="takes minutes: make crash")
@pytest.mark.parametrize("scene", list(SCENES), indirect=True)
def test_a_run_killed_again_in_its_recovery_is_ended_by_the_one_after(scene, mortals):
    scene.reset()
    passed = mortals.run(scene.world)["points"]
    wanted = scene.outcome()

    outcomes = {}
    for point in range(2, len(passed) + 1, 4):
        again = 1
        while True:
            scene.reset()
            mortals.run(scene.world, at=point, after=True)
            second = mortals.run(scene.world, at=again, after=bool(point % 8 == 2))
            if second["code"] == 0:
                break
            ended = mortals.run(scene.world)
            outcomes[point, again] = (second["code"], ended.get("state"), scene.outcome())
            check(scene.world)
            again += 4

    assert outcomes == dict.fromkeys(outcomes, (-9, "succeeded", wanted))
