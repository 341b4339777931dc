"""Options and steps that the `directory` commands share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.ports import Directory
    from bucketlift.service.core.app import App

To = Annotated[str, typer.Option("--to", help="The directory: a destination of kind directory.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="The maximum number of entries.")]
After = Annotated[int, typer.Option(min=0, help="Only entries after this ID (to get the next page).")]
Search = Annotated[str, typer.Option(help="Only people with this text in a name, an address or an ID.")]
InList = Annotated[str | None, typer.Option("--list", help="Only people in this mailing list.")]
Yes = Annotated[bool, typer.Option("--yes", help="Delete without a prompt.")]
Output = Annotated[Path | None, typer.Option("--output", help="The file to write. The default is stdout.")]


class Form(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


Format = Annotated[Form, typer.Option(help="The format of the file.")]


@contextmanager
def opened_directory(to: str) -> Iterator[tuple[App, Directory]]:
    from bucketlift.service.directory import people

    with installation() as app:
        yield app, people.opened(app, to)


def confirm(question: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(question, err=True):
        raise typer.Abort


def print_deleted(kind: str, gone: int) -> None:
    if output.is_json():
        output.document({"deleted": gone})
    else:
        output.text(f"Deleted {kind}: {gone:,}")


def write_parts(parts: Iterable[str], to_file: Path | None) -> None:
    from bucketlift.errors import RequestWrong

    if to_file is None:
        output.file(parts)
        return
    try:
        with to_file.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        raise RequestWrong(
            f"The file cannot be written ({error.strerror})", to=str(to_file), hint="Name another file."
        ) from error
