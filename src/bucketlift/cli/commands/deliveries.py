"""The `deliveries` commands: what was sent to destinations without transactions, and chunks in doubt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bucketlift.model.delivery import Chunk
    from bucketlift.service.files.deliveries import Decided

group = typer.Typer(help="Show deliveries, and decide about chunks whose answers were lost.")

File = Annotated[str, typer.Argument(help="The ID of the file.")]
Task = Annotated[str | None, typer.Option(help="Only the chunks of this load task.")]
Number = Annotated[int | None, typer.Option("--chunk", help="Only the chunk with this number.")]
Replay = Annotated[int | None, typer.Option("--replay", help="Only chunks of this replay; 0: of the file.")]
Yes = Annotated[bool, typer.Option("--yes", help="Decide without a prompt.")]


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only files of this workflow.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All unfinished deliveries, not only those in doubt.")
    ] = False,
) -> None:
    """List the deliveries that wait for a decision, by file and load task."""
    from bucketlift.model.delivery import ChunkState
    from bucketlift.service.files import deliveries

    with installation() as app:
        found = deliveries.find(app, workflow=workflow, every=every)
    if output.is_json():
        output.document({"deliveries": [deliveries.document(each) for each in found]})
        return
    output.table(
        ["file", "workflow", "key", "task", "destination", *(state.value for state in ChunkState)],
        [
            [
                each.claim.id,
                each.claim.workflow,
                each.claim.source.key,
                each.load_task,
                each.destination,
                *(each.states.get(state, 0) for state in ChunkState),
            ]
            for each in found
        ],
        empty="Every delivery is finished." if every else "No delivery is in doubt.",
    )


@group.command()
def show(file: File) -> None:
    """Show the chunks of a file, with their idempotency keys."""
    from bucketlift.service.files import deliveries

    with installation() as app:
        found = deliveries.chunks(app, file)
    if output.is_json():
        output.document({"file": file, "chunks": [deliveries.chunk_document(each) for each in found]})
        return
    output.table(
        ["task", "replay", "chunk", "lines", "rows", "refused", "state", "key", "what"],
        [
            [
                each.load_task,
                each.part or None,
                each.number,
                f"{each.first_line}-{each.last_line}",
                each.rows,
                len(each.refused),
                each.state.value,
                each.name or each.key,
                each.what,
            ]
            for each in found
        ],
        empty="Nothing of this file was delivered.",
    )


@group.command()
def confirm(
    file: File, task: Task = None, number: Number = None, replay: Replay = None, yes: Yes = False
) -> None:
    """Decide that the destination has the chunks in doubt: they are not sent again."""
    from bucketlift.service.files import deliveries

    with installation() as app:
        if not yes:
            found = deliveries.doubtful(app, file, task=task, number=number, part=replay)
            _ask(found, "are at the destination, and are not sent again")
        _show(deliveries.confirm(app, file, task=task, number=number, part=replay))


@group.command()
def resend(
    file: File,
    task: Task = None,
    number: Number = None,
    replay: Replay = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Send all rows of the file's unfinished deliveries again, also those that were confirmed.",
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Decide that the destination does not have the chunks in doubt: the next run sends them again."""
    from bucketlift.errors import RequestWrong
    from bucketlift.service.files import deliveries

    if every and (number is not None or replay is not None):
        raise RequestWrong(
            "--all excludes --chunk and --replay", hint="--all sends all rows of unfinished deliveries."
        )
    with installation() as app:
        if every:
            if not yes:
                _ask(
                    deliveries.unfinished(app, app.ledger.claims.get(file), task),
                    "are sent again, also if they are at the destination",
                )
            _show(deliveries.resend_all(app, file, task=task))
            return
        if not yes:
            found = deliveries.doubtful(app, file, task=task, number=number, part=replay)
            _ask(found, "are not at the destination, and are sent again")
        _show(deliveries.resend(app, file, task=task, number=number, part=replay))


def _ask(found: Sequence[Chunk], what: str) -> None:
    """Show the chunks, and ask at a terminal."""
    for each in found:
        output.note(
            f"{each.load_task}: chunk {each.number}, lines {each.first_line:,} to {each.last_line:,}, key {each.key}"
        )
    rows = sum(each.rows for each in found)
    if sys.stdin.isatty() and not typer.confirm(f"{rows:,} rows {what}?", err=True):
        raise typer.Abort


def _show(decided: Decided) -> None:
    from bucketlift.service.files import deliveries

    if output.is_json():
        document = [deliveries.chunk_document(each) for each in decided.chunks]
        output.document({"file": decided.claim.id, "state": decided.claim.state.value, "decided": document})
        return
    output.text(
        f"{decided.claim.id}  {output.safe(decided.claim.source)}  {decided.claim.state.value}\n"
        f"  The next run continues its delivery: bucketlift run {decided.claim.workflow}"
    )
