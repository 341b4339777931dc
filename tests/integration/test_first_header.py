"""``load`` without a sample: the first file's header is judged before anything is loaded or deleted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from e2e.world import World, extract, load
from integration.doctor.conftest import command

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.apply(extract("keep", prefix="other/"), load())
    yield made
    made.server.stop()


def shot(world: World, *more: str):
    into = f"duckdb:{world.root}/shot.duckdb"
    words = ("s3://drop/in/", "--into", into, "--table", "t", "--after-import", "delete", "--json", *more)
    return command(world, "load", *words)


def table(world: World) -> list[tuple[str, ...]]:
    with duckdb.connect(f"{world.root}/shot.duckdb", read_only=True) as connection:
        return connection.execute("select * exclude (_load_id, _source_line) from t order by all").fetchall()


def options(hint: str, first: str) -> list[str]:
    """The options that a hint names, from the first one on."""
    words, _, _ = hint[hint.index(first) :].partition(". ")
    return shlex.split(words.partition(", with")[0].removesuffix("."))


def test_a_file_without_header_is_refused_and_read_as_the_hint_says(world):
    world.put("in/a.csv", b"1,Ann,2026-01-05\n2,Bo,2026-01-06\n")

    refused = shot(world)
    kept = world.keys()
    answer = shot(world, *options(refused.json["error"]["hint"], "--no-header"))

    assert refused.code == 2
    assert refused.json["error"]["what"] == (
        "Line 1 looks like data: column 1 holds an integer, column 3 holds a date"
    )
    assert kept == ["in/a.csv"]
    assert (answer.code, world.keys()) == (0, [])
    assert table(world) == [("1", "Ann", "2026-01-05"), ("2", "Bo", "2026-01-06")]


def test_a_header_that_looks_like_data_is_taken_if_it_is_given(world):
    world.put("in/a.csv", b"1,Ann\n2,Bo\n")

    refused = shot(world)
    answer = shot(world, *options(refused.json["error"]["hint"], "--header"))

    assert (refused.code, answer.code) == (2, 0)
    assert table(world) == [("2", "Bo")]


def test_another_delimiter_is_refused_and_read_as_the_hint_says(world):
    world.put("in/a.csv", b"Id;Name;Price\n1;Ann;2,50\n2;Bo;3,75\n")

    refused = shot(world)
    answer = shot(world, *options(refused.json["error"]["hint"], "--delimiter"))

    assert refused.json["error"]["what"] == "The cells are separated by semicolons"
    assert (refused.code, answer.code, world.keys()) == (2, 0, [])
    assert table(world) == [("1", "Ann", "2,50"), ("2", "Bo", "3,75")]


def test_rows_below_the_header_hold_the_file_and_are_left_out_as_the_hint_says(world):
    world.put("in/a.csv", b"time,temp,wind\n(s),(degC),(m/s)\n0,12.1,3.0\n1,12.2,3.1\n")

    held = shot(world)
    kept = world.keys()
    answer = shot(world, "--rows-below-header", "1")

    assert (held.code != 0, kept) == (True, ["in/a.csv"])
    assert "--rows-below-header 1" in held.out
    assert (answer.code, world.keys()) == (0, [])
    assert table(world) == [("0", "12.1", "3.0"), ("1", "12.2", "3.1")]
