"""rejects: rows that could not be read exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Rows that could not be read exactly, with their original bytes.")


@group.command("list")
def list_(file: str) -> None:
    """List a file's rejects: where each is, and why. Cell contents are left out."""
    from bucketlift.service import rejects

    with installation() as app:
        found = rejects.find(app, file)
    if output.is_json():
        output.document({"file": file, "rejects": [rejects.shown(each) for each in found]})
        return
    output.table(
        ["line", "offset", "reason", "field", "bytes"],
        [[each.line, each.offset, str(each.reason), each.field, len(each.raw)] for each in found],
        empty="This file has no rejects.",
    )


@group.command()
def export(
    file: str,
    to: Annotated[Path | None, typer.Option("--to", help="A file to write; else stdout.")] = None,
) -> None:
    """Write a file's rejects as CSV with the original text, to be mended."""
    from bucketlift.service import rejects

    with installation() as app:
        found = rejects.find(app, file)
    if output.is_json():
        output.document({"file": file, "rejects": [rejects.shown(each) for each in found]})
        return
    text = rejects.as_csv(found)
    if to is None:
        output.text(text)
        return
    to.write_text(text, encoding="utf-8", newline="")
    output.note(f"{len(found)} rejects written to {to}")


@group.command()
def replay(file: str, mended: Path) -> None:  # noqa: ARG001 - part of the public contract
    """Load mended rejects. Not available in this version."""
    from bucketlift.errors import NotAvailable

    raise NotAvailable("`rejects replay` is not available in this version", to=file)
