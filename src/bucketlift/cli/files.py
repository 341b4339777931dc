"""files: every occurrence, and what a person decides about it."""

from __future__ import annotations

from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Every file that was found, and what to do with those that wait.")
Ids = Annotated[list[str], typer.Argument(help="Ids of files, as `files list` shows them.")]


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Of this workflow only.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="In this state; may be given again.")] = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Only those that wait for a person.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 1000,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over first.")] = 0,
) -> None:
    """List files by key."""
    from bucketlift.model.lifecycle import ATTENTION, FileState
    from bucketlift.rules.document import file_outcome
    from bucketlift.service import files

    known = [each.value for each in FileState]
    wrong = [each for each in state or () if each not in known]
    if wrong:
        raise typer.BadParameter(f"There is no state {wrong[0]}; the states are {', '.join(known)}")
    states = tuple(FileState(each) for each in state or ()) + (ATTENTION if attention else ())
    with installation() as app:
        found = files.find(app, workflow=workflow, states=states, limit=limit + 1, offset=offset)
    more = str(offset + limit) if len(found) > limit else None
    if output.is_json():
        shown = [
            file_outcome(each) | {"workflow": each.workflow, "task": each.task} for each in found[:limit]
        ]
        output.document({"files": shown, "next": more})
        return
    output.table(
        ["id", "workflow", "key", "#", "state", "rows", "rejected", "reason"],
        [
            [
                each.id,
                each.workflow,
                each.source.key,
                each.source.occurrence,
                each.state.value,
                each.rows,
                each.rejected,
                each.reason,
            ]
            for each in found[:limit]
        ],
        empty="No such file.",
    )
    if more:
        output.text(f"There are more: --offset {more}")


@group.command()
def show(file: str) -> None:
    """Show a file: how it stands, why, its receipts, and what to do."""
    from bucketlift.service import files

    with installation() as app:
        shown = files.shown(app, app.files.get(file))
    if output.is_json():
        output.document(shown)
        return
    receipts = shown.pop("receipts")
    output.details(shown.items())
    for each in receipts:
        output.text(
            f"receipt:      {each['destination']}.{each['table']} at {each['committed_at']} ({each['load_id'][:16]})"
        )


@group.command()
def accept(files: Ids) -> None:
    """Load held files all the same: their good rows; rejects are kept."""
    _decide("accept", files)


@group.command()
def retry(files: Ids) -> None:
    """Try files again: their load, or their held action."""
    _decide("retry", files)


@group.command()
def ignore(files: Ids) -> None:
    """Leave files where they are, for good."""
    _decide("ignore", files)


@group.command()
def hold(files: Ids) -> None:
    """Put files on hold before their load, or before their action."""
    _decide("hold", files)


def _decide(what: str, ids: list[str]) -> None:
    from bucketlift.rules.document import file_outcome
    from bucketlift.service import files

    wishes = {
        "accept": files.accept,
        "retry": files.retry,
        "ignore": files.ignore,
        "hold": files.hold,
    }
    with installation() as app:
        decided = files.decide(app, wishes[what], ids)
    if output.is_json():
        output.document({"files": [file_outcome(each.claim) for each in decided]})
        return
    for each in decided:
        output.text(f"{each.claim.id}  {output.safe(each.claim.source)}  {each.claim.state.value}")
        output.text(f"  {each.next}")


def _later(what: str) -> None:
    from bucketlift.errors import NotAvailable

    raise NotAvailable(f"`files {what}` is not available in this version", to=what)


@group.command()
def unload(files: Ids) -> None:  # noqa: ARG001 - part of the public contract
    """Take a file's rows out again. Not available in this version."""
    _later("unload")


@group.command()
def reload(files: Ids) -> None:  # noqa: ARG001
    """Load a file anew. Not available in this version."""
    _later("reload")
