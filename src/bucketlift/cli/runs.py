"""runs: what was done."""

from __future__ import annotations

from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation
from bucketlift.cli.run import show as show_document

group = typer.Typer(help="What was done.")


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Of this workflow only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
) -> None:
    """List runs, the newest first."""
    from bucketlift.service import runs

    with installation() as app:
        found = [runs.listed(each) for each in app.runs.find(workflow=workflow, limit=limit)]
    if output.is_json():
        output.document({"runs": found})
        return
    output.table(
        ["run", "workflow", "trigger", "state", "started", "finished", "newly held"],
        [
            [
                each["run"],
                each["workflow"],
                each["trigger"],
                each["state"],
                _to_the_second(each["started_at"]),
                _to_the_second(each["finished_at"]),
                each["newly_held"],
            ]
            for each in found
        ],
        empty="No run yet. Run a workflow: bucketlift run WORKFLOW",
    )


def _to_the_second(moment: str | None) -> str | None:
    return moment and f"{moment[:19].replace('T', ' ')}Z"


@group.command()
def show(run: str) -> None:
    """Show a run's answer again."""
    from bucketlift.service import runs

    with installation() as app:
        found = runs.shown(app.runs.get(run))
    show_document(found)


def _later(what: str) -> None:
    from bucketlift.errors import NotAvailable

    raise NotAvailable(f"`runs {what}` is not available in this version", to=what)


@group.command()
def logs(run: str) -> None:  # noqa: ARG001 - part of the public contract
    """Show a run's log. Not available in this version."""
    _later("logs")


@group.command()
def retry(run: str) -> None:  # noqa: ARG001
    """Run again what failed. Not available in this version: `bucketlift run` does it too."""
    _later("retry")


@group.command()
def cancel(run: str) -> None:  # noqa: ARG001
    """Cancel a run. Not available in this version."""
    _later("cancel")
