"""accounts: places to read from."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Places to read from: roles, and stores with keys.")


@group.command("list")
def list_() -> None:
    """List the accounts."""
    from bucketlift.service import accounts

    with installation() as app:
        found = [accounts.shown(each) for each in app.catalog.accounts().values()]
    if output.is_json():
        output.document({"accounts": found})
        return
    output.table(
        ["name", "kind", "store", "region", "project"],
        [[each[column] for column in ("name", "kind", "store", "region", "project")] for each in found],
        empty="No account yet. Make one: bucketlift accounts add --help",
    )


@group.command()
def show(name: str) -> None:
    """Show an account, its external id and the AWS account that its role must trust."""
    from bucketlift.errors import BucketliftError
    from bucketlift.model.account import AwsRole
    from bucketlift.service import accounts

    with installation() as app:
        account = app.catalog.account(name)
        shown = accounts.shown(account)
        if isinstance(account.settings, AwsRole):
            try:
                shown["account_id"] = accounts.own_account_id(app, account.settings.region)
            except BucketliftError as error:
                shown["account_id"] = None
                output.note(f"The AWS account of Bucketlift itself is not known: {error}")
    if output.is_json():
        output.document(shown)
        return
    output.details(shown.items())


@group.command()
def add(
    name: str,
    kind: Annotated[str, typer.Option(help="aws-role or s3-compatible.")],
    role_arn: Annotated[str | None, typer.Option(help="aws-role: the role to assume.")] = None,
    region: Annotated[str, typer.Option(help="The buckets' region.")] = "us-east-1",
    bucket_owner: Annotated[str | None, typer.Option(help="aws-role: the buckets' AWS account.")] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="s3-compatible: the store's address.")] = None,
    access_key_env: Annotated[str | None, typer.Option(help="Variable that holds the access key.")] = None,
    secret_key_env: Annotated[str | None, typer.Option(help="Variable that holds the secret key.")] = None,
    access_key_file: Annotated[str | None, typer.Option(help="File that holds the access key.")] = None,
    secret_key_file: Annotated[str | None, typer.Option(help="File that holds the secret key.")] = None,
    store: Annotated[
        str | None, typer.Option(help="s3-compatible: a name in place of host and port.")
    ] = None,
    accept_weak_store: Annotated[
        bool, typer.Option("--accept-weak-store", help="Act although the store ignores preconditions.")
    ] = False,
) -> None:
    """Make an account. Keys that no option names are asked for, and sealed in the vault."""
    from bucketlift.definition.by_hand import account_from
    from bucketlift.service import accounts

    said: dict[str, object] = {
        "kind": kind,
        "role_arn": role_arn,
        "region": region,
        "bucket_owner": bucket_owner,
        "endpoint_url": endpoint_url,
        "store": store,
        "accept_weak_store": accept_weak_store or None,
    }
    keys = None
    if kind == "s3-compatible":
        access = _reference(access_key_env, access_key_file)
        secret = _reference(secret_key_env, secret_key_file)
        if access is None or secret is None:
            keys = (_ask("Access key"), _ask("Secret key"))
            access = secret = {"secret": name}
        said |= {"access_key": access, "secret_key": secret}
    account = account_from(name, {key: value for key, value in said.items() if value is not None})
    with installation() as app:
        made = accounts.shown(accounts.add(app, account, keys=keys))
    if output.is_json():
        output.document(made)
        return
    output.details(made.items())


@group.command()
def policy(
    name: str,
    workflow: Annotated[str, typer.Option(help="The workflow whose tasks need the rights.")],
) -> None:
    """Print the trust policy and the least permission policies for a workflow."""
    from bucketlift.service import accounts

    with installation() as app:
        found = accounts.policies(app, name, workflow)
    output.document(found)


@group.command()
def doctor(name: str) -> None:
    """Run the real calls and name what is missing. Not available in this version."""
    from bucketlift.errors import NotAvailable

    raise NotAvailable("The doctor is not available in this version", to=name)


def _reference(env: str | None, file: str | None) -> dict[str, str] | None:
    if env is not None:
        return {"env": env}
    return None if file is None else {"file": file}


def _ask(what: str) -> str:
    """Read a key from the terminal without showing it, or a line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    value = sys.stdin.readline().rstrip("\r\n")
    if not value:
        raise typer.BadParameter(f"{what}: name it by an option, or give it as a line of standard input")
    return value
