"""`load` with options that say how files are written, against a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from e2e.world import World, extract, load
from integration.doctor.conftest import command

pytestmark = pytest.mark.slow
TYPED = 'Amount={type: decimal, scale: 2, decimal_point: ",", thousands: "."}'


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.apply(extract(), load())
    yield made
    made.server.stop()


def shot(world: World, *more: str):
    into = f"duckdb:{world.root}/shot.duckdb"
    return command(world, "load", "s3://drop/in/", "--into", into, "--table", "t", "--json", *more)


def rows(world: World) -> list[tuple[object, ...]]:
    with duckdb.connect(str(world.root / "shot.duckdb"), read_only=True) as database:
        found = database.sql("select * exclude (_load_id, _source_line) from t order by all").fetchall()
    return [tuple(map(str, row)) for row in found]


def test_types_and_dialect_reach_the_table_and_a_second_load_takes_only_what_is_new(world):
    options = ("--delimiter", ";", "--field", TYPED)
    world.put("in/a.csv", b"Id;Amount\n1;1.234,50\n")
    first = shot(world, *options)
    world.put("in/b.csv", b"Id;Amount\n2;7,5\n")

    second = shot(world, *options)

    assert (first.code, second.code) == (0, 0)
    assert rows(world) == [("1", "1234.50"), ("2", "7.50")]


def test_files_without_a_header_lose_no_row(world):
    world.put("in/a.csv", b"1,Ann\n2,Bo\n")

    loaded = shot(world, "--no-header", "--columns", "Id,Name")

    assert loaded.code == 0
    assert rows(world) == [("1", "Ann"), ("2", "Bo")]


def test_files_without_a_header_need_the_names_of_their_columns(world):
    world.put("in/a.csv", b"1,Ann\n2,Bo\n")

    refused = shot(world, "--no-header")

    assert (refused.code, refused.json["error"]["hint"]) == (
        2,
        "Add --columns A,B,C, or --sample FILE with a header row.",
    )


def test_a_changed_dialect_reads_the_header_anew(world):
    world.put("in/a.csv", b"x\nId;Name\n1;Ann\n")
    shot(world, "--skip-lines", "1")

    loaded = shot(world, "--skip-lines", "1", "--delimiter", ";")

    assert loaded.code == 0
    assert rows(world) == [("1", "Ann")]


def test_a_contract_says_what_becomes_of_files_that_differ(world):
    world.put("in/a.csv", b"Id,Name\n1,Ann\n")
    world.put("in/b.csv", b"Id,Name,Mail\n2,Bo,b@c.d\n")

    loaded = shot(world, "--contract", "extra=ignore")

    assert loaded.code == 0
    assert rows(world) == [("1", "Ann"), ("2", "Bo")]
