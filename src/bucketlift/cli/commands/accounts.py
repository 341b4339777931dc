"""accounts: places to read from."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from bucketlift.cli import asking, output
from bucketlift.cli.commands import rights
from bucketlift.cli.opened import installation

group = typer.Typer(help="Places to read from: roles, and stores with keys.")


@group.command("list")
def list_() -> None:
    """List the accounts."""
    from bucketlift.service.accounts import accounts

    with installation() as app:
        found = accounts.all_shown(app)
    if output.is_json():
        output.document({"accounts": found})
        return
    output.table(
        ["name", "kind", "store", "region", "project"],
        [[each[column] for column in ("name", "kind", "store", "region", "project")] for each in found],
        empty="No account yet. Make one: bucketlift accounts add --help",
    )
    for each in found:
        for warning in each["warnings"]:
            output.text(f"warning: {each['name']}: {warning}")


@group.command()
def show(name: str) -> None:
    """Show an account, its external id and the AWS account that its role must trust."""
    from bucketlift.errors import BucketliftError
    from bucketlift.model.account import AwsRole
    from bucketlift.service.accounts import accounts

    with installation() as app:
        account = app.catalog.account(name)
        shown = accounts.known(app, name)
        if isinstance(account.settings, AwsRole):
            try:
                shown["account_id"] = accounts.own_account_id(app, account.settings.region)
            except BucketliftError as error:
                shown["account_id"] = None
                output.note(f"The AWS account of Bucketlift itself is not known: {error}")
    if output.is_json():
        output.document(shown)
        return
    output.details({**shown, "deputy": _deputy(shown.get("deputy"))}.items())


def _deputy(known: dict[str, Any] | None) -> str | None:
    """The last look at the role, in words."""
    if known is None:
        return None
    said = known["acknowledged"]
    found = f"open {' and '.join(known['open_to'])}" if known["open_to"] else "shut"
    lived = f"; acknowledged by {said['by']} ({said['at']}): {said['reason']}" if said else ""
    return f"{found} ({known['tried_at']}){lived}"


@group.command()
def add(
    name: str,
    kind: Annotated[
        str, typer.Option(help="aws-role, s3-compatible, aws (own identity) or aws-keys (deprecated).")
    ],
    role_arn: Annotated[str | None, typer.Option(help="aws-role: the role to assume.")] = None,
    region: Annotated[str, typer.Option(help="The buckets' region.")] = "us-east-1",
    bucket_owner: Annotated[str | None, typer.Option(help="On AWS: the buckets' AWS account.")] = None,
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
    from bucketlift.service.accounts import accounts

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
    if kind in ("s3-compatible", "aws-keys"):
        access = asking.reference(access_key_env, access_key_file)
        secret = asking.reference(secret_key_env, secret_key_file)
        if access is None or secret is None:
            keys = (asking.ask("Access key"), asking.ask("Secret key"))
            access = secret = {"secret": name}
        said |= {"access_key": access, "secret_key": secret}
    account = account_from(name, {key: value for key, value in said.items() if value is not None})
    with installation() as app:
        accounts.add(app, account, keys=keys)
        made = accounts.known(app, name)
    if output.is_json():
        output.document(made)
        return
    output.details(made.items())


@group.command()
def acknowledge(
    name: str,
    reason: Annotated[str, typer.Option(help="Why this is no danger here; kept with the account.")],
) -> None:
    """Live with a role that is open to confused deputies: its warning goes, the reason stays."""
    from bucketlift.service.accounts import accounts

    with installation() as app:
        accounts.acknowledge(app, name, by=_person(), reason=reason)
        shown = accounts.known(app, name)
    if output.is_json():
        output.document(shown)
        return
    output.text(f"{name}: acknowledged. The doctor goes on to look.")


rights.add_to(group)


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "somebody at the command line"
