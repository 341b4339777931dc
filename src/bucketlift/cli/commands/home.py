"""The `init` and `demo` commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation
from bucketlift.cli.signals import wait_for_stop


def add_to(tree: typer.Typer) -> None:
    tree.command("init")(init)
    tree.command("demo")(demo)


def init(
    folder: Annotated[Path, typer.Argument(help="The folder for the example file.")] = Path(),
) -> None:
    """Create the home and a commented example of a workflow file."""
    from bucketlift.definition.example import EXAMPLE, EXAMPLE_NAME, SAMPLE, SAMPLE_NAME
    from bucketlift.errors import RequestWrong

    file, sample = folder / EXAMPLE_NAME, folder / SAMPLE_NAME
    for path in (file, sample):
        if path.exists():
            raise RequestWrong(
                "The file already exists, and it is not overwritten",
                to=str(path),
                hint="Move it away, or name another folder: bucketlift init FOLDER",
            )
    with installation() as app:
        home = str(app.home)
    sample.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(EXAMPLE, encoding="utf-8")
    sample.write_text(SAMPLE, encoding="utf-8")
    if output.is_json():
        output.document({"home": home, "file": str(file), "sample": str(sample)})
        return
    output.text(f"Home: {home}\nCreated {file} and {sample}.\nNext: bucketlift validate {file}")


def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit after the workflows have run.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(help="The home to use. The default is BUCKETLIFT_HOME, or else ./bucketlift-demo."),
    ] = None,
) -> int:
    """Load sample files from an embedded S3 server, and show the outcome of every object."""
    from bucketlift.cli.demo_output import show
    from bucketlift.demo.page import page
    from bucketlift.demo.runner import demo_settings, running

    settings = demo_settings(home)
    with running(settings, output.note) as (result, server):
        if once:
            show(result, None, {})
        else:
            with page(settings) as opened:
                show(result, opened, dict(server.environment))
                wait_for_stop()
    return 1 if result.problems else 0
