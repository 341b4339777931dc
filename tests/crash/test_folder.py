"""Killed beside any of its effects, a run on a folder ends the next time as if nothing had happened."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crash.scene import FULL, Mortals
from e2e.file_world import FileWorld

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CRUCIAL = ("load.commit", "store.copy", "store.delete")


@pytest.mark.parametrize("action", ["delete", {"action": "move", "prefix": "done/"}], ids=["delete", "move"])
def test_a_run_on_a_folder_that_is_killed_is_ended_by_the_next(tmp_path: Path, action) -> None:
    (tmp_path / "drop").mkdir()
    world = FileWorld(root=tmp_path, account={"kind": "folder", "path": "drop", "accept_weak_store": True})
    world.apply(action)
    shutil.copytree(tmp_path / "home", tmp_path / "pristine")

    def begin() -> None:
        world.start_again(tmp_path / "pristine")
        world.put("in/a.csv", (1, "Ann"), (2, "Bob"))
        world.put("in/b.csv", (3, "Cid"))

    with Mortals() as mortals:
        begin()
        passed = mortals.run(world)["points"]
        wanted = world.rows(), world.files()
        crucial = [passed.index(name) + 1 for name in CRUCIAL if name in passed]
        points = range(1, len(passed) + 1) if FULL else crucial
        outcomes = {}
        for point in points:
            for after in (False, True):
                begin()
                died = mortals.run(world, at=point, after=after)
                ended = mortals.run(world)
                outcomes[point, after] = died["code"], ended.get("state"), world.rows(), world.files()

    moved = [] if action == "delete" else ["done/in/a.csv", "done/in/b.csv"]
    assert wanted == ([("1", "Ann"), ("2", "Bob"), ("3", "Cid")], moved)
    assert outcomes == dict.fromkeys(outcomes, (-9, "succeeded", *wanted))
