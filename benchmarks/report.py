"""The outcome as Markdown for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contender import MEASURES, Goal, Standing, Work
from benchmarks.sizes import Sizes

_HOW_TO_READ = (
    "Medians of the rounds; client, S3 server and database share the cores. CPU is the client's. Memory is the peak of its"
    " whole process tree; “own” leaves out pages of mapped files. Ratios are medians of each round's own ratio; those by CPU are of the clients alone."
)

Outcome = tuple[Work, Sequence[Standing]]


def document(outcomes: Sequence[Outcome], sizes: Sizes) -> dict[str, Any]:
    """All that was measured, round by round, and the ratios."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "sizes": {name: getattr(sizes, name) for name in sizes.__slots__},
        "works": [_work(work, standings) for work, standings in outcomes],
    }


def machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _work(work: Work, standings: Sequence[Standing]) -> dict[str, Any]:
    return {
        "key": work.key,
        "title": work.title,
        "contenders": [_contender(standing) for standing in standings],
        "goals": [_goal(goal, standings) for goal in work.goals],
    }


def _contender(standing: Standing) -> dict[str, Any]:
    rounds = [
        {"wall": each.wall, "cpu": each.cpu, "resident": each.resident, "own": each.own}
        for each in standing.rounds
    ]
    middle = {name: median(each[name] for each in rounds) for name in rounds[0]} if rounds else {}
    return {
        "name": standing.contender.name,
        "version": standing.version,
        "rows": standing.contender.rows,
        "median": middle,
        "rounds": rounds,
        "why": standing.why,
    }


def _goal(goal: Goal, standings: Sequence[Standing]) -> dict[str, Any]:
    figures = _figures(goal, standings)
    figure = median(figures) if figures else None
    met = None
    if figure is not None and (goal.at_most is not None or goal.at_least is not None):
        met = figure <= (goal.at_most or figure) and figure >= (goal.at_least or figure)
    return {
        "what": goal.what,
        "figure": figure,
        "by_cpu": _by_cpu(goal, standings),
        "at_most": goal.at_most,
        "at_least": goal.at_least,
        "met": met,
    }


def _by_cpu(goal: Goal, standings: Sequence[Standing]) -> float | None:
    """The same of CPU seconds, which tell more than time on a machine that others use too."""
    measure = {"wall": "cpu", "time per unit": "cpu per unit"}.get(goal.measure)
    figures = _figures(replace(goal, measure=measure), standings) if measure else []
    return median(figures) if figures else None


def _figures(goal: Goal, standings: Sequence[Standing]) -> list[float]:
    """One per round that all of the goal's contenders ended: each round is compared within itself."""
    by_name = {standing.contender.name: standing for standing in standings}
    named = [by_name[name] for name in (goal.top, goal.less, goal.over) if name is not None]
    measure = MEASURES[goal.measure]
    rounds = zip(*(standing.rounds for standing in named), strict=False)
    figures = []
    for each in rounds:
        values = [measure(one, standing.contender) for one, standing in zip(each, named, strict=True)]
        if goal.less is not None:
            values = [values[0] - values[1], *values[2:]]
        figures.append(values[0] / values[1] if goal.over is not None else values[0])
    return figures


def markdown(told: dict[str, Any]) -> str:
    machine = told["machine"]
    where = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    lines = [
        "# Benchmarks",
        "",
        f"{told['at']}; {where}, Python {machine['python']}; load average {machine['load_average']} at the end.",
        "",
        _HOW_TO_READ,
    ]
    for work in told["works"]:
        lines += ["", f"## {work['title']}", "", *_table(work)]
    return "\n".join([*lines, ""])


def _table(work: dict[str, Any]) -> list[str]:
    rows = [
        "| | version | wall s | spread | CPU s | peak MB | own MB | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows += [_line(each) for each in work["contenders"]]
    if work["goals"]:
        rows += ["", "| | measured | by CPU | goal | met |", "|---|---|---|---|---|"]
        rows += map(_goal_line, work["goals"])
    return rows


def _line(each: dict[str, Any]) -> str:
    if not each["rounds"]:
        return f"| {each['name']} | {each['version']} | | | | | | {each['why']} |"
    middle, walls = each["median"], [one["wall"] for one in each["rounds"]]
    spread = f"{min(walls):.2f}-{max(walls):.2f}"
    figures = f"{middle['wall']:.2f} | {spread} | {middle['cpu']:.2f} | {middle['resident']:.0f} | {middle['own']:.0f}"
    return f"| {each['name']} | {each['version']} | {figures} | {each['why']} |"


def _goal_line(goal: dict[str, Any]) -> str:
    figure = "not measured" if goal["figure"] is None else f"{goal['figure']:,.2f}"
    by_cpu = "" if goal["by_cpu"] is None else f"{goal['by_cpu']:,.2f}"
    wanted = f"at most {goal['at_most']}" if goal["at_most"] is not None else ""
    wanted = f"at least {goal['at_least']}" if goal["at_least"] is not None else wanted
    met = {None: "", True: "yes", False: "no"}[goal["met"]]
    return f"| {goal['what']} | {figure} | {by_cpu} | {wanted} | {met} |"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )
