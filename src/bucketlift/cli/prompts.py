"""Prompts for secrets, and options that refer to a secret outside the vault."""

from __future__ import annotations

import sys

import typer


def reference(env: str | None, file: str | None, secret: str | None = None) -> dict[str, str] | None:
    """Return the reference to a secret, as it is written in a workflow file; None if no option was given."""
    given = {"env": env, "file": file, "secret": secret}
    return next(({place: name} for place, name in given.items() if name is not None), None)


def read_secret(what: str) -> str:
    """Read a secret from the terminal without echo, or one line from standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise typer.BadParameter(
            f"{what} is missing: use an option, or write it as one line to standard input"
        )
    return value
