"""The commands `directory responses` and `directory records`."""

from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.directories import (
    After,
    Form,
    Format,
    Limit,
    Output,
    To,
    Yes,
    confirm,
    opened_directory,
    print_deleted,
    write_parts,
)


def _commands(noun: str, of: str, option: str) -> typer.Typer:
    """The commands for responses or records. ``of``: survey or data project, whose name is given by the
    option ``option``.
    """
    commands = typer.Typer(help=f"Show, export and delete the {noun} of {of}s.")
    Set = Annotated[str, typer.Option(option, help=f"The {of}, as the load task names it.")]  # noqa: N806 - a type
    AnySet = Annotated[  # noqa: N806 - as above
        str | None, typer.Option(option, help=f"The {of}. Without it, all {of}s are listed.")
    ]
    Number = Annotated[list[int], typer.Argument(help="The ID of each, as `list` shows it.")]  # noqa: N806 - as above

    def list_(to: To, name: AnySet = None, after: After = 0, limit: Limit = 1000) -> None:
        if name is None:
            _list_sets(to, noun, of)
        else:
            _list_rows(to, noun, name, after, limit)

    def export(to: To, name: Set, form: Format = Form.CSV, to_file: Output = None) -> None:
        from bucketlift.service.directory import data

        with opened_directory(to) as (_, directory):
            write_parts(data.exported(directory, noun, name, csv=form is Form.CSV), to_file)

    def delete(numbers: Number, to: To, name: Set, yes: Yes = False) -> None:
        from bucketlift.service.directory import data

        with opened_directory(to) as (_, directory):
            kind = data.require_set(directory, noun, name)
            confirm(f"Delete {len(numbers):,} {noun} with their history?", yes=yes)
            gone = directory.delete(kind, [str(number) for number in numbers])
        print_deleted(noun, gone)

    commands.command("list", help=f"List {of}s, or the {noun} of one.")(list_)
    commands.command("export", help=f"Write all {noun} of one {of} to a file.")(export)
    commands.command("delete", help=f"Delete {noun} with values and history. The counts of loads stay.")(
        delete
    )
    return commands


def _list_sets(to: str, noun: str, of: str) -> None:
    from bucketlift.service.directory import data

    with opened_directory(to) as (_, directory):
        shown = [{"name": each.name, noun: each.rows} for each in data.sets(directory, noun)]
    if output.is_json():
        output.document({f"{of.rsplit(maxsplit=1)[-1]}s": shown})
        return
    output.table(["name", noun], [[each["name"], each[noun]] for each in shown], empty=f"No {noun}.")


def _list_rows(to: str, noun: str, name: str, after: int, limit: int) -> None:
    from bucketlift.service.directory import data

    with opened_directory(to) as (_, directory):
        kind = data.require_set(directory, noun, name)
        found = directory.people(kind, after=after, limit=limit + 1)
        columns = data.columns(directory, noun, kind)
    shown = [data.document(noun, each) for each in found[:limit]]
    following = str(found[limit - 1].id) if len(found) > limit else None
    if output.is_json():
        output.document({noun: shown, "next": following})
        return
    output.table(columns, [[each.get(column) for column in columns] for each in shown], empty=f"No {noun}.")
    if following:
        output.text(f"There are more: --after {following}")


responses = _commands("responses", "survey", "--survey")
records = _commands("records", "data project", "--project")
