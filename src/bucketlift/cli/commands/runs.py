"""The `runs` commands: list, show, retry and cancel runs."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from bucketlift.cli import output, progress, streams
from bucketlift.cli.choices import chosen
from bucketlift.cli.commands import notices
from bucketlift.cli.commands.run import show as show_document
from bucketlift.cli.opened import installation

group = typer.Typer(help="Show, retry and cancel runs.")
FOLLOW = 0.5
"""Seconds between two reads of a run's log with --follow."""


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only runs of this workflow.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only runs in this state. Can be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The maximum number of runs.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="The number of runs to skip.")] = 0,
) -> None:
    """List runs, newest first."""
    from bucketlift.model.lifecycle import RunState
    from bucketlift.service.runs import runs

    states = chosen(RunState, state)
    with installation() as app:
        found = [
            runs.listed(app, each)
            for each in app.ledger.runs.find(workflow=workflow, states=states, limit=limit + 1, offset=offset)
        ]
    more = str(offset + limit) if len(found) > limit else None
    if output.is_json():
        output.document({"runs": found[:limit], "next": more})
        return
    output.table(
        ["run", "workflow", "trigger", "state", "started", "finished", "newly held"],
        [
            [
                each["run"],
                each["workflow"],
                each["trigger"],
                each["outcome"].replace("_", " "),
                output.moment(each["started_at"]),
                output.moment(each["finished_at"]),
                each["newly_held"],
            ]
            for each in found[:limit]
        ],
        empty="No such run. Run a workflow: bucketlift run WORKFLOW",
    )
    for each in found[:limit]:
        if each["waits_for"]:
            output.text(_waits(each["run"], each["waits_for"]))
    if more:
        output.text(f"There are more: --offset {more}")


def _waits(run: str, other: dict[str, Any]) -> str:
    worker = f"{output.safe(other['name'] or '')} (process {other['worker']})".lstrip()
    under_way = f"run {other['run']} of {worker}" if other["run"] else worker
    if not other["alive"]:
        return f"{run} waits for {under_way}, which is dead: `bucketlift run` continues it, `bucketlift runs cancel` ends it."
    since = f", started {output.moment(other['since'])}" if other["since"] else ""
    return f"{run} waits for {under_way}{since}."


@group.command()
def show(run: str) -> None:
    """Show the result of a run."""
    from bucketlift.service.core.run_waits import waits_for
    from bucketlift.service.runs import runs

    with installation() as app:
        known = app.ledger.runs.get(run)
        found, other = runs.shown(known), waits_for(app, known)
    show_document(found if other is None else {**found, "waits_for": other})
    if other is not None and not output.is_json():
        output.text(_waits(run, other))


@group.command()
def logs(
    run: str,
    follow: Annotated[bool, typer.Option("--follow", help="Print new lines until the run ends.")] = False,
) -> None:
    """Show the events of a run's tasks and batches."""
    from bucketlift.service.runs import runs

    with installation() as app:
        found: list[dict[str, Any]] = []
        last, over = 0, False
        while not over:
            over = not follow or app.ledger.runs.get(run).finished_at is not None
            lines = runs.lines(app, run, after=last)
            last = lines[-1]["id"] if lines else last
            if output.is_json():
                found += lines
            else:
                _print(lines)
                output.flush()
            if not over:
                over = output.is_unread()
                time.sleep(FOLLOW)
    if output.is_json():
        output.document({"run": run, "lines": found})


def _print(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        task = f"{line['task']}: " if line["task"] else ""
        what = output.safe(f"{task}{line['what']}")
        output.text(f"{output.moment(line['at'])} {line['level']:<7} {what}")


@group.command()
def retry(
    run: str,
    held: Annotated[
        bool, typer.Option("--held", help="Also try the files and actions again that the run held.")
    ] = False,
) -> int:
    """Run the workflow of a run again, including files that it left or failed to load."""
    from bucketlift.service.runs import runs

    streams.keep_exit_code()
    with installation() as app:
        with progress.shown() as report:
            ended = runs.retry(app, run, held=held, progress=report, report=output.note)
        show_document(runs.shown(ended))
        notices.send_after_run(app)
        return runs.exit_code(ended)


@group.command()
def cancel(run: str) -> None:
    """Cancel a run; uncommitted work is left to the next run."""
    from bucketlift.service.runs import runs

    with installation() as app:
        asked = runs.cancel(app, run)
        found = runs.end_cancelled(app, asked)
        answer = runs.listed(app, found)
    if output.is_json():
        output.document(answer)
        return
    if asked.finished_at is not None:
        output.text(f"{found.id}: cancelled before it started")
    elif found.finished_at is not None:
        output.text(f"{found.id}: {found.state.value}. Its worker was dead, so this command ended it.")
    else:
        output.text(
            f"{found.id}: cancellation requested. To see when it ends: bucketlift runs show {found.id}"
        )
