"""The `secrets` commands: encrypted secrets in the vault."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Manage secrets in the vault by name; values are never shown.")


@group.command("list")
def list_() -> None:
    """List secrets, and the accounts, destinations, workflows and keys that use them."""
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
        empty="No secret yet. To create one: bucketlift secrets set NAME",
    )


@group.command("set", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_(context: typer.Context, name: str) -> None:
    """Store a secret, read from the terminal or from standard input."""
    from bucketlift.errors import RequestWrong
    from bucketlift.service.secrets import secrets

    if context.args:
        raise RequestWrong(  # instead of the parser's error, which would repeat the value
            "A secret must not be given on the command line, where others can read it",
            to=name,
            hint="Write the secret to standard input, or type it at the prompt. Replace this secret: others may know it now.",
        )
    if sys.stdin.isatty():
        value = str(typer.prompt("Value", hide_input=True, err=True))
    else:
        value = sys.stdin.read().rstrip("\r\n")
    if not value:
        raise typer.BadParameter("The value is empty: write the value to standard input")
    with installation() as app:
        secrets.put(app, name, value)
    if output.is_json():
        output.document({"secret": name})
        return
    output.text(f"{name} is set.")


@group.command()
def delete(name: str) -> None:
    """Delete a secret permanently; refused while an account, destination or workflow uses it."""
    from bucketlift.service.secrets import secrets

    with installation(any_key=True) as app:
        secrets.delete(app, name)
    if output.is_json():
        output.document({"secret": name, "deleted": True})
        return
    output.text(f"{name} is deleted.")


@group.command()
def rotate() -> None:
    """Encrypt all secrets with a new key; other processes can use them meanwhile.

    If the key file contains several keys, the first one is used as the new key. An operator or an interrupted
    rotation added it.
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
    output.text(f"{done.secrets} secrets are encrypted with {head}.")
    if done.old_keys_left:
        output.text(
            f"The key file is read-only. Remove its other keys by hand ({done.old_keys_left}): they are not used."
        )


@group.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Delete without a prompt.")] = False,
) -> None:
    """Delete all secrets after their encryption key is lost; then set them again."""
    from bucketlift.errors import RequestWrong
    from bucketlift.service.secrets import secrets

    with installation(any_key=True) as app:
        names = ", ".join(app.vault.names())
        if names and not yes:
            if not sys.stdin.isatty():
                raise RequestWrong(
                    "This would delete every secret, and there is no terminal to confirm it",
                    to=names,
                    hint="Add --yes.",
                )
            if not typer.confirm(f"Delete {names}?", err=True):
                raise typer.Abort
        forgotten = secrets.reset(app)
    if output.is_json():
        output.document({"forgotten": list(forgotten)})
        return
    output.text("Deleted: " + (", ".join(forgotten) or "nothing"))
    for name in forgotten:
        key = name.removeprefix("key/")
        again = f"keys import {key} FILE" if key != name else f"secrets set {name}"
        output.text(f"  bucketlift {again}")
