"""Builds the tree of commands."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from bucketlift.cli import output

COMMANDS = ("home", "projects", "run", "load", "check", "serve", "verify")
"""Names of modules with single commands."""
GROUPS = (
    "accounts",
    "destinations",
    "workflows",
    "runs",
    "files",
    "rejects",
    "deliveries",
    "directory",
    "notices",
    "secrets",
    "keys",
    "users",
    "db",
)
"""Names of modules with a group of commands. The group has the name of the module."""


def tree(word: str = "") -> typer.Typer:
    """Build all commands, or only those of the module named ``word``.

    To build all hundred commands takes longer than to read a small file.
    """
    made = typer.Typer(
        name="bucketlift",
        help="Load CSV and TSV files from Amazon S3 into tables exactly once.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(begin)
    modules = [word] if word in (*COMMANDS, *GROUPS) else [*COMMANDS, *GROUPS, "reserved"]
    for name in modules:
        module = import_module(f"bucketlift.cli.commands.{name}")
        if name in GROUPS:
            made.add_typer(module.group, name=name, no_args_is_help=True)
        else:
            module.add_to(made)
    return made


def begin(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document to stdout. Allowed anywhere.")
    ] = False,
    log_format: Annotated[
        str,
        typer.Option(help="Format of progress and logs on stderr: text or json. Allowed anywhere."),
    ] = "text",
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Load CSV and TSV files from Amazon S3 into tables exactly once."""
    if log_format not in ("text", "json"):
        raise typer.BadParameter("--log-format must be text or json")
    output.begin(as_json=as_json, log_json=log_format == "json")
    if version:
        from importlib.metadata import version as version_of

        output.text(f"bucketlift {version_of('bucketlift')}")
        raise typer.Exit
