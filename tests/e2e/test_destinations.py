"""One workflow into three databases: the same rows everywhere, and each database found again by its name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest

from bucketlift.cli.entry import run
from commands import Answered
from e2e.checker import check
from e2e.world import World, extract, load, loaded, table_of
from postgresql import Postgresql

pytestmark = pytest.mark.slow

HEADER = "id,name,hired,pay,seen,active"
FIELDS = {
    "id": {"type": "integer"},
    "hired": {"type": "date", "format": "%m/%d/%Y"},
    "pay": {"type": "decimal", "precision": 12, "scale": 2},
    "seen": {"type": "timestamp", "timezone": "America/Denver"},
    "active": {"type": "boolean", "true": ["yes"], "false": ["no"]},
}
FIRST = (
    "1,Ann,1/5/2026,1234.5,2026-07-05 10:00,yes\n2,,,,,\n3,Ünï 🪣,12/31/9999,-0.01,2026-01-05 10:00:00.5,no\n"
)
SECOND = (
    "2,Ben,1/6/2026,2,2026-07-05 10:00,no\n3,Ünï 🪣,12/31/9999,-0.01,2026-01-05 10:00:00.5,no\n4,Dee,,,,yes\n"
)
ROWS = [
    (1, "Ann", date(2026, 1, 5), Decimal("1234.50"), datetime(2026, 7, 5, 16, tzinfo=UTC), True),
    (2, "Ben", date(2026, 1, 6), Decimal("2.00"), datetime(2026, 7, 5, 16, tzinfo=UTC), False),
    (
        3,
        "Ünï 🪣",
        date(9999, 12, 31),
        Decimal("-0.01"),
        datetime(2026, 1, 5, 17, 0, 0, 500_000, UTC),
        False,
    ),
    (4, "Dee", None, None, None, True),
]
DESTINATIONS = {
    "duck": {"kind": "duckdb", "path": "w.duckdb"},
    "lite": {"kind": "sqlite", "path": "w.sqlite"},
    "post": {"kind": "postgresql", "url": {"env": "WAREHOUSE"}, "schema": "hr"},
}
ANN, BOB = ("1", "Ann"), ("2", "Bob")


@pytest.fixture
def database(postgresql: Postgresql, monkeypatch: pytest.MonkeyPatch) -> str:
    url = postgresql.database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA hr")
    monkeypatch.setenv("WAREHOUSE", url)
    return url


def columns(select: str) -> str:
    return f"SELECT {select} FROM people ORDER BY id"  # noqa: S608  constants


def in_duckdb(world: World) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(world.root / "w.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(columns(HEADER)).to_arrow_table().to_pylist()
        return [tuple(row.values()) for row in found]


def in_postgresql(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = hr; SET TimeZone = 'UTC'")
        return connection.execute(columns(HEADER)).fetchall()


def in_sqlite(world: World) -> list[tuple[Any, ...]]:
    """Dates, moments and decimals are texts there, and booleans numbers."""
    meant = (int, str, date.fromisoformat, Decimal, datetime.fromisoformat, bool)
    with closing(sqlite3.connect(world.root / "w.sqlite")) as connection:
        found = connection.execute(columns(HEADER)).fetchall()
    return [
        tuple(None if each is None else make(each) for make, each in zip(meant, row, strict=True))  # type: ignore[operator]
        for row in found
    ]


def into_all(mode: str = "upsert") -> list[dict[str, Any]]:
    return [
        extract("delete", fields=FIELDS),
        *({**load(mode=mode, to=name, table="people"), "id": f"to-{name}"} for name in DESTINATIONS),
    ]


def put(world: World, key: str, rows: str) -> None:
    world.put(key, f"{HEADER}\n{rows}".encode())


def test_one_workflow_loads_equal_rows_into_all_three_databases(world, database):
    (world.root / "sample.csv").write_text(f"{HEADER}\n")
    world.apply(*into_all(), destinations=DESTINATIONS)
    put(world, "in/a.csv", FIRST)
    first = world.run()
    put(world, "in/b.csv", SECOND)

    second = world.run()

    assert (first["exit"], second["exit"], world.keys()) == (0, 0, [])
    assert loaded(second) == {"to-duck": (1, 1, 1), "to-lite": (1, 1, 1), "to-post": (1, 1, 1)}
    assert in_duckdb(world) == ROWS
    assert in_sqlite(world) == ROWS
    assert in_postgresql(database) == ROWS


def test_a_database_that_is_down_is_loaded_when_it_is_back_and_the_others_are_not_loaded_twice(
    world, database, monkeypatch
):
    (world.root / "sample.csv").write_text(f"{HEADER}\n")
    world.apply(*into_all("append"), destinations=DESTINATIONS)
    put(world, "in/a.csv", FIRST)
    monkeypatch.setenv("WAREHOUSE", "postgresql://nobody@127.0.0.1:1/nowhere")
    down = world.run()
    left = world.keys()
    monkeypatch.setenv("WAREHOUSE", database)

    back = world.run()

    assert (down["exit"], left) == (1, ["in/a.csv"])
    assert (back["exit"], world.keys()) == (0, [])
    assert [len(each) for each in (in_duckdb(world), in_sqlite(world), in_postgresql(database))] == [3, 3, 3]


@pytest.fixture
def simple(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.apply(workflows={}, destinations={})
    monkeypatch.chdir(world.root)
    return world


@pytest.fixture
def command(simple: World, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answered]:
    """Commands in this process: starting one takes longer than what it does."""

    def run_here(*arguments: str) -> Answered:
        code = run([*arguments, "--json"])
        told = capsys.readouterr()
        return Answered(code=code, out=told.out, err=told.err)

    return run_here


def test_one_command_loads_into_a_sqlite_file_and_into_a_database_by_its_url(simple, command, database):
    simple.put("in/a.csv", table_of(ANN))
    asked = [("--into", "reports.db"), ("--into", database)]
    first = [command("load", "s3://drop/in/", *into, "--table", "people") for into in asked]
    simple.put("in/b.csv", table_of(BOB))

    again = [command("load", "s3://drop/in/", *into, "--table", "people") for into in asked]

    assert [each.code for each in (*first, *again)] == [0, 0, 0, 0]
    assert [loaded(each.json) for each in (*first, *again)] == [{"table": (1, 0, 0)}] * 4
    with closing(sqlite3.connect(simple.root / "reports.db")) as connection:
        assert connection.execute("SELECT id, name FROM people ORDER BY id").fetchall() == [ANN, BOB]
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT id, name FROM people ORDER BY id").fetchall() == [ANN, BOB]
    check(simple)


def test_a_password_on_the_command_line_is_sealed_and_told_nowhere(simple, command):
    url = "postgresql://me:hunter2@127.0.0.1:1/db?password=hunter2"
    simple.put("in/a.csv", table_of(ANN))

    tried = [
        command("load", "s3://drop/in/", "--into", into, "--table", "people")
        for into in (url, "mysql://me:hunter2@host/db", "postgresql://me:hunter2@host")
    ]
    shown = [command(*words) for words in (("destinations", "list"), ("workflows", "list"), ("runs", "list"))]

    assert [each.code for each in tried] == [1, 2, 2]
    assert not [each for each in (*tried, *shown) if "hunter2" in each.out + each.err]
    assert [each["url"] for each in shown[0].json["destinations"]] == [
        {"secret": f"{shown[0].json['destinations'][0]['name']}-url"}
    ]
    assert b"hunter2" not in b"".join(each.read_bytes() for each in simple.home.glob("ledger*"))


def test_destinations_of_every_kind_are_made_shown_and_examined_by_command(simple, command, database):
    made = [
        command("destinations", "add", "duck", "--path", "a.duckdb"),
        command("destinations", "add", "lite", "--kind", "sqlite", "--path", "a.sqlite"),
        command(
            *("destinations", "add", "post", "--kind", "postgresql", "--url-env", "WAREHOUSE"),
            *("--schema", "hr", "--receipts", "hr.loads", "--max-parallel", "2"),
        ),
        command("destinations", "add", "lost", "--kind", "postgresql", "--url-env", "NOT_SET"),
    ]
    examined = {name: command("destinations", "doctor", name) for name in ("duck", "lite", "post", "lost")}
    twice = command("destinations", "add", "lite", "--kind", "sqlite", "--path", "b.sqlite")
    shown = simple.command("destinations", "show", "post")

    assert [each.code for each in made] == [0, 0, 0, 0]
    assert made[2].json == {
        "name": "post",
        "kind": "postgresql",
        "project": None,
        "promise": "exactly once",
        "url": {"env": "WAREHOUSE"},
        "schema": "hr",
        "receipts": "hr.loads",
        "max_parallel": 2,
    }
    assert {name: (each.code, each.json["sound"]) for name, each in examined.items()} == {
        "duck": (0, True),
        "lite": (0, True),
        "post": (0, True),
        "lost": (1, False),
    }
    assert examined["lost"].json["findings"] == [
        {
            "check": "secret",
            "health": "missing",
            "what": "The environment variable of a secret is not set",
            "hint": "Set NOT_SET and try again.",
        }
    ]
    assert (twice.code, json.loads(twice.out)["error"]["to"]) == (2, "lite")
    assert "url:          env WAREHOUSE" in shown.out
    assert not (simple.root / "a.sqlite").exists()


def test_a_database_that_loads_could_not_go_to_is_told_of_by_the_doctor(simple, command, database):
    (simple.root / "no.db").write_bytes(b"id,name\n1,Ann\n")
    command("destinations", "add", "lite", "--kind", "sqlite", "--path", "no.db")
    command(
        *("destinations", "add", "post", "--kind", "postgresql", "--url-env", "WAREHOUSE", "--schema", "nix")
    )

    lite, post = (simple.command("destinations", "doctor", name) for name in ("lite", "post"))

    assert (lite.code, post.code) == (1, 1)
    assert lite.out.startswith("MISSING  open   The file is not a SQLite database")
    assert 'CREATE SCHEMA "nix"' in post.out


HOST_KEY = "ssh-ed25519 " + "A" * 68
ADDED = (
    ("hook", "http", ("--url", "https://hooks.example.com/rows", "--token-env", "HOOK", "--idempotent")),
    ("out", "s3", ("--account", "acme", "--bucket", "exports", "--prefix", "hr/")),
    (
        "drop",
        "sftp",
        (
            *("--host", "files.example.com", "--user", "hr", "--host-key", HOST_KEY),
            *("--private-key-secret", "drop-key", "--path", "in"),
        ),
    ),
    ("local", "folder", ("--path", "exports")),
    ("platform", "qualtrics", ("--datacenter", "iad1", "--token-env", "QX", "--directory", "POOL_1a")),
)


def test_places_for_files_and_apis_are_made_changed_and_deleted_by_command(simple, command):
    added = [command("destinations", "add", name, "--kind", kind, *more) for name, kind, more in ADDED]
    changed = [
        command(
            "destinations",
            "change",
            "hook",
            "--not-idempotent",
            "--auth",
            "basic",
            "--auth-user",
            "hr",
            "--password-secret",
            "hook-password",
        ),
        command("destinations", "change", "drop", "--port", "2222", "--password-env", "DROP"),
        command("destinations", "change", "out", "--prefix", "people/"),
        command("destinations", "change", "out", "--kind", "folder"),
    ]
    typed = simple.command(
        *("destinations", "change", "platform", "--new-secret", "--json"), stdin="canary-token\n"
    )
    deleted = [command("destinations", "delete", name) for name, _, _ in ADDED]
    left = command("destinations", "list")

    assert [each.code for each in added] == [0] * len(ADDED)
    assert [each.code for each in changed] == [0, 0, 0, 2]
    assert changed[0].json["auth"] == {"user": "hr", "password": {"secret": "hook-password"}}
    assert changed[0].json["idempotent"] is False
    assert {key: changed[1].json[key] for key in ("host", "port", "path", "private_key", "password")} == {
        "host": "files.example.com",
        "port": 2222,
        "path": "in",
        "private_key": None,
        "password": {"env": "DROP"},
    }
    assert changed[2].json["prefix"] == "people/"
    assert typed.code == 0
    assert json.loads(typed.out)["token"] == {"secret": "platform-token"}
    assert "canary" not in typed.out + typed.err
    assert [each.code for each in deleted] == [0] * len(ADDED)
    assert left.json["destinations"] == []


def test_accounts_are_changed_and_deleted_by_command(simple, command):
    (simple.root / "drop").mkdir()
    command("accounts", "add", "drop", "--kind", "folder", "--path", "drop")
    command("destinations", "add", "out", "--kind", "s3", "--account", "drop", "--bucket", "exports")

    changed = command("accounts", "change", "drop", "--accept-weak-store")
    other = command("accounts", "change", "drop", "--kind", "sftp")
    used = command("accounts", "delete", "drop")
    command("destinations", "delete", "out")
    deleted = command("accounts", "delete", "drop")

    assert (changed.code, changed.json["accept_weak_store"]) == (0, True)
    assert changed.json["path"] == str(simple.root / "drop")
    assert (other.code, used.code, deleted.code) == (2, 2, 0)
    assert "destination out" in used.out + used.err
    assert [each["name"] for each in command("accounts", "list").json["accounts"]] == ["acme"]
