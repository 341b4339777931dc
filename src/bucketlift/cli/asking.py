"""Secrets from the person at the command line, and the names of those that rest elsewhere."""

from __future__ import annotations

import sys

import typer


def reference(env: str | None, file: str | None) -> dict[str, str] | None:
    """As a workflow file names a secret; None where no option did."""
    if env is not None:
        return {"env": env}
    return None if file is None else {"file": file}


def ask(what: str) -> str:
    """Read a secret from the terminal without showing it, or a line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise typer.BadParameter(f"{what}: name it by an option, or give it as a line of standard input")
    return value
