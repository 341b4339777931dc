"""A workflow that is set up over and over, killed somewhere, and run again to its quiet end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from e2e.file_world import FileWorld
from e2e.world import World

FULL = os.environ.get("BUCKETLIFT_CRASH") == "full"
"""Every point, and a second death during the recovery; otherwise every few points."""


class Mortals:
    """Starts processes that may die: forked from one that has everything imported."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dying.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                # Libraries must not start threads before the fork.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
        )

    def run(self, world: World | FileWorld, *, at: int | None = None, after: bool = False) -> dict[str, Any]:
        """Run workflow ``w``; dies at the n-th effect, or ends and tells the effects it passed."""
        order = {"environment": world.environment, "workflow": "w", "at": at, "after": after}
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        answer: dict[str, Any] = json.loads(self._parent.stdout.readline())
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()


@dataclass(kw_only=True)
class Scene:
    """A world that can be put back to where it began."""

    world: World
    lay_out: Callable[[World], None]
    tables: tuple[str, ...]

    def set_up(self) -> None:
        """Keep the home as it is now, to begin each time with it."""
        shutil.copytree(self.world.home, self._pristine)

    @property
    def _pristine(self) -> Path:
        root: Path = self.world.root
        return root / "pristine"

    def reset(self) -> None:
        world = self.world
        shutil.rmtree(world.home)
        shutil.copytree(self._pristine, world.home)
        for rest in world.root.glob("warehouse*"):
            rest.unlink()
        for bucket in world.server.buckets():
            world.server.empty(bucket)
        world.puts.clear()
        world.taken_away.clear()
        world.server.log.clear()
        self.lay_out(world)

    def outcome(self) -> dict[str, Any]:
        """All that a person could find afterwards; probes that a dead process left behind are no harm."""
        world = self.world
        return {
            "tables": {table: world.rows(table, "*") for table in self.tables},
            "files": sorted(
                (each["key"], each["occurrence"], each["state"], each["rows"], each["moved_to"])
                for each in world.files()
            ),
            "objects": {
                bucket: {key: body for key, body in world.server.objects(bucket).items() if _is_content(key)}
                for bucket in world.server.buckets()
            },
        }


def _is_content(key: str) -> bool:
    return ".bucketlift/" not in key
