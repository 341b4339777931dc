"""Whoever may put an object may choose its key; none of them stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.world import World, brief, decisions, extract, load, table_of
from postgresql import Postgresql

REASON = "the key contains a character that databases cannot store (NUL, or half of a surrogate pair)"


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    if request.param == "postgresql":
        postgresql: Postgresql = request.getfixturevalue("postgresql")
        made.environment["BUCKETLIFT_DATABASE_URL"] = postgresql.database()
        made.environment["BUCKETLIFT_WORKER"] = "w1"
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    place = {"kind": "duckdb", "path": "warehouse.duckdb"}
    place |= {"worker": "w1"} if request.param == "postgresql" else {}
    made.apply(extract("keep"), load(), destinations={"warehouse": place})
    yield made
    made.server.stop()


@pytest.mark.slow
def test_a_key_with_a_nul_is_left_alone_and_told_of_and_the_others_are_loaded(world):
    world.put("in/a.csv", table_of(("1", "x")))
    world.put("in/b\0.csv", table_of(("2", "x")))

    looked = world.look()
    ran = world.run()
    with world.app() as app:
        said = [line.what for line in app.ledger.logs.find(ran["run"]) if line.level == "warning"]

    assert decisions(looked) == {"in/a.csv": ("take", "new"), "in/b\0.csv": ("key-unstorable", REASON)}
    assert (ran["exit"], brief(ran)) == (0, [("in/a.csv", "done", 1, None)])
    assert said == [f"Objects were skipped (1), because {REASON}. The first one is in/b\\x00.csv"]
