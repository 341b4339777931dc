"""files: every occurrence, and what a person decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation
from bucketlift.cli.words import chosen

if TYPE_CHECKING:
    from bucketlift.service.core.app import App
    from bucketlift.service.runs.unloads import Unloaded

group = typer.Typer(help="Every file that was found, and what to do with those that wait.")
Ids = Annotated[list[str], typer.Argument(help="Ids of files, as `files list` shows them.")]


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Of this workflow only.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="In this state; may be given again.")] = None,
    reason: Annotated[list[str] | None, typer.Option(help="For this reason; may be given again.")] = None,
    run: Annotated[str | None, typer.Option(help="Taken by this run.")] = None,
    attention: Annotated[
        bool, typer.Option("--attention", help="Only those that wait for a person.")
    ] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those whose delete, move or rename waits for its time.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 1000,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over first.")] = 0,
) -> None:
    """List files by key."""
    from bucketlift.model.lifecycle import ATTENTION, FileState
    from bucketlift.service.files import files

    states = chosen(FileState, state) + (ATTENTION if attention else ())
    with installation() as app:
        found = files.find(
            app,
            workflow=workflow,
            states=states,
            reasons=tuple(reason or ()),
            run=run,
            waiting=waiting,
            limit=limit + 1,
            offset=offset,
        )
        shown = [
            outcome | {"workflow": each.workflow, "task": each.task}
            for each, outcome in zip(found, files.outcomes(app, found), strict=True)
        ][:limit]
    more = str(offset + limit) if len(found) > limit else None
    if output.is_json():
        output.document({"files": shown, "next": more})
        return
    columns = ["id", "workflow", "key", "#", "state", "rows", "rejected", "reason"]
    names = ["id", "workflow", "key", "occurrence", "state", "rows", "rejected", "reason"]
    if any(each["due_at"] for each in shown):
        columns, names = [*columns, "due"], [*names, "due_at"]
    output.table(columns, [[each[name] for name in names] for each in shown], empty="No such file.")
    if more:
        output.text(f"There are more: --offset {more}")


@group.command()
def show(file: str) -> None:
    """Show a file: how it stands, why, its receipts, and what to do."""
    from bucketlift.service.files import files

    with installation() as app:
        shown = files.shown(app, app.files.get(file))
    if output.is_json():
        output.document(shown)
        return
    receipts, replays = shown.pop("receipts"), shown.pop("replays")
    output.details(shown.items())
    for each in receipts:
        output.text(
            f"receipt:      {each['destination']}.{each['table']} at {each['committed_at']} ({each['load_id'][:16]})"
        )
    for each in replays:
        output.text(f"replay {each['replay']}:     {each['rows']:,} mended rejects, {each['state']}")


@group.command()
def accept(
    files: Ids,
    as_contract: Annotated[
        bool,
        typer.Option(
            "--as-contract",
            help="Take the header of one held file as its task's contract; held files are judged again.",
        ),
    ] = False,
) -> None:
    """Load held files all the same: their good rows; rejects are kept."""
    if as_contract:
        _adopt(files)
    else:
        _decide("accept", files)


def _adopt(files: list[str]) -> None:
    from dataclasses import asdict

    from bucketlift.errors import RequestWrong
    from bucketlift.service.files.adoption import adopt

    if len(files) != 1:
        raise RequestWrong("A contract is taken from one file", to="--as-contract", hint="Name one file.")
    with installation() as app:
        adopted = adopt(app, files[0])
    if output.is_json():
        output.document(asdict(adopted))
        return
    output.text(f"{adopted.workflow} has a new contract, in its version {adopted.version}.")
    for word, names in (("added", adopted.added), ("removed", adopted.removed)):
        if names:
            output.text(f"  {word}: {output.safe(', '.join(names))}")
    for old, new in adopted.renamed:
        output.text(f"  {output.safe(old)} is now {output.safe(new)}")
    if adopted.added:
        output.text("A table without the new columns refuses the load, and says how to add them.")
    output.text(f"The next run judges held files again: bucketlift run {adopted.workflow}")


@group.command()
def retry(files: Ids) -> None:
    """Try files again: their load, or their held action."""
    _decide("retry", files)


@group.command()
def ignore(files: Ids) -> None:
    """Leave files where they are, for good: unloaded, or loaded and not acted on."""
    _decide("ignore", files)


@group.command()
def hold(files: Ids) -> None:
    """Put files on hold before their load, or before their action."""
    _decide("hold", files)


def _decide(what: str, ids: list[str]) -> None:
    from bucketlift.service.files import files

    wishes = {
        "accept": files.accept,
        "retry": files.retry,
        "ignore": files.ignore,
        "hold": files.hold,
    }
    with installation() as app:
        decided = files.decide(app, wishes[what], ids)
        outcomes = files.outcomes(app, [each.claim for each in decided])
    if output.is_json():
        output.document({"files": outcomes})
        return
    for each in decided:
        output.text(f"{each.claim.id}  {output.safe(each.claim.source)}  {each.claim.state.value}")
        output.text(f"  {each.next}")


@group.command()
def unload(files: Ids) -> None:
    """Take the rows of loaded files out of their tables again; the files then wait."""
    from bucketlift.service.runs import unloads

    with installation() as app:
        out = unloads.unload(app, files)
        _show_unloaded(app, out)


@group.command()
def reload(
    files: Ids,
    force: Annotated[
        bool,
        typer.Option("--force", help="Even where the object is gone, so that nothing can be loaded anew."),
    ] = False,
) -> None:
    """Let the next run load files anew; the rows of loaded ones are taken out first."""
    from bucketlift.service.runs import unloads

    with installation() as app:
        out = unloads.reload(app, files, force=force)
        _show_unloaded(app, out)


def _show_unloaded(app: App, out: Unloaded) -> None:
    from bucketlift.service.files import files

    outcomes = files.outcomes(app, out.files)
    if output.is_json():
        output.document({"files": outcomes, "rows": out.rows})
        return
    for claim, outcome in zip(out.files, outcomes, strict=True):
        output.text(f"{claim.id}  {output.safe(claim.source)}  {outcome['state']}: {outcome['what']}")
        if outcome["hint"]:
            output.text(f"  {outcome['hint']}")
    for table, rows in out.rows.items():
        output.text(f"{rows:,} rows taken out of {output.safe(table)}")
    if any(claim.state.value == "retrying" for claim in out.files):
        output.text(f"The next run takes them: bucketlift run {out.files[0].workflow}")
