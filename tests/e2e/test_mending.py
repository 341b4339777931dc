"""Rejects from the command line: exported, mended, replayed; the how-to shows what is really answered."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from e2e.checker import check
from e2e.world import World, extract, load

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "mend-rejects.md"
FIELDS = {"hired": {"type": "date"}, "salary": {"type": "integer"}}
MARCH = b"""id,name,hired,salary
1,Ann,2026-03-02,3100
2,Bob,02.03.2026,2900
3,Cyd,2026-03-09,3000
4,-Dan,2026-03-16
5,"Eva" Roe,2026-03-23,3300
6,Flo,2026-03-30,2800
"""
FEBRUARY = b"id,name,hired,salary\n0,Zed,2026-02-02,2700\n"
MENDED = {
    "3": {"hired": "2026-03-02"},
    "5": {"salary": "3200"},
    "6": {"name": "Eva Roe", "hired": "2026-03-23", "salary": "3300"},
}

pytestmark = pytest.mark.slow


class Session:
    """Commands and their answers as a person sees them; what is random gets a fixed name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.lines: list[str] = []

    def give(self, *words: str) -> int:
        answered = self._world.command(*words)
        self.lines += [f"$ bucketlift {' '.join(words)}", *f"{answered.out}{answered.err}".splitlines()]
        return answered.code

    def show(self, name: str) -> None:
        self.lines += [f"$ cat {name}", *(self._world.root / name).read_text("utf-8").splitlines()]

    def rows(self) -> None:
        query = "SELECT id, name, hired, salary, _source_line FROM people ORDER BY hired, id"
        self.lines += [f"$ duckdb -csv warehouse.duckdb '{query}'"]
        with duckdb.connect(str(self._world.warehouse), read_only=True) as connection:
            found = connection.sql(query)
            self.lines += [",".join(found.columns), *(",".join(map(str, row)) for row in found.fetchall())]

    @property
    def text(self) -> str:
        named = re.sub(r"\b[0-9a-f]{16}\b", "FILE", "\n".join(line.rstrip() for line in self.lines))
        return re.sub(r"\b\d{8}T\d{6}-[0-9a-f]{8}\b", "RUN", named)


@pytest.fixture
def march(world: World) -> str:
    """The id of a file of six records, three of them rejects."""
    (world.root / "sample.csv").write_text("id,name,hired,salary\n1,sample,2026-01-31,1000\n")
    world.apply(extract("delete", fields=FIELDS), load())
    world.put("in/march.csv", MARCH)
    assert world.run()["exit"] == 3
    (file,) = world.files()
    return str(file["id"])


def mend(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(row | MENDED[row["line"]] for row in rows)


def transcript(world: World, file: str) -> str:
    session = Session(world)
    session.rows()
    session.give("rejects", "list", file)
    session.give("rejects", "export", file, "--to", "rejects.csv")
    session.show("rejects.csv")
    mend(world.root / "rejects.csv")
    session.lines.append("# Correct the cells in a spreadsheet and save the file.")
    session.show("rejects.csv")
    session.give("rejects", "replay", file, "rejects.csv", "--dry-run")
    session.give("rejects", "replay", file, "rejects.csv")
    session.give("run", "w")
    session.rows()
    session.give("rejects", "replay", file, "rejects.csv")
    session.give("rejects", "list", file)
    return session.text


def test_the_how_to_shows_what_is_really_answered(world, march):
    world.put("in/february.csv", FEBRUARY)
    world.run()

    text = transcript(world, march)

    assert text in PAGE.read_text("utf-8")
    assert world.keys() == []


def test_good_rows_are_there_before_and_the_mended_ones_after(world, march):
    world.decide("accept", "in/march.csv")
    world.run()
    before = world.rows(columns="id, _source_line")
    world.command("rejects", "export", march, "--to", "rejects.csv")
    mend(world.root / "rejects.csv")

    answered = world.command("rejects", "replay", march, "rejects.csv", "--json")

    assert (answered.code, before) == (0, [("1", 2), ("3", 4), ("6", 7)])
    assert world.rows(columns="id, _source_line") == [(str(number), number + 1) for number in range(1, 7)]
    answer = answered.json
    (receipt,) = answer.pop("receipts")
    assert (receipt["inserted"], receipt["table"], answer.pop("run") != "") == (3, "people", True)
    assert answer == {
        "file": march,
        "rows": 3,
        "again": 0,
        "left": 0,
        "changed": {"hired": 2, "salary": 2, "name": 1},
        "unfit": [],
        "replay": 1,
        "state": "done",
    }
    assert world.command("verify", "w").code == 0
    (file,) = world.files()
    assert (file["rows"], file["rejected"], file["mended"], file["state"]) == (3, 3, 3, "done")
    check(world)


def test_what_does_not_fit_is_told_row_by_row_and_nothing_is_loaded(world, march):
    world.command("rejects", "export", march, "--format", "json", "--to", "rejects.jsonl")

    answered = world.command("rejects", "replay", march, "rejects.jsonl", "--json")

    assert answered.code == 2
    assert [(each["line"], each["reason"], each["field"]) for each in answered.json["unfit"]] == [
        (3, "not-a-date", "hired"),
        (5, "not-filled-in", "salary"),
        (6, "not-filled-in", "name"),
    ]
    assert world.states() == [("in/march.csv", 1, "held", "too-many-rejects")]


def test_an_export_to_stdout_is_one_form_or_the_other(world, march):
    sheet = world.command("rejects", "export", march)
    lines = world.command("rejects", "export", march, "--format", "json")
    document = world.command("rejects", "export", march, "--json")

    assert [row["line"] for row in csv.DictReader(sheet.out.splitlines())] == ["3", "5", "6"]
    assert [json.loads(line)["offset"] for line in lines.out.splitlines()] == [43, 87, 105]
    assert [each["line"] for each in document.json["rejects"]] == [3, 5, 6]


def test_an_export_as_a_document_has_all_rejects_that_nobody_mended(world):
    (world.root / "sample.csv").write_text("id,name\n1,sample\n")
    world.apply(extract("keep"), load())
    world.put("in/many.csv", b"id,name\n" + b"".join(b"%d\n" % number for number in range(1_500)))
    world.run()
    (file,) = world.files()

    every = world.command("rejects", "export", file["id"], "--json").json
    kept = {name: every["rejects"][0][name] for name in ("line", "offset", "cells", "text", "raw_base64")}
    (world.root / "one.jsonl").write_text(json.dumps(kept | {"cells": {"id": "0", "name": "Zoe"}}))
    world.command("rejects", "replay", file["id"], "one.jsonl")
    left = world.command("rejects", "export", file["id"], "--json").json
    world.server.delete("drop", "in/many.csv")
    gone = world.command("rejects", "export", file["id"], "--json")

    assert (len(every["rejects"]), every["complete"]) == (1_500, True)
    assert [each["line"] for each in left["rejects"]] == list(range(3, 1_502))
    assert (gone.code, len(gone.json["rejects"]), gone.json["complete"]) == (1, 999, False)


@pytest.mark.parametrize(
    ("to", "what"), [("none/x.csv", "The folder does not exist"), (".", "--to is a folder")]
)
def test_an_export_to_where_no_file_can_be_is_a_wrong_request(world, march, to, what):
    before = sorted(world.root.iterdir())

    answered = world.command("rejects", "export", march, "--to", to, "--json")

    assert (answered.code, answered.json["error"]["what"]) == (2, what)
    assert sorted(world.root.iterdir()) == before


EVERYWHERE = {
    "duck": {"kind": "duckdb", "path": "w.duckdb"},
    "lite": {"kind": "sqlite", "path": "w.sqlite"},
    "post": {"kind": "postgresql", "url": {"env": "WAREHOUSE"}, "schema": "public"},
}
SELECT = "SELECT id, name, CAST(salary AS INTEGER), _source_line FROM people ORDER BY id"


def in_each(world: World, url: str) -> list[list[tuple[object, ...]]]:
    with duckdb.connect(str(world.root / "w.duckdb"), read_only=True) as connection:
        duck = connection.sql(SELECT).fetchall()
    with closing(sqlite3.connect(world.root / "w.sqlite")) as lite, psycopg.connect(url) as post:
        return [duck, lite.execute(SELECT).fetchall(), post.execute(SELECT).fetchall()]


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_replay_reaches_every_database_once_under_the_lines_of_its_file(
    world, postgresql, monkeypatch, mode
):
    url = postgresql.database()
    monkeypatch.setenv("WAREHOUSE", url)
    world.environment["WAREHOUSE"] = url
    (world.root / "sample.csv").write_text("id,name,hired,salary\n1,sample,2026-01-31,1000\n")
    loads = [{**load(mode=mode, to=name, table="people"), "id": f"to-{name}"} for name in EVERYWHERE]
    world.apply(extract("delete", fields=FIELDS, max_rejected=3), *loads, destinations=EVERYWHERE)
    world.put("in/march.csv", MARCH)
    world.run()
    (file,) = world.files()
    before = in_each(world, url)

    world.command("rejects", "export", file["id"], "--to", "rejects.csv")
    mend(world.root / "rejects.csv")
    codes = [world.command("rejects", "replay", file["id"], "rejects.csv").code for _ in range(2)]

    good = [("1", "Ann", 3100, 2), ("3", "Cyd", 3000, 4), ("6", "Flo", 2800, 7)]
    mended = [("2", "Bob", 2900, 3), ("4", "-Dan", 3200, 5), ("5", "Eva Roe", 3300, 6)]
    assert before == [good] * 3
    assert codes == [0, 0]
    assert in_each(world, url) == [sorted(good + mended)] * 3
    assert world.run()["exit"] == 0
