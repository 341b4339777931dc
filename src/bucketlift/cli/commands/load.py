"""The `load` command, which loads the files of a prefix into a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bucketlift.cli import output, progress, streams
from bucketlift.cli.commands.run import show
from bucketlift.cli.file_format import NO_FORMAT, Form, with_file_format
from bucketlift.cli.opened import installation


def add_to(tree: typer.Typer) -> None:
    tree.command("load")(load)


@with_file_format
def load(
    source: Annotated[str, typer.Argument(metavar="s3://BUCKET/PREFIX")],
    into: Annotated[
        str, typer.Option(help="The name of a destination, duckdb:PATH, sqlite:PATH, or a postgresql:// URL.")
    ],
    table: Annotated[str, typer.Option(help="The table to load into.")],
    sample: Annotated[
        Path | None,
        typer.Option(help="The sample file whose header is the contract. The default is the first file."),
    ] = None,
    file_type: Annotated[str, typer.Option(help="The file type: csv or tsv.")] = "csv",
    max_rejected: Annotated[
        str | None,
        typer.Option(
            help="The rejects that a file may have: rows, or a percentage such as 1%. The default is none."
        ),
    ] = None,
    mode: Annotated[str, typer.Option(help="The write mode: append, upsert or replace.")] = "append",
    key: Annotated[
        list[str] | None,
        typer.Option(help="The key fields of an upsert, separated by commas. Can be repeated."),
    ] = None,
    account: Annotated[str | None, typer.Option(help="The account. Not needed if there is only one.")] = None,
    after_import: Annotated[str, typer.Option(help="What to do with loaded files: keep or delete.")] = "keep",
    several_folders: Annotated[
        bool,
        typer.Option(
            "--several-folders",
            help="Allow --after-import delete in several folders, if the prefix does not end in /.",
        ),
    ] = False,
    form: Form = NO_FORMAT,
) -> int:
    """Load files into a table; the same command later loads only new files."""
    from bucketlift.model.contract import FileType
    from bucketlift.model.load import WriteMode
    from bucketlift.model.workflow import NO_REJECTS, RejectLimit
    from bucketlift.service.projects import oneshot
    from bucketlift.service.runs import runs

    request = oneshot.LoadRequest(
        source=source,
        into=into,
        table=table,
        sample=sample,
        file_type=FileType(_one_of(file_type, "--file-type", list(FileType))),
        form=form,
        max_rejected=NO_REJECTS if max_rejected is None else RejectLimit.of(max_rejected),
        mode=WriteMode(_one_of(mode, "--mode", list(WriteMode))),
        key=tuple(part.strip() for each in key or () for part in each.split(",") if part.strip()),
        account=account,
        after_import=after_import,
        several_folders=several_folders,
    )
    streams.keep_exit_code()
    with installation() as app, progress.shown() as report:
        prepared = oneshot.prepare(app, request)
        workflow = prepared.workflow
        if prepared.reach.is_several:
            reached = output.safe(prepared.reach)
            output.note(f"The prefix does not end in / and reaches several folders: {reached}")
        for title in prepared.duplicates:
            output.note(
                f"{output.safe(title)} already loads the same files into the same table. "
                "This command keeps its own history, so it loads them again."
            )
        fields = ", ".join(workflow.extracts[0].contract.names)
        output.note(f"Contract: {output.safe(fields)}")
        ended = runs.start(app, workflow.key, progress=report, report=output.note)
    show(runs.shown(ended))
    return runs.exit_code(ended)


def _one_of(word: str, option: str, known: list[str]) -> str:
    if word not in known:
        raise typer.BadParameter(f"{option} must be one of {', '.join(known)}, not {word}")
    return word
