"""The `keys` commands: PGP keys that decrypt files and verify their signatures."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Manage PGP keys by name; private parts are never shown.")


@group.command("list")
def list_() -> None:
    """List keys, their expiry, and the tasks that use them."""
    from bucketlift.service.secrets import keys

    with installation() as app:
        using = keys.users(app)
        found = [keys.shown(app, key, using) for key in app.ledger.keys.all().values()]
    if output.is_json():
        output.document({"keys": found})
        return
    output.table(
        ["name", "kind", "fingerprint", "expires", "used by"],
        [
            [
                each["name"],
                each["kind"],
                each["fingerprint"],
                (each["expires_at"] or "never")[:10],
                ", ".join(each["used_by"]),
            ]
            for each in found
        ],
        empty="No key yet. To create one: bucketlift keys create NAME",
        whole=("name", "kind", "fingerprint", "expires"),
    )
    _warn([each["warning"] for each in found])


@group.command()
def show(name: str) -> None:
    """Show a key without its private part."""
    from bucketlift.service.secrets import keys

    with installation() as app:
        found = keys.shown(app, app.ledger.keys.get(name), keys.users(app))
    if output.is_json():
        output.document(found)
        return
    output.details((word.replace("_", " "), value) for word, value in found.items() if word != "warning")
    _warn([found["warning"]])


@group.command()
def create(
    name: str,
    email: Annotated[str | None, typer.Option(help="The e-mail address in the key's user ID.")] = None,
    expires: Annotated[
        str, typer.Option(help="Time until the key expires, such as 2y, 18m, 52w or 90d; or never.")
    ] = "2y",
    algorithm: Annotated[
        str, typer.Option(help="rsa4096, supported by all senders' tools, or ed25519.")
    ] = "rsa4096",
) -> None:
    """Create a key and print its public part, which you give to the sender."""
    from bucketlift.service.secrets import keys

    if algorithm not in ("rsa4096", "ed25519"):
        raise typer.BadParameter("--algorithm must be rsa4096 or ed25519")
    with installation() as app:
        made = keys.create_key(
            app,
            name,
            email=email,
            expires=None if expires == "never" else expires,
            algorithm="ed25519" if algorithm == "ed25519" else "rsa4096",
        )
        found = keys.shown(app, made, {})
    if output.is_json():
        output.document({**found, "public": made.public})
        return
    output.text(made.public)
    output.note(
        f"{name} is created. Send the public key above to the sender. To print it again: bucketlift keys export {name}"
    )


@group.command("import")
def import_(
    name: str,
    file: Path,
    passphrase_env: Annotated[
        str | None, typer.Option(help="The environment variable with the private key's passphrase.")
    ] = None,
) -> None:
    """Import your private key, or a sender's public key, from a file.

    The passphrase is read from the variable, the terminal or standard input. It is not needed later.
    """
    from bucketlift.errors import RequestWrong
    from bucketlift.service.secrets import keys

    try:
        content = file.read_bytes()
    except OSError as error:
        raise RequestWrong(f"The file cannot be read ({error.strerror})", to=str(file)) from None
    private = b"PRIVATE KEY" in content[:1000] or content[:1] in (b"\x94", b"\x95", b"\xc5")
    with installation() as app:
        passphrase = _passphrase(passphrase_env) if private else ""
        found = keys.shown(app, keys.import_key(app, name, content, passphrase=passphrase), keys.users(app))
    if output.is_json():
        output.document(found)
        return
    output.text(f"{name} is imported ({found['kind']}, {found['fingerprint']}).")
    _warn([found["warning"]])


@group.command()
def export(name: str) -> None:
    """Print the public key in ASCII armor, for the sender."""
    with installation() as app:
        key = app.ledger.keys.get(name)
    if output.is_json():
        output.document({"name": key.name, "fingerprint": key.fingerprint, "public": key.public})
        return
    output.text(key.public)


@group.command()
def delete(name: str) -> None:
    """Delete a key permanently; refused while a task uses it."""
    from bucketlift.service.secrets import keys

    with installation() as app:
        keys.delete(app, name)
    if output.is_json():
        output.document({"key": name, "deleted": True})
        return
    output.text(f"{name} is deleted.")


def passphrase_in(variable: str) -> str:
    """Return the value of an environment variable.

    Raises:
        RequestWrong: the variable is not set.
    """
    from bucketlift.errors import RequestWrong

    if variable not in os.environ:
        raise RequestWrong("The environment variable of the passphrase is not set", to=variable)
    return os.environ[variable]


def _passphrase(variable: str | None) -> str:
    if variable is not None:
        return passphrase_in(variable)
    if sys.stdin.isatty():
        return str(
            typer.prompt(
                "Passphrase (empty for none)", default="", hide_input=True, show_default=False, err=True
            )
        )
    return sys.stdin.readline().rstrip("\r\n")


def _warn(warnings: list[str | None]) -> None:
    for warning in warnings:
        if warning is not None:
            output.note(f"Warning: {warning}")
