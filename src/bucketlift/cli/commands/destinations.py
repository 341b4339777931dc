"""The `destinations` commands: places to load into."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import findings, output, prompts
from bucketlift.cli.opened import installation
from bucketlift.cli.sftp_options import (
    HostKeyOption,
    HostOption,
    PortOption,
    PrivateKeyFileOption,
    PrivateKeySecretOption,
    UserOption,
)

group = typer.Typer(help="Manage destinations: databases, directories, places for files, and APIs.")


@group.command("list")
def list_() -> None:
    """List destinations."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = [
            (destinations.shown(each), destinations.place(each))
            for each in app.ledger.catalog.destinations().values()
        ]
    if output.is_json():
        output.document({"destinations": [each for each, _ in found]})
        return
    output.table(
        ["name", "kind", "place", "project"],
        [[each["name"], each["kind"], place, each["project"]] for each, place in found],
        empty="No destination yet. To create one: bucketlift destinations add --help",
    )


@group.command()
def show(name: str) -> None:
    """Show a destination. For a secret, only its name is shown."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.shown(app.ledger.catalog.destination(name))
    _print(found)


def _save(
    ctx: typer.Context,
    name: str,
    kind: Annotated[
        str | None,
        typer.Option(
            help="duckdb (the default), sqlite, postgresql, directory, http, s3, sftp, folder or qualtrics."
        ),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            help="For duckdb, sqlite or directory: the database file; created if it is missing. For folder or sftp: the folder."
        ),
    ] = None,
    url_env: Annotated[
        str | None, typer.Option(help="For postgresql or directory: the environment variable with the URL.")
    ] = None,
    url_file: Annotated[
        str | None, typer.Option(help="For postgresql or directory: the file with the URL.")
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(help="For postgresql or directory: the schema of the tables. The default is public."),
    ] = None,
    receipts: Annotated[
        str | None, typer.Option(help="For postgresql: SCHEMA.TABLE of the receipts.")
    ] = None,
    max_parallel: Annotated[
        int | None,
        typer.Option(
            help="For postgresql, http or qualtrics: how many loads may be open at once, over all workers."
        ),
    ] = None,
    worker: Annotated[
        str | None, typer.Option(help="In a fleet: the worker that can access the file or folder.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="For http: the address of the receiver.")] = None,
    auth: Annotated[
        str | None, typer.Option(help="For http: bearer, basic, header or none; the default is none.")
    ] = None,
    auth_user: Annotated[str | None, typer.Option(help="For http with basic: the user.")] = None,
    auth_header: Annotated[
        str | None, typer.Option(help="For http with header: the name of the header.")
    ] = None,
    idempotent: Annotated[
        bool | None,
        typer.Option(
            "--idempotent/--not-idempotent",
            help="For http: the receiver ignores a repeated Idempotency-Key.",
        ),
    ] = None,
    timeout: Annotated[
        int | None, typer.Option(help="For http or qualtrics: seconds to wait for each part of an answer.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="For s3: the account that can write to the bucket.")
    ] = None,
    bucket: Annotated[str | None, typer.Option(help="For s3: the bucket.")] = None,
    prefix: Annotated[str | None, typer.Option(help="For s3: the start of all keys.")] = None,
    host: HostOption = None,
    port: PortOption = None,
    user: UserOption = None,
    host_key: HostKeyOption = None,
    private_key_file: PrivateKeyFileOption = None,
    private_key_secret: PrivateKeySecretOption = None,
    password_env: Annotated[
        str | None, typer.Option(help="For sftp or http: the environment variable with the password.")
    ] = None,
    password_secret: Annotated[
        str | None, typer.Option(help="For sftp or http: the secret in the vault with the password.")
    ] = None,
    token_env: Annotated[
        str | None,
        typer.Option(help="For http or qualtrics: the environment variable with the token or header."),
    ] = None,
    token_file: Annotated[
        str | None, typer.Option(help="For http or qualtrics: the file with the token or header.")
    ] = None,
    token_secret: Annotated[
        str | None, typer.Option(help="For http or qualtrics: the secret in the vault with it.")
    ] = None,
    datacenter: Annotated[
        str | None, typer.Option(help="For qualtrics: the data center, such as iad1.")
    ] = None,
    directory: Annotated[str | None, typer.Option(help="For qualtrics: the directory, POOL_...")] = None,
    merges_contacts: Annotated[
        bool | None,
        typer.Option(
            "--merges-contacts/--no-merges-contacts", help="For qualtrics: the directory has merge rules."
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="For qualtrics: another address, which the operator allows.")
    ] = None,
    new_secret: Annotated[
        bool,
        typer.Option("--new-secret", help="For `change`: prompt for the URL, password, key or token again."),
    ] = False,
) -> None:
    from bucketlift.cli.destination_options import Secrets, settings_of
    from bucketlift.definition.fragments import destination_from
    from bucketlift.schema.shape import to_mapping
    from bucketlift.service.destinations import destinations
    from bucketlift.service.secrets.typed import with_references

    given: dict[str, Any] = {
        "path": path,
        "schema": schema,
        "receipts": receipts,
        "max_parallel": max_parallel,
        "worker": worker,
        "url": url or prompts.reference(url_env, url_file),
        "idempotent": idempotent,
        "timeout": timeout,
        "account": account,
        "bucket": bucket,
        "prefix": prefix,
        "host": host,
        "port": port,
        "user": user,
        "host_key": host_key or None,
        "datacenter": datacenter,
        "directory": directory,
        "merges_contacts": merges_contacts,
        "base_url": base_url,
    }
    secrets = Secrets(
        private_key=prompts.reference(None, private_key_file, private_key_secret),
        password=prompts.reference(password_env, None, password_secret),
        token=prompts.reference(token_env, token_file, token_secret),
        auth=auth,
        auth_user=auth_user,
        auth_header=auth_header,
        ask_again=new_secret,
    )
    given = {word: value for word, value in given.items() if value is not None}
    with installation() as app:
        known = None
        if ctx.info_name == "change":
            known = to_mapping(app.ledger.catalog.destination(name).settings)
        settings = settings_of(kind or (known or {}).get("kind") or "duckdb", given, secrets, known)
        settings, typed = with_references(name, settings, is_random=False)
        destination = destination_from(name, settings)
        save = destinations.add if known is None else destinations.change
        made = destinations.shown(save(app, destination, secrets=typed))
    _print(made)


group.command(
    "add",
    help="Create a destination; a secret not given by an option is prompted for and encrypted in the vault.",
)(_save)
group.command(
    "change",
    help="Change settings of a destination; those that no option gives stay. Its kind cannot change.",
)(_save)


@group.command()
def delete(name: str) -> None:
    """Delete a destination; refused while a workflow uses it. What was loaded into it stays there."""
    from bucketlift.service.destinations import own_destinations

    with installation() as app:
        own_destinations.remove(app, name)
    if output.is_json():
        output.document({"destination": name, "deleted": True})
        return
    output.text(f"{name} is deleted. What was loaded into it stays there.")


@group.command()
def host_key(
    host: str,
    port: Annotated[int, typer.Option(help="The port of the server.")] = 22,
) -> None:
    """Print the key of an SFTP server with its fingerprint. Compare it with what the server's operator tells you."""
    from bucketlift.stores.host_keys import fetch_host_key

    found = fetch_host_key(host, port)
    if output.is_json():
        output.document({"host_key": found.text, "fingerprint": found.fingerprint})
        return
    output.text(found.text)
    output.note(f"Fingerprint: {found.fingerprint}")


@group.command()
def doctor(name: str) -> int:
    """Check whether a destination can be loaded into, and list what is missing; nothing stays there."""
    from bucketlift.service.destinations import destinations

    with installation() as app:
        found = destinations.examine(app, name)
    if output.is_json():
        output.document(destinations.report(name, found))
    else:
        findings.show(found)
    return int(not destinations.passed(found))


def _print(shown: dict[str, Any]) -> None:
    if output.is_json():
        output.document(shown)
        return
    output.details(shown.items())
