"""Several workers on one PostgreSQL: killed, frozen, drained, and the rows counted."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from bucketlift.model.source import Precondition
from bucketlift.testing.faults import Calls
from e2e.fleet import Fleet, fleet
from e2e.world import World, counts, extract, load, table_of
from integration.postgresql.own_server import own_server
from postgresql import Postgresql

pytestmark = pytest.mark.slow

FILES = 80
"""More than the 64 that are read together, so that a run is also interrupted between two groups."""
ROWS = 20


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql: Postgresql) -> Iterator[World]:
    made = World.at(tmp_path)
    made.environment["WAREHOUSE"] = postgresql.database()
    made.environment["BUCKETLIFT_DATABASE_URL"] = postgresql.database()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.server.stop()


@pytest.fixture
def workers(world: World) -> Iterator[Fleet]:
    with fleet(world, world.environment["BUCKETLIFT_DATABASE_URL"]) as made:
        yield made


def fill(world: World, **options: object) -> None:
    """A workflow into PostgreSQL, and files for it."""
    warehouse = {"kind": "postgresql", "url": {"env": "WAREHOUSE"}, **options}
    world.apply(extract("delete"), load(), destinations={"warehouse": warehouse})
    for number in range(FILES):
        rows = ((f"{number}-{row}", "x") for row in range(ROWS))
        world.put(f"in/{number:04}.csv", table_of(*rows))


def break_in(world: World, operation: str, what: Calls, key: str) -> None:
    """At that object; of deletes in one call at the first that is no probe."""
    if operation == "DeleteObjects":
        world.server.faults.add(operation, what, nth=2)
        return
    # Where the store ignores the ETags in a call about many, each object has a call of its own.
    world.server._store._weak = frozenset({Precondition.DELETE_EACH})
    world.server.faults.add(operation, what, key=key)


def rows(world: World) -> list[tuple[str, ...]]:
    with psycopg.connect(world.environment["WAREHOUSE"]) as connection:
        return sorted(connection.execute("SELECT id, name FROM people").fetchall())


def everything() -> list[tuple[str, ...]]:
    return sorted((f"{number}-{row}", "x") for number in range(FILES) for row in range(ROWS))


def test_a_run_asked_for_elsewhere_is_done_by_a_live_worker_and_followed(world, workers):
    fill(world)
    worker = workers.start()

    ran = world.command("run", "w", "--json")

    assert (ran.code, counts(ran.json)) == (0, {"found": FILES, "loaded": FILES})
    assert workers.ask("SELECT worker FROM runs") == [(worker.said["worker"],)]
    assert rows(world) == everything()


@pytest.mark.parametrize(
    ("operation", "key"),
    [("GetObject", "in/0070.csv"), ("DeleteObject", "in/0040.csv"), ("DeleteObjects", "many")],
    ids=["while it reads", "while it deletes one by one", "while it deletes many at once"],
)
def test_a_killed_workers_run_is_ended_by_another(world, workers, operation, key):
    fill(world)
    for _ in range(2):
        workers.start()
    killed: list[str] = []

    def kill() -> None:
        victim = workers.at("w")
        killed.append(victim.said["worker"])
        victim.told(signal.SIGKILL)

    break_in(world, operation, Calls(before=kill), key)
    ran = world.command("run", "w", "--json")

    assert (ran.code, ran.json["state"]) == (0, "succeeded")
    (ended_by,) = workers.ask("SELECT worker FROM runs")
    assert [ended_by[0]] == [
        each.said["worker"] for each in workers.workers if each.said["worker"] not in killed
    ]
    assert rows(world) == everything()
    assert world.keys() == []


@pytest.mark.parametrize(
    ("operation", "key"),
    [("GetObject", "in/0070.csv"), ("DeleteObject", "in/0040.csv"), ("DeleteObjects", "many")],
    ids=["while it reads", "while it deletes one by one", "while it deletes many at once"],
)
def test_a_frozen_worker_that_wakes_after_another_ended_its_run_does_no_harm(world, workers, operation, key):
    fill(world)
    for _ in range(2):
        workers.start()
    frozen = []

    def freeze() -> None:
        frozen.append(workers.at("w"))
        frozen[0].told(signal.SIGSTOP)

    break_in(world, operation, Calls(before=freeze), key)
    ran = world.command("run", "w", "--json")
    world.put("in/0000.csv", table_of(("later", "x")))
    frozen[0].told(signal.SIGCONT)
    frozen[0].told(signal.SIGTERM)
    left = frozen[0].process.wait(timeout=120)

    assert (ran.code, ran.json["state"]) == (0, "succeeded")
    assert left == 0
    assert rows(world) == everything()
    assert world.keys() == ["in/0000.csv"]


def test_a_worker_that_was_frozen_while_the_ledger_was_upgraded_loads_nothing_and_ends(world, workers):
    fill(world)
    frozen = workers.start()
    world.server.faults.add("GetObject", Calls(before=lambda: frozen.told(signal.SIGSTOP)), key="in/0010.csv")
    world.command("run", "w", "--no-wait")
    os.waitpid(frozen.process.pid, os.WUNTRACED)
    upgraded(workers.database)

    frozen.told(signal.SIGCONT)
    said, _ = frozen.process.communicate(timeout=120)

    assert frozen.process.returncode == 2
    assert json.loads(said)["error"]["what"].startswith("This ledger was written by a newer Bucketlift")
    with psycopg.connect(world.environment["WAREHOUSE"]) as connection:
        assert connection.execute("SELECT to_regclass('people')").fetchone() == (None,)
    assert len(world.keys()) == FILES


def upgraded(ledger: str) -> None:
    """A version of the future has migrated the ledger."""
    with psycopg.connect(ledger) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def test_a_run_whose_ledger_and_destination_crash_in_the_middle_is_taken_up_again(
    world, tmp_path_factory, monkeypatch
):
    with own_server(tmp_path_factory.mktemp("own") / "data") as server:
        for name in ("WAREHOUSE", "BUCKETLIFT_DATABASE_URL"):
            world.environment[name] = server.server.database()
            monkeypatch.setenv(name, world.environment[name])
        fill(world)
        with fleet(world, world.environment["BUCKETLIFT_DATABASE_URL"]) as workers:
            workers.start()
            crash = Calls(before=lambda: server.restart("immediate"))
            world.server.faults.add("GetObject", crash, key="in/0070.csv")

            ran = world.command("run", "w", "--json")

            assert (ran.code, ran.json["state"]) == (0, "succeeded")
            assert rows(world) == everything()
            assert world.keys() == []


def test_a_worker_told_to_go_ends_what_it_began_and_takes_nothing_new(world, workers):
    fill(world)
    going = workers.start()
    world.server.faults.add("GetObject", Calls(before=lambda: going.told(signal.SIGTERM)), key="in/0010.csv")

    ran = world.command("run", "w", "--json")
    after = world.command("run", "w", "--no-wait", "--json")

    assert (ran.code, counts(ran.json)) == (0, {"found": FILES, "loaded": FILES})
    assert going.process.wait(timeout=120) == 0
    assert (after.code, after.json["error"]["what"]) == (2, "No worker is running that can execute this run")
    assert rows(world) == everything()


def test_workers_tell_their_health_and_figures(world, workers):
    fill(world)
    served = workers.start("serve", "--port", "0").said["address"]
    world.command("run", "w", "--json")

    ready = httpx.get(f"{served}/health/ready").json()
    figures = httpx.get(f"{served}/metrics").text.splitlines()

    assert (ready["ready"], ready["ledger"], ready["stuck"]) == (True, "ok", [])
    assert 'bucketlift_attention_files{workflow="w"} 0.0' in figures
    assert 'bucketlift_outbox_actions{workflow="w"} 0.0' in figures
    assert 'bucketlift_workers{kind="serve"} 1.0' in figures


def test_two_workers_do_two_workflows_side_by_side_within_a_destinations_cap(world, workers):
    fill(world, max_parallel=1)
    warehouse = {"kind": "postgresql", "url": {"env": "WAREHOUSE"}, "max_parallel": 1}
    other = {"tasks": [extract("keep"), load(table="others")]}
    world.apply(
        destinations={"warehouse": warehouse}, workflows={"w": [extract("delete"), load()], "v": other}
    )
    for _ in range(2):
        workers.start()
    answers = {}

    def run(workflow: str) -> None:
        answers[workflow] = world.installed("run", workflow, "--json").json["state"]

    both = [threading.Thread(target=run, args=(workflow,)) for workflow in ("v", "w")]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert answers == {"v": "succeeded", "w": "succeeded"}
    assert rows(world) == everything()
    assert workers.ask("SELECT slot, holder FROM slots") == [(0, None)]
