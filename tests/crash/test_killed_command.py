"""The installed command, really killed in the middle of a run, and two of them at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from bucketlift.deliveries.qualtrics.records import IN_CALL
from bucketlift.testing.faults import Calls
from bucketlift.testing.receiver import Receiver
from e2e.checker import check
from e2e.world import (
    COMMAND,
    World,
    counts,
    extract,
    load,
    sorted_rows,
    table_of,
)
from hosted_platform.platform import TOKEN, Platform
from hosted_platform.records import Project

pytestmark = pytest.mark.slow

ANN = table_of(("1", "Ann"), ("2", "Bob"))
CID = table_of(("3", "Cid"))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.server.stop()


def begun(world: World) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "run", "w", "--json"],
        env=world.whole_environment,
        cwd=world.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_at(world: World, operation: str, key: str, *, after: bool) -> None:
    """Run the command and kill -9 it from inside the server, beside one of its calls."""
    command: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def kill() -> None:
        started.wait()
        os.kill(command[0].pid, signal.SIGKILL)
        command[0].wait()

    world.server.faults.add(operation, Calls(after=kill) if after else Calls(before=kill), key=key)
    command.append(begun(world))
    started.set()
    command[0].communicate()
    assert command[0].returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("operation", "key", "after"),
    [
        ("GetObject", "in/a.csv", False),
        ("CopyObject", "old/in/a.csv", True),
        ("DeleteObject", "in/a.csv", False),
    ],
    ids=["while reading", "when a copy is made", "before a delete"],
)
def test_a_command_killed_mid_run_is_followed_by_one_that_ends_it(world, operation, key, after):
    world.apply(extract({"action": "move", "bucket": "archive", "prefix": "old/"}), load())
    world.put("in/a.csv", ANN)
    world.put("in/b.csv", CID)
    kill_at(world, operation, key, after=after)

    again = world.command("run", "w", "--json")

    assert (again.code, again.json["state"]) == (0, "succeeded")
    assert world.rows() == sorted_rows(ANN, CID)
    assert (world.keys(), world.server.objects("archive")) == (
        [],
        {"old/in/a.csv": ANN, "old/in/b.csv": CID},
    )
    check(world, append=("people",))


def test_losing_all_but_the_ledger_after_a_kill_loses_and_repeats_nothing(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    kill_at(world, "DeleteObject", "in/a.csv", after=True)
    for folder in ("spool", "workers"):
        shutil.rmtree(world.home / folder)

    again = world.run()

    assert (again["exit"], counts(again)) == (0, {})
    assert (world.rows(), world.keys()) == (sorted_rows(ANN), [])
    assert world.states() == [("in/a.csv", 1, "done", None)]
    check(world, append=("people",))


def set_clock_back_by_a_day(world: World) -> None:
    """Every sign of life that was given so far lies in the future then."""
    with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE workers SET beat_at = datetime(beat_at, '+1 day')")


def kill_a_server(world: World) -> None:
    served = subprocess.Popen(
        [COMMAND, "serve", "--port", "0"],
        env=world.whole_environment,
        cwd=world.root,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert served.stdout is not None
    assert any("Ctrl-C" in line for line in served.stdout)
    served.kill()
    served.communicate()


def test_a_killed_server_is_waited_for_by_nothing_though_the_clock_was_set_back(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    kill_a_server(world)
    set_clock_back_by_a_day(world)

    ran = world.command("run", "w", "--json")
    kept = world.command("db", "backup", "kept")
    restored = world.command("db", "restore", "kept", "--yes")

    assert (ran.code, counts(ran.json)) == (0, {"found": 1, "loaded": 1})
    assert (kept.code, restored.code) == (0, 0)


def test_a_run_whose_command_was_killed_is_ended_by_cancelling_it(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    kill_at(world, "GetObject", "in/a.csv", after=False)
    (begun,) = world.command("runs", "list", "--json").json["runs"]

    cancelled = world.command("runs", "cancel", begun["run"], "--json")
    again = world.command("run", "w", "--json")

    assert begun["state"] == "running"
    assert (cancelled.code, cancelled.json["state"]) == (0, "cancelled")
    assert (again.code, counts(again.json)) == (0, {"found": 1, "loaded": 1})
    assert world.rows() == sorted_rows(ANN)


def test_two_commands_at_once_run_one_after_the_other(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    second: list[subprocess.Popen[str]] = []

    def begin_another() -> None:
        second.append(begun(world))
        while runs_asked_for(world) < 2:
            threading.Event().wait(0.05)

    world.server.faults.add("GetObject", Calls(before=begin_another))

    first = world.command("run", "w", "--json")

    out, _ = second[0].communicate(timeout=120)
    waited = json.loads(out)
    assert (first.code, counts(first.json)) == (0, {"found": 1, "loaded": 1})
    assert (second[0].returncode, counts(waited)) == (0, {})
    assert waited["started_at"] >= first.json["finished_at"]
    assert world.rows() == sorted_rows(ANN)
    check(world, append=("people",))


def runs_asked_for(world: World) -> int:
    with world.app() as app:
        return len(app.ledger.runs.find(workflow="w"))


@pytest.mark.parametrize(
    "honours_keys", [True, False], ids=["a receiver that honours keys", "one that does not"]
)
def test_a_command_killed_in_a_delivery_of_a_hundred_chunks_sends_no_chunk_twice_unasked(world, honours_keys):
    receiver = Receiver(honours_keys=honours_keys)
    hook = {"kind": "http", "url": receiver.url, "idempotent": honours_keys}
    post = {"from": "files", "to": "hook", "batch": 1, "accept_at_least_once": not honours_keys}
    world.apply(extract("delete"), {"id": "post", "load_rows": post}, destinations={"hook": hook})
    world.put("in/a.csv", table_of(*((str(each), f"name {each}") for each in range(100))))
    command: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def kill(number: int) -> None:
        if number == 50:
            started.wait()
            os.kill(command[0].pid, signal.SIGKILL)
            command[0].wait()

    receiver.on_request = kill
    command.append(begun(world))
    started.set()
    command[0].communicate()
    before = list(receiver.chunks)
    receiver.on_request = lambda _: None
    world.run()
    states = world.states()
    if not honours_keys:
        world.command("deliveries", "confirm", world.files()[0]["id"], "--yes")
        world.run()
    receiver.stop()

    assert command[0].returncode == -signal.SIGKILL
    assert before == list(range(1, 51))
    assert states == [("in/a.csv", 1, *(("done", None) if honours_keys else ("held", "in-doubt")))]
    assert [state for _, _, state, _ in world.states()] == ["done"]
    assert receiver.chunks == list(range(1, 101))
    assert [row["id"] for row in receiver.rows] == [str(each) for each in range(100)]
    assert world.keys() == []


def test_a_command_killed_in_an_import_into_the_platform_adds_no_record_twice(world):
    platform = Platform()
    platform.records.projects["IDP_1"] = Project(unique="id", types={"id": "string", "name": "string"})
    world.environment |= {"QX": TOKEN, "BUCKETLIFT_ALLOWED_PLATFORMS": platform.url}
    settings = {"datacenter": "iad1", "base_url": platform.url, "token": {"env": "QX"}}
    records = {"from": "files", "to": "platform", "project": "IDP_1", "key": "id"}
    rows = [(str(each), f"name {each}") for each in range(IN_CALL * 2 + 1)]
    with mock.patch.dict(os.environ, world.environment):
        world.apply(
            extract("delete"),
            {"id": "records", "load_records": records},
            destinations={"platform": {"kind": "qualtrics", **settings}},
        )
        world.put("in/a.csv", table_of(*rows))
        command: list[subprocess.Popen[str]] = []
        started = threading.Event()

        def kill(number: int) -> None:
            if number == 2:  # the second chunk took effect, and its answer is never read
                started.wait()
                os.kill(command[0].pid, signal.SIGKILL)
                command[0].wait()

        platform.on_change = kill
        command.append(begun(world))
        started.set()
        command[0].communicate()
        before = len(platform.records.projects["IDP_1"].records)
        world.run()
    platform.stop()

    assert (command[0].returncode, before) == (-signal.SIGKILL, IN_CALL * 2)
    assert [state for _, _, state, _ in world.states()] == ["done"]
    assert [tuple(each.values()) for each in platform.records.projects["IDP_1"].records] == rows


def test_two_commands_at_once_send_each_chunk_once(world):
    receiver = Receiver(honours_keys=False)
    hook = {"kind": "http", "url": receiver.url}
    post = {"from": "files", "to": "hook", "batch": 1, "accept_at_least_once": True}
    world.apply(extract("delete"), {"id": "post", "load_rows": post}, destinations={"hook": hook})
    world.put("in/a.csv", table_of(*((str(each), "x") for each in range(4))))
    second: list[subprocess.Popen[str]] = []

    def begin_another(number: int) -> None:
        if number == 2:
            second.append(begun(world))
            while runs_asked_for(world) < 2:
                threading.Event().wait(0.05)

    receiver.on_request = begin_another

    first = world.command("run", "w", "--json")

    second[0].communicate(timeout=120)
    receiver.stop()
    assert (first.code, second[0].returncode) == (0, 0)
    assert [posted.chunk for posted in receiver.history] == [1, 2, 3, 4]
