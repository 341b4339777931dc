"""Progress on stderr: a line that moves for people, JSON lines for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bucketlift.cli import output
from bucketlift.ports import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """Tells how far a run is while the block lasts."""
    if output.logs_json():
        yield _log
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(file=sys.stderr)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        lines = {}

        def tell(doing: str, task: str, done: int, total: int | None) -> None:
            if (doing, task) not in lines:
                lines[doing, task] = bars.add_task(f"{task}: {doing}", total=total)
            bars.update(lines[doing, task], completed=done, total=total)

        yield tell


def _log(doing: str, task: str, done: int, total: int | None) -> None:
    line = {"event": "progress", "doing": doing, "task": task, "files": done, "of": total}
    sys.stderr.write(json.dumps(line) + "\n")
