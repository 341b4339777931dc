"""Secrets from outside: they let us in, and are never seen."""

from __future__ import annotations

import json

import pytest

from commands import Answered
from e2e.world import World, extract, load, table_of

pytestmark = pytest.mark.slow

ACCESS, SECRET, PASSWORD = "canary-access", "canary-secret", "canary-password"
CANARIES = (ACCESS, SECRET, PASSWORD)
NOBODY_THERE = "http://127.0.0.1:9"

RunFilters = tuple[list[str], str]


def asked(*arguments: str, stdin: str = "") -> RunFilters:
    return list(arguments), stdin


def session(world: World, *commands: RunFilters) -> list[Answered]:
    """Commands one after another, each with something to read."""
    return [world.command(*arguments, stdin=stdin) for arguments, stdin in commands]


ADD_LAB = asked(
    *("accounts", "add", "lab", "--kind", "s3-compatible", "--endpoint-url", NOBODY_THERE),
    stdin=f"{ACCESS}\n{SECRET}\n",
)


def test_no_secret_is_said_or_rests_in_clear(world):
    world.file(extract("keep", account="lab"), load(to="far"), accounts={}, destinations={})
    url = f"postgresql://somebody:{PASSWORD}@127.0.0.1:9/database"

    answers = session(
        world,
        ADD_LAB,
        asked("destinations", "add", "far", "--kind", "postgresql", stdin=f"{url}\n"),
        asked("apply", "project.yaml"),
        asked("run", "w", "--json", "--log-format", "json"),
        asked("destinations", "doctor", "far", "--json"),
        asked("accounts", "show", "lab", "--json"),
        asked("destinations", "show", "far", "--json"),
        asked("export"),
        asked("secrets", "list", "--json"),
        asked("secrets", "rotate"),
        asked("db", "backup", "backup.sqlite"),
        asked("db", "status", "--json"),
    )

    files = {path.name: path.read_bytes() for path in world.root.rglob("*") if path.is_file()}
    told = [canary for canary in CANARIES for each in answers if canary in each.out + each.err]
    kept = [name for name, body in files.items() for canary in CANARIES if canary.encode() in body]
    assert (told, kept) == ([], [])
    assert [each.code for each in answers] == [0, 0, 0, 1, answers[4].code, 0, 0, 0, 0, 0, 0, 0]
    assert {"ledger.sqlite", "backup.sqlite", "key"} <= set(files)


def test_a_secret_that_stands_on_the_command_line_is_refused_and_not_repeated(world):
    (refused,) = session(world, asked("secrets", "set", "lab", PASSWORD))

    assert (refused.code, PASSWORD in refused.err + refused.out) == (2, False)
    assert "standard input" in refused.err


def test_a_wrong_key_stops_every_command_before_it_does_anything(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", table_of(("1", "Ann")))
    session(world, asked("secrets", "set", "lab", stdin="v"))
    (world.home / "key").rename(world.root / "kept")
    session(world, asked("secrets", "reset", "--yes"), asked("secrets", "set", "lab", stdin="v"))
    (world.root / "kept").replace(world.home / "key")

    answers = session(
        world,
        asked("run", "w", "--json"),
        asked("files", "list", "--json"),
        asked("export", "--json"),
        asked("secrets", "set", "other", "--json", stdin="v"),
    )

    assert [each.code for each in answers] == [1, 1, 1, 1]
    assert {json.loads(each.out)["error"]["what"] for each in answers} == {
        "The content of the vault was encrypted with a key that is not in the key file"
    }
    assert (world.keys(), world.warehouse.exists()) == (["in/a.csv"], False)


def test_a_secret_that_is_named_is_not_deleted(world):
    _, _, refused, gone, left = session(
        world,
        ADD_LAB,
        asked("secrets", "set", "spare", stdin="v"),
        asked("secrets", "delete", "lab-secret-key"),
        asked("secrets", "delete", "spare"),
        asked("secrets", "list", "--json"),
    )

    assert (refused.code, "still used by account lab" in refused.err, gone.code) == (2, True, 0)
    assert left.json == {
        "secrets": ["lab-access-key", "lab-secret-key"],
        "details": [
            {"name": "lab-access-key", "kept": True, "used_by": ["account lab"]},
            {"name": "lab-secret-key", "kept": True, "used_by": ["account lab"]},
        ],
    }
