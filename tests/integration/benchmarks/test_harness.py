"""The benchmark runs: the same command as people's, at a size that tells nothing of speed."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import employees, report
from benchmarks.contender import Contender, Goal, Prepared, Standing, Work
from benchmarks.employees import FIELDS, one_file, small_files
from benchmarks.measuring import Measured, measure
from benchmarks.sizes import SIZES

ROOT = Path(__file__).parents[3]


def measured(wall: float) -> Measured:
    return Measured(wall=wall, cpu=1, resident=10, own=5, code=0, out="", err="")


def contender(name: str, amount: int = 1) -> Contender:
    return Contender(
        name=name, prepare=lambda _: Prepared(command=[], environment={}), version=str, amount=amount
    )


def figures(goal: Goal, *standings: Standing) -> object:
    told = report.document(
        [(Work(key="w", title="W", contenders=(), goals=(goal,)), standings)], SIZES["tiny"]
    )
    (found,) = told["works"][0]["goals"]
    return found["figure"], found["met"]


@pytest.mark.slow
def test_a_file_has_the_rows_that_are_told_of_it(tmp_path: Path) -> None:
    data = one_file(tmp_path, 1)

    with data.path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))

    assert rows[0] == list(FIELDS)
    assert {len(row) for row in rows} == {len(FIELDS)}
    assert (len(rows) - 1, data.path.stat().st_size) == (data.rows, data.bytes)
    assert one_file(tmp_path, 1) == data


@pytest.mark.slow
def test_one_row_in_a_thousand_is_bad_where_dirt_is_asked_for(tmp_path: Path) -> None:
    clean, dirty = one_file(tmp_path, 1), one_file(tmp_path, 1, dirty=True)

    assert clean.bad == 0
    assert dirty.bad == (dirty.rows + dirty.bad + 500) // 1_000


def test_a_file_of_several_times_the_size_repeats_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(employees, "REPEATED_MB", 1)
    once = one_file(tmp_path, 1)

    twice = one_file(tmp_path, 2)

    header, rows = once.path.read_bytes().split(b"\n", 1)
    assert twice.path.read_bytes() == header + b"\n" + rows * 2
    assert (twice.rows, twice.bytes) == (once.rows * 2, twice.path.stat().st_size)


def test_no_two_small_files_are_alike(tmp_path: Path) -> None:
    data = small_files(tmp_path, 3)

    bodies = [path.read_bytes() for path in sorted(data.path.iterdir())]

    assert len(set(bodies)) == 3
    assert sum(len(body) for body in bodies) == data.bytes
    assert all(10_000 <= len(body) < 10_500 for body in bodies)


@pytest.mark.slow
def test_memory_and_time_are_those_of_the_child(tmp_path: Path) -> None:
    # At work for a while: a process that ends between two looks is not seen at its peak.
    program = "import time; held = b'x' * 60_000_000; print(len(held))\nwhile time.process_time() < 0.3: pass"

    taken = measure([sys.executable, "-c", program], environment={}, folder=tmp_path, limit=60)

    assert (taken.code, taken.out) == (0, "60000000\n")
    assert taken.resident > 60
    assert taken.cpu >= 0.3


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    # Nobody ever writes to a pipe of its own.
    command = [sys.executable, "-c", "import os; os.read(os.pipe()[0], 1)"]

    taken = measure(command, environment={}, folder=tmp_path, limit=0.05)

    assert taken.code == -9


def test_rounds_are_compared_within_themselves() -> None:
    ours = Standing(contender=contender("ours"), rounds=[measured(2), measured(30), measured(4)])
    theirs = Standing(contender=contender("theirs"), rounds=[measured(1), measured(10), measured(1)])

    assert figures(Goal(what="", top="ours", over="theirs", at_most=3), ours, theirs) == (3, True)
    assert figures(Goal(what="", top="theirs", over="ours", at_least=0.5), ours, theirs) == (1 / 3, False)


def test_a_ratio_is_told_by_cpu_too() -> None:
    ours = Standing(contender=contender("ours"), rounds=[replace(measured(60), cpu=3)])
    theirs = Standing(contender=contender("theirs"), rounds=[replace(measured(10), cpu=2)])
    goal = Goal(what="ours / theirs", top="ours", over="theirs", at_most=2)

    told = report.document(
        [(Work(key="w", title="W", contenders=(), goals=(goal,)), (ours, theirs))], SIZES["tiny"]
    )

    assert "| ours / theirs | 6.00 | 1.50 | at most 2 | no |" in report.markdown(told)


def test_growth_is_told_per_unit() -> None:
    less = Standing(contender=contender("less", 10), rounds=[measured(10)])
    more = Standing(contender=contender("more", 100), rounds=[measured(110)])

    found = figures(Goal(what="", top="more", over="less", measure="time per unit", at_most=1.2), less, more)

    assert found == (pytest.approx(1.1), True)


def test_what_was_not_measured_meets_no_goal() -> None:
    ours = Standing(contender=contender("ours"), rounds=[measured(2)])
    theirs = Standing(contender=contender("theirs"), why="left out")

    assert figures(Goal(what="", top="theirs", over="ours", at_least=2), ours, theirs) == (None, None)


@pytest.mark.slow
def test_the_command_measures_bucketlift_and_writes_its_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = f"dirty --size tiny --peers none --big-mb 1 --server double --cache {tmp_path} --out {out}"
    command = [sys.executable, "-m", "benchmarks", *told.split()]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    written = json.loads((out / "result.json").read_text())
    assert [
        (each["name"], len(each["rounds"]), each["why"])
        for work in written["works"]
        for each in work["contenders"]
    ] == [
        ("clean", 1, ""),
        ("dirty", 1, ""),
    ]
    assert (out / "result.md").read_text() == ended.stdout
