"""Killed beside any of its effects, a run that writes files ends the next time with each file once."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sshd
from crash.scene import FULL, Mortals
from e2e.world import World, extract, table_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FILES = {"export/a.csv": table_of(("1", "Ann"), ("2", "Bob")), "export/b.csv": table_of(("3", "Cid"))}


@pytest.fixture
def mortals() -> Iterator[Mortals]:
    with Mortals() as started:
        yield started


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.server.stop()


def begin(world: World) -> None:
    """Put everything back, with two files in the bucket."""
    for folder in (world.home, world.root / "exports"):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(world.root / "pristine", world.home)
    (world.root / "exports").mkdir()
    for bucket in world.server.buckets():
        world.server.empty(bucket)
    for name, body in FILES.items():
        world.put(name.replace("export/", "in/"), body)


def outcome(world: World) -> tuple[dict[str, bytes], list[str]]:
    """All written files, also hidden ones, and the objects that are left in the bucket."""
    folder = world.root / "exports"
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return found | world.server.objects("archive"), world.keys()


def check(world: World, mortals: Mortals, place: dict[str, Any], *, crucial: str) -> None:
    """An ordinary test run dies only right after the crucial effect."""
    settings = {"from": "files", "to": "out", "format": "csv", "name": "export/{file}"}
    (world.root / "exports").mkdir(exist_ok=True)
    world.apply(extract("delete"), {"id": "export", "load_objects": settings}, destinations={"out": place})
    shutil.copytree(world.home, world.root / "pristine")
    begin(world)
    passed = mortals.run(world)["points"]
    wanted = outcome(world)

    outcomes = {}
    for point in range(1, len(passed) + 1) if FULL else (passed.index(crucial) + 1,):
        for after in (False, True) if FULL else (True,):
            begin(world)
            died = mortals.run(world, at=point, after=after)
            ended = mortals.run(world)
            named = f"{'after' if after else 'before'} {passed[point - 1]} ({point})"
            outcomes[named] = died["code"], ended.get("state"), outcome(world)

    assert wanted == (FILES, [])
    assert outcomes == dict.fromkeys(outcomes, (-9, "succeeded", wanted))


def test_a_run_that_writes_into_a_folder_and_is_killed_is_ended_by_the_next(world, mortals):
    check(world, mortals, {"kind": "folder", "path": "exports"}, crucial="place.link")


def test_a_run_that_writes_into_a_bucket_and_is_killed_is_ended_by_the_next(world, mortals):
    check(world, mortals, {"kind": "s3", "account": "acme", "bucket": "archive"}, crucial="place.put")


def test_a_run_that_writes_to_an_sftp_server_and_is_killed_is_ended_by_the_next(world, mortals, tmp_path):
    with sshd.running(tmp_path / "sshd") as server:
        drop = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": getpass.getuser(),
            "path": str(world.root / "exports"),
            "host_key": server.host_key,
            "private_key": {"file": str(server.folder / "user")},
        }
        check(world, mortals, drop, crucial="place.stage")
