"""secrets: values that let us in, sealed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Secrets in the vault, by name; their values are never shown.")


@group.command("list")
def list_() -> None:
    """List the names of secrets, and who uses each."""
    from bucketlift.service.secrets import secrets

    with installation(any_key=True) as app:
        kept, users = app.vault.names(), secrets.users(app)
    found = [{"name": name, "kept": name in kept, "used_by": using} for name, using in sorted(users.items())]
    if output.is_json():
        output.document({"secrets": list(kept), "details": found})
        return
    output.table(
        ["name", "in the vault", "used by"],
        [
            [each["name"], "yes" if each["kept"] else "not set", ", ".join(users[str(each["name"])])]
            for each in found
        ],
        empty="No secret yet: bucketlift secrets set NAME",
    )


@group.command("set", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_(context: typer.Context, name: str) -> None:
    """Seal a secret, read from the terminal or from standard input."""
    from bucketlift.errors import RequestWrong
    from bucketlift.service.secrets import secrets

    if context.args:
        raise RequestWrong(  # and not the usual words, which would repeat it
            "A secret does not stand on the command line, where others can read it",
            to=name,
            hint="Give it as standard input, or type it when asked. Take the one that stood there for known.",
        )
    if sys.stdin.isatty():
        value = str(typer.prompt("Value", hide_input=True, err=True))
    else:
        value = sys.stdin.read().rstrip("\r\n")
    if not value:
        raise typer.BadParameter("The value is empty; give it as standard input")
    with installation() as app:
        secrets.put(app, name, value)
    if output.is_json():
        output.document({"secret": name})
        return
    output.text(f"{name} is set.")


@group.command()
def delete(name: str) -> None:
    """Forget a secret for good; refused while an account, destination or workflow names it."""
    from bucketlift.service.secrets import secrets

    with installation(any_key=True) as app:
        secrets.delete(app, name)
    if output.is_json():
        output.document({"secret": name, "deleted": True})
        return
    output.text(f"{name} is deleted.")


@group.command()
def rotate() -> None:
    """Seal all secrets with a new key, while others go on using them.

    Where the key file holds several keys, the first is taken as the new one: an operator put it there, or a
    rotation that broke off did.
    """
    from bucketlift.service.secrets import secrets

    with installation() as app:
        done = secrets.rotate(app)
    if output.is_json():
        output.document(
            {"secrets": done.secrets, "taken_up": done.taken_up, "old_keys_left": done.old_keys_left}
        )
        return
    head = "the first key of the file" if done.taken_up else "a new key"
    output.text(f"{done.secrets} secrets are sealed with {head}.")
    if done.old_keys_left:
        output.text(
            f"The file cannot be written: take its other keys out by hand ({done.old_keys_left}), they seal nothing."
        )


@group.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
) -> None:
    """Forget every secret, because the key that sealed them is lost. They are set anew then."""
    from bucketlift.errors import RequestWrong
    from bucketlift.service.secrets import secrets

    with installation(any_key=True) as app:
        names = ", ".join(app.vault.names())
        if names and not yes:
            if not sys.stdin.isatty():
                raise RequestWrong(
                    "This would forget every secret, and nobody can be asked", to=names, hint="Add --yes."
                )
            if not typer.confirm(f"Forget {names}?", err=True):
                raise typer.Abort
        forgotten = secrets.reset(app)
    if output.is_json():
        output.document({"forgotten": list(forgotten)})
        return
    output.text("Forgotten: " + (", ".join(forgotten) or "nothing"))
    for name in forgotten:
        key = name.removeprefix("key/")
        again = f"keys import {key} FILE" if key != name else f"secrets set {name}"
        output.text(f"  bucketlift {again}")
