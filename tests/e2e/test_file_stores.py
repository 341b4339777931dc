"""Files from a folder and from an SFTP server, from the command to the table."""

from __future__ import annotations

from collections.abc import Iterator
from getpass import getuser
from pathlib import Path
from typing import Any

import pytest

from e2e.file_world import FileWorld
from sshd import Sshd, running

pytestmark = pytest.mark.slow

BOTH = [("1", "Ann"), ("2", "Bob"), ("3", "Cid")]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def folder(request: pytest.FixtureRequest, root: Path, more: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "folder", "path": "drop", **more}


def server(request: pytest.FixtureRequest, root: Path, more: dict[str, Any]) -> dict[str, Any]:
    sshd: Sshd = request.getfixturevalue("sshd")
    return {
        "kind": "sftp",
        "host": "127.0.0.1",
        "port": sshd.port,
        "user": getuser(),
        "private_key": {"file": str(sshd.folder / "user")},
        "host_key": sshd.host_key,
        "path": str(root / "drop"),
        **more,
    }


@pytest.fixture(params=[folder, server], ids=["folder", "sftp"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    (tmp_path / "drop").mkdir()
    return lambda **more: FileWorld(root=tmp_path, account=request.param(request, tmp_path, more))


def two_files(world: FileWorld) -> None:
    world.put("in/a.csv", (1, "Ann"), (2, "Bob"))
    world.put("in/sub/b.csv", (3, "Cid"))
    world.put("other/c.csv", (9, "Not selected"))


def test_files_are_loaded_once_and_deleted_only_if_the_weak_store_is_accepted(make) -> None:
    world = make()
    world.apply("delete")
    two_files(world)
    first, second = world.run(), world.run()
    kept = world.files()
    world = make(accept_weak_store=True)
    world.apply("delete")
    ids = [each["id"] for each in world.command("files", "list", "--json").json["files"]]
    world.command("files", "retry", *ids)

    third = world.run()

    held = [("in/a.csv", "action-held", 2, "weak-store"), ("in/sub/b.csv", "action-held", 1, "weak-store")]
    assert (first, second) == ((3, held), (0, held))
    assert (kept, third, world.files()) == (
        ["in/a.csv", "in/sub/b.csv", "other/c.csv"],
        (0, []),
        ["other/c.csv"],
    )
    assert world.rows() == BOTH


@pytest.mark.parametrize(
    ("action", "kept"),
    [
        ({"action": "move", "prefix": "done/"}, ["done/in/a.csv", "done/in/a~MARK.csv", "done/in/sub/b.csv"]),
        ({"action": "rename", "prefix": "ok-"}, ["in/ok-a.csv", "in/sub/ok-b.csv"]),
    ],
    ids=["move", "rename"],
)
def test_files_are_moved_and_renamed_without_overwriting(make, action, kept) -> None:
    world = make(accept_weak_store=True)
    world.apply(action)
    two_files(world)
    world.put("done/in/a.csv", (7, "Precious"))

    first, second = world.run(), world.run()

    files = [key for key in world.files() if not key.startswith("other/")]
    (mark,) = {key.partition("~")[2][:8] for key in files if "~" in key} or {""}
    rest = [key for key in ["done/in/a.csv"] if key not in kept]
    assert sorted(key.replace(mark or "MARK", "MARK") for key in files) == sorted([*kept, *rest])
    assert ("Precious" in (world.drop / "done/in/a.csv").read_text(), world.rows()) == (True, BOTH)
    assert (first[0], second) == (0, (0, []))


def test_a_file_that_arrives_again_is_another_file(make) -> None:
    world = make(accept_weak_store=True)
    world.apply("delete", prefix="")
    world.put("a.csv", (1, "Ann"))
    world.run()
    world.put("a.csv", (2, "Bob"))

    again = world.run()

    assert (again, world.rows(), world.files()) == (
        (0, [("a.csv", "done", 1, None)]),
        [("1", "Ann"), ("2", "Bob")],
        [],
    )


def test_the_same_bytes_are_held_when_they_arrive_again_with_a_new_time(make) -> None:
    world = make(accept_weak_store=True)
    world.apply("delete")
    world.put("in/a.csv", (1, "Ann"))
    first = world.run()
    world.put("in/a.csv", (1, "Ann"))
    second, third = world.run(), world.run()
    (held,) = world.command("files", "list", "--attention", "--json").json["files"]
    world.command("files", "accept", held["id"])

    fourth = world.run()

    again = [("in/a.csv", "held", 0, "repeated-bytes")]
    assert (first[0], second, third) == (0, (3, again), (0, again))
    assert (fourth, world.files()) == ((0, [("in/a.csv", "done", 1, None)]), [])
    assert world.rows() == [("1", "Ann"), ("1", "Ann")]


def test_the_doctor_says_what_is_promised(make) -> None:
    world = make()
    world.apply({"action": "move", "prefix": "done/"})
    two_files(world)
    (world.drop / "in/link.csv").symlink_to("/etc/hostname")

    answered = world.command("accounts", "doctor", "drop", "--workflow", "w", "--json")

    found = {each["check"]: each["health"] for each in answered.json["findings"]}
    identity = "ok" if world.account["kind"] == "folder" else "warning"
    assert (answered.code, found) == (
        1,
        {
            "list": "ok",
            "links": "warning",
            "get": "ok",
            "identity": identity,
            "write": "ok",
            "write to the target": "ok",
            "delete": "ignored",
        },
    )


def test_a_server_with_another_key_is_refused_before_anything_is_read(
    request, tmp_path: Path, sshd: Sshd
) -> None:
    (tmp_path / "drop").mkdir()
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
    world = FileWorld(root=tmp_path, account=server(request, tmp_path, {"host_key": other}))
    applied = world.apply("delete")
    world.put("in/a.csv", (1, "Ann"))

    answered = world.command("run", "w", "--json")

    assert (applied.code, answered.code, world.rows(), world.files()) == (0, 1, [], ["in/a.csv"])
    assert "does not have the key of the settings" in answered.out


def test_an_account_is_added_by_command_with_a_key_in_the_vault(
    request: pytest.FixtureRequest, tmp_path: Path, sshd: Sshd
) -> None:
    (tmp_path / "drop").mkdir()
    world = FileWorld(root=tmp_path, account=server(request, tmp_path, {}))
    world.put("in/a.csv", (1, "Ann"))
    stored = world.command("secrets", "set", "SFTP", stdin=sshd.private_key)
    place = ["--host", "127.0.0.1", "--port", str(sshd.port), "--user", getuser(), "--path", str(tmp_path)]
    keys = ["--host-key", sshd.host_key, "--private-key-secret", "SFTP"]
    added = world.command("accounts", "add", "partner", "--kind", "sftp", *place, *keys)

    answered = world.command("accounts", "doctor", "partner", "--prefix", "drop/", "--json")

    found = {each["check"]: each["health"] for each in answered.json["findings"]}
    assert (stored.code, added.code, answered.code) == (0, 0, 0)
    assert found == {"list": "ok", "get": "ok", "identity": "warning"}
