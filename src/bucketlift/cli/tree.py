"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from bucketlift.cli import (
    accounts,
    check,
    db,
    destinations,
    files,
    home,
    keys,
    later,
    load,
    notices,
    output,
    projects,
    rejects,
    run,
    runs,
    secrets,
    serve,
    users,
    verify,
    workflows,
)

tree = typer.Typer(
    name="bucketlift",
    help="Lifts CSV and TSV files out of Amazon S3 and loads them exactly once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@tree.callback()
def begin(
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON document on stdout. May stand anywhere.")
    ] = False,
    log_format: Annotated[
        str,
        typer.Option(help="How progress and logs are written to stderr: text or json. May stand anywhere."),
    ] = "text",
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Lifts CSV and TSV files out of Amazon S3 and loads them exactly once."""
    if log_format not in ("text", "json"):
        raise typer.BadParameter("--log-format is text or json")
    output.begin(as_json=as_json, log_json=log_format == "json")
    if version:
        from importlib.metadata import version as version_of

        output.text(f"bucketlift {version_of('bucketlift')}")
        raise typer.Exit


for module in (home, projects, run, load, check, serve, verify):
    module.add_to(tree)
for name, group in (
    ("accounts", accounts.group),
    ("destinations", destinations.group),
    ("workflows", workflows.group),
    ("runs", runs.group),
    ("files", files.group),
    ("rejects", rejects.group),
    ("notices", notices.group),
    ("secrets", secrets.group),
    ("keys", keys.group),
    ("users", users.group),
    ("db", db.group),
):
    tree.add_typer(group, name=name, no_args_is_help=True)
later.add_to(tree)
