"""Runs the contenders of a work in turn, round by round, so that a drift of the machine meets all of them."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.contender import Contender, Standing, Work
from benchmarks.measuring import Measured, measure
from benchmarks.peers import NotInstallable
from benchmarks.scene import Scene


def compete(scene: Scene, work: Work) -> list[Standing]:
    """A contender that fails once is out, with the reason; its figures of earlier rounds stay."""
    standings = [Standing(contender=contender) for contender in work.contenders]
    for number in range(min(scene.sizes.rounds, work.rounds or scene.sizes.rounds)):
        for standing in standings:
            if not standing.why:
                _round(scene, work, standing, number)
    return standings


def _round(scene: Scene, work: Work, standing: Standing, number: int) -> None:
    name = standing.contender.name
    try:
        standing.version = standing.version or standing.contender.version()
        measured = _measured(scene, standing.contender)
    except (NotInstallable, RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
        # One that cannot even be made ready does not end a measurement of hours.
        standing.why = str(error)
        _tell(f"{work.key}: {name}: {standing.why}")
        return
    standing.rounds.append(measured)
    load = os.getloadavg()[0]
    _tell(
        f"{work.key}, round {number + 1}: {name}: {measured.wall:.2f} s, CPU {measured.cpu:.2f} s, "
        f"{measured.resident:.0f} MB (load average {load:.1f})"
    )


def _measured(scene: Scene, contender: Contender) -> Measured:
    """Raises RuntimeError where it ended badly, ValueError where its rows are not those of the data."""
    with scene.folder() as folder:
        ready = contender.prepare(folder)
        measured = measure(
            ready.command, environment=ready.environment, folder=folder, limit=scene.limit, stdin=ready.stdin
        )
        if measured.code == -9:
            raise RuntimeError(f"not done within {scene.limit:.0f} s")
        if measured.code != 0:
            raise RuntimeError(f"it ended with {measured.code}: {_last_line(measured)}")
        if ready.rows is not None and contender.rows is not None:
            rows = ready.rows(measured)
            if rows != contender.rows:
                raise ValueError(f"{rows:,} rows came of {contender.rows:,}")
    return measured


def _last_line(measured: Measured) -> str:
    lines = (measured.err.strip() or measured.out.strip()).splitlines()
    return lines[-1][:200] if lines else "without a word"


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
