"""Shows progress on stderr: bars on a terminal, JSON lines for programs, nothing in a plain file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bucketlift.cli import output
from bucketlift.ports import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """Show the progress of a run while the block lasts."""
    if output.logs_json():
        from bucketlift.logs import log

        log.to_stderr(as_json=True)
        yield _log
        return
    if not (sys.stderr.isatty() and output.is_utf8(sys.stderr)):
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(file=sys.stderr)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        lines = {}

        def report(doing: str, task: str, done: int, total: int | None) -> None:
            if (doing, task) not in lines:
                lines[doing, task] = bars.add_task(f"{task}: {doing}", total=total)
            bars.update(lines[doing, task], completed=done, total=total)

        yield report


def _ignore(doing: str, task: str, done: int, total: int | None) -> None:
    """Print nothing, because progress bars are useless in a file."""


def _log(doing: str, task: str, done: int, total: int | None) -> None:
    from bucketlift.logs import log

    log.info("progress", doing=doing, task=task, files=done, of=total)
