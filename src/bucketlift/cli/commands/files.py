"""The `files` commands: files found in buckets, and decisions about them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.choices import chosen
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.model.directory.people import UndoEffect
    from bucketlift.service.core.app import App
    from bucketlift.service.runs.unloads import Unloaded

group = typer.Typer(help="Show files, and decide about those that are held.")
Ids = Annotated[list[str], typer.Argument(help="IDs of files, as shown by `files list`.")]


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only files of this workflow.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only files in this state. Can be repeated.")
    ] = None,
    reason: Annotated[
        list[str] | None, typer.Option(help="Only files with this reason. Can be repeated.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only files of this run.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only files that need a decision.")] = False,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only files whose delete, move or rename is delayed.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The maximum number of files.")] = 1000,
    offset: Annotated[int, typer.Option(min=0, help="The number of files to skip.")] = 0,
) -> None:
    """List files, sorted by key."""
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
    """Show a file: its state, the reason, its receipts, and what to do."""
    from bucketlift.service.files import files

    with installation() as app:
        shown = files.shown(app, app.ledger.claims.get(file))
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
            help="Use the header of one held file as its task's contract, and check held files again.",
        ),
    ] = False,
) -> None:
    """Load the good rows of held files; their rejects are kept."""
    if as_contract:
        _adopt(files)
    else:
        _decide("accept", files)


def _adopt(files: list[str]) -> None:
    from dataclasses import asdict

    from bucketlift.errors import RequestWrong
    from bucketlift.service.files.adoption import adopt

    if len(files) != 1:
        raise RequestWrong("Only one file can become the contract", to="--as-contract", hint="Name one file.")
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
        output.text("If the table lacks the new columns, the load fails and shows how to add them.")
    output.text(f"The next run checks held files again: bucketlift run {adopted.workflow}")


@group.command()
def retry(files: Ids) -> None:
    """Try the load or the held action of files again."""
    _decide("retry", files)


@group.command()
def ignore(files: Ids) -> None:
    """Ignore files permanently.

    A file that is not loaded yet is never loaded; the object of a loaded file stays in the bucket.
    """
    _decide("ignore", files)


@group.command()
def hold(files: Ids) -> None:
    """Put files on hold before their load, or before their action."""
    _decide("hold", files)


def _decide(what: str, ids: list[str]) -> None:
    from bucketlift.service.files import decisions, files

    by_name = {
        "accept": decisions.accept,
        "retry": decisions.retry,
        "ignore": decisions.ignore,
        "hold": decisions.hold,
    }
    with installation() as app:
        decided = decisions.decide(app, by_name[what], ids)
        outcomes = files.outcomes(app, [each.claim for each in decided])
    if output.is_json():
        output.document({"files": outcomes})
        return
    for each in decided:
        output.text(f"{each.claim.id}  {output.safe(each.claim.source)}  {each.claim.state.value}")
        output.text(f"  {each.next}")


@group.command()
def unload(
    files: Ids,
    task: Annotated[
        str | None,
        typer.Option(
            help="Remove only the rows of this load task. The files keep their states, and this task does not load them again."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Undo loads into a directory without a prompt.")] = False,
) -> None:
    """Remove the rows of loaded files from their tables and directories, and hold the files."""
    from bucketlift.service.runs import unloads

    with installation() as app:
        if not yes:
            _confirm_undo(unloads.undo_effects(app, files, task))
        out = unloads.unload(app, files, task)
        _show_unloaded(app, out)


def _confirm_undo(effects: Sequence[tuple[str, UndoEffect]]) -> None:
    """Show which people an undo changes, and ask for a confirmation at a terminal."""
    for place, effect in effects:
        output.note(
            f"{place}: {effect.rows:,} rows are undone: {effect.deleted:,} people are deleted, {effect.restored:,} "
            "get their former values"
        )
        if effect.kept:
            ids = ", ".join(str(each) for each in effect.examples)
            output.note(
                f"  {effect.kept:,} people keep values that later loads set or confirmed (such as {ids}): undo those "
                "loads too if these values are wrong"
            )
    if effects and sys.stdin.isatty() and not typer.confirm("Undo?", err=True):
        raise typer.Abort


@group.command()
def reload(
    files: Ids,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Remove the rows even if the object is gone and cannot be loaded again."
        ),
    ] = False,
) -> None:
    """Load files again in the next run, after their rows are removed."""
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
        reason = f": {outcome['what']}" if outcome["what"] else ""
        output.text(f"{claim.id}  {output.safe(claim.source)}  {outcome['state']}{reason}")
        if outcome["hint"]:
            output.text(f"  {outcome['hint']}")
    for table, rows in out.rows.items():
        output.text(f"{rows:,} rows removed from {output.safe(table)}")
    if any(claim.state.value == "retrying" for claim in out.files):
        output.text(f"The next run loads them: bucketlift run {out.files[0].workflow}")
