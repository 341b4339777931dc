"""The tree of commands."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from bucketlift.cli import output

COMMANDS = ("home", "projects", "run", "load", "check", "serve", "verify")
"""Modules of commands."""
GROUPS = (
    "accounts",
    "destinations",
    "workflows",
    "runs",
    "files",
    "rejects",
    "notices",
    "secrets",
    "keys",
    "users",
    "db",
)
"""Modules of a group of commands each, which is called as the module is."""


def tree(word: str = "") -> typer.Typer:
    """Every command; where a module is called as the word, only its own.

    To make a hundred commands took longer than to read a small file, and a command line is about one.
    """
    made = typer.Typer(
        name="bucketlift",
        help="Lifts CSV and TSV files out of Amazon S3 and loads them exactly once.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(begin)
    modules = [word] if word in (*COMMANDS, *GROUPS) else [*COMMANDS, *GROUPS, "later"]
    for name in modules:
        module = import_module(f"bucketlift.cli.commands.{name}")
        if name in GROUPS:
            made.add_typer(module.group, name=name, no_args_is_help=True)
        else:
            module.add_to(made)
    return made


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
