"""secrets: values that let us in, sealed."""

from __future__ import annotations

import sys

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Secrets in the vault, by name; their values are never shown.")


@group.command("list")
def list_() -> None:
    """List the names of secrets."""
    with installation() as app:
        names = app.vault.names()
    if output.is_json():
        output.document({"secrets": list(names)})
        return
    output.table(["name"], [[name] for name in names], empty="No secret yet: bucketlift secrets set NAME")


@group.command("set")
def set_(name: str) -> None:
    """Seal a secret, read from the terminal or from standard input."""
    if sys.stdin.isatty():
        value = str(typer.prompt("Value", hide_input=True, err=True))
    else:
        value = sys.stdin.read().rstrip("\r\n")
    if not value:
        raise typer.BadParameter("The value is empty; give it as standard input")
    with installation() as app:
        app.vault.put(name, value, now=app.now())
    if output.is_json():
        output.document({"secret": name})
        return
    output.text(f"{name} is set.")


@group.command()
def rotate() -> None:
    """Seal all secrets with a new key. Not available in this version."""
    from bucketlift.errors import NotAvailable

    raise NotAvailable("`secrets rotate` is not available in this version", to="rotate")
