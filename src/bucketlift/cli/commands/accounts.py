"""The `accounts` commands: places to read files from."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from bucketlift.cli import output, prompts
from bucketlift.cli.commands import rights
from bucketlift.cli.opened import installation
from bucketlift.cli.sftp_options import (
    HostKeyOption,
    HostOption,
    PortOption,
    PrivateKeyFileOption,
    PrivateKeySecretOption,
    UserOption,
)

group = typer.Typer(help="Manage accounts: AWS roles, S3 stores with keys, folders and SFTP servers.")


@group.command("list")
def list_() -> None:
    """List accounts."""
    from bucketlift.service.accounts import accounts

    with installation() as app:
        found = accounts.all_shown(app)
    if output.is_json():
        output.document({"accounts": found})
        return
    output.table(
        ["name", "kind", "store", "region", "project"],
        [[each[column] for column in ("name", "kind", "store", "region", "project")] for each in found],
        empty="No account yet. To create one: bucketlift accounts add --help",
    )
    for each in found:
        for warning in each["warnings"]:
            output.text(f"warning: {each['name']}: {warning}")


@group.command()
def show(name: str) -> None:
    """Show an account, its external ID and the AWS account that its role must trust."""
    from bucketlift.errors import BucketliftError
    from bucketlift.model.account import AwsRole
    from bucketlift.service.accounts import accounts

    with installation() as app:
        account = app.ledger.catalog.account(name)
        shown = accounts.known(app, name)
        if isinstance(account.settings, AwsRole):
            try:
                shown["account_id"] = accounts.own_account_id(app, account.settings.region)
            except BucketliftError as error:
                shown["account_id"] = None
                output.note(f"The AWS account of Bucketlift is not known: {error}")
    if output.is_json():
        output.document(shown)
        return
    output.details({**shown, "deputy": _deputy(shown.get("deputy"))}.items())


def _deputy(known: dict[str, Any] | None) -> str | None:
    """Describe the last test whether the role can be assumed without its external ID."""
    if known is None:
        return None
    accepted = known["acknowledged"]
    found = f"open {' and '.join(known['open_to'])}" if known["open_to"] else "shut"
    by = f"; acknowledged by {accepted['by']} ({accepted['at']}): {accepted['reason']}" if accepted else ""
    return f"{found} ({known['tried_at']}){by}"


def _save(
    ctx: typer.Context,
    name: str,
    kind: Annotated[
        str | None,
        typer.Option(
            help="aws-role, s3-compatible, folder, sftp, aws (Bucketlift's own identity) or aws-keys (deprecated)."
        ),
    ] = None,
    role_arn: Annotated[str | None, typer.Option(help="For aws-role: the role to assume.")] = None,
    region: Annotated[
        str | None, typer.Option(help="The region of the buckets; the default is us-east-1.")
    ] = None,
    bucket_owner: Annotated[
        str | None, typer.Option(help="For AWS: the AWS account that owns the buckets.")
    ] = None,
    endpoint_url: Annotated[str | None, typer.Option(help="For s3-compatible: the URL of the store.")] = None,
    access_key_env: Annotated[
        str | None, typer.Option(help="The environment variable with the access key.")
    ] = None,
    secret_key_env: Annotated[
        str | None, typer.Option(help="The environment variable with the secret key.")
    ] = None,
    access_key_file: Annotated[str | None, typer.Option(help="The file with the access key.")] = None,
    secret_key_file: Annotated[str | None, typer.Option(help="The file with the secret key.")] = None,
    path: Annotated[str | None, typer.Option(help="For folder and sftp: the folder.")] = None,
    worker: Annotated[
        str | None, typer.Option(help="For folder: the only worker of a fleet that has it.")
    ] = None,
    host: HostOption = None,
    port: PortOption = None,
    user: UserOption = None,
    host_key: HostKeyOption = None,
    private_key_file: PrivateKeyFileOption = None,
    private_key_secret: PrivateKeySecretOption = None,
    password_env: Annotated[
        str | None, typer.Option(help="For sftp: the environment variable with the password.")
    ] = None,
    password_secret: Annotated[
        str | None, typer.Option(help="For sftp: the secret in the vault with the password.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(help="For s3-compatible, folder and sftp: a name for the store instead of its address."),
    ] = None,
    accept_weak_store: Annotated[
        bool | None,
        typer.Option(
            "--accept-weak-store/--refuse-weak-store",
            help="Delete and move files even if the store ignores preconditions.",
        ),
    ] = None,
    new_keys: Annotated[
        bool, typer.Option("--new-keys", help="For `change`: prompt for both keys of an S3 store again.")
    ] = False,
) -> None:
    from bucketlift.definition.fragments import account_from
    from bucketlift.schema.shape import to_mapping
    from bucketlift.service.accounts import accounts

    given: dict[str, object] = {
        "role_arn": role_arn,
        "region": region,
        "bucket_owner": bucket_owner,
        "endpoint_url": endpoint_url,
        "store": store,
        "accept_weak_store": accept_weak_store,
        "path": path,
        "worker": worker,
        "host": host,
        "port": port,
        "user": user,
        "host_key": host_key or None,
        "private_key": prompts.reference(None, private_key_file, private_key_secret),
        "password": prompts.reference(password_env, None, password_secret),
    }
    access = prompts.reference(access_key_env, access_key_file)
    secret = prompts.reference(secret_key_env, secret_key_file)
    given = {key: value for key, value in given.items() if value is not None}
    with installation() as app:
        known: dict[str, Any] = {}
        if ctx.info_name == "change":
            known = to_mapping(app.ledger.catalog.account(name).settings)
        settings = _settings(kind, given, known)
        keys = None
        if settings["kind"] in ("s3-compatible", "aws-keys"):
            if (access is None or secret is None) and (new_keys or "access_key" not in known):
                keys = (prompts.read_secret("Access key"), prompts.read_secret("Secret key"))
                access = secret = {"secret": name}
            if access is not None and secret is not None:
                settings |= {"access_key": access, "secret_key": secret}
        save = accounts.change if known else accounts.add
        save(app, account_from(name, settings), keys=keys)
        made = accounts.known(app, name)
    if output.is_json():
        output.document(made)
        return
    output.details(made.items())


def _settings(kind: str | None, given: dict[str, object], known: dict[str, Any]) -> dict[str, Any]:
    """The settings as in a workflow file. Former ones that no option gives stay."""
    wanted = kind or known.get("kind")
    if wanted is None:
        raise typer.BadParameter("--kind is missing")
    if known and wanted != known["kind"]:
        raise typer.BadParameter(f"The kind stays {known['kind']}: add another account instead")
    usual = {} if wanted in ("folder", "sftp") else {"region": "us-east-1"}
    settings = {**usual, **known, "kind": wanted, **given}
    for one, other in (("password", "private_key"), ("private_key", "password")):
        if one in given and other in known:
            settings.pop(other)
    return settings


group.command(
    "add", help="Create an account; keys not given by options are prompted for and encrypted in the vault."
)(_save)
group.command(
    "change",
    help="Change settings of an account; those that no option gives stay. Its kind and its external ID cannot change.",
)(_save)


@group.command()
def delete(name: str) -> None:
    """Delete an account; refused while a workflow or a destination uses it. Its name and external ID are not used again."""
    from bucketlift.service.accounts import sharing

    with installation() as app:
        sharing.remove_unused(app, name)
    if output.is_json():
        output.document({"account": name, "deleted": True})
        return
    output.text(f"{name} is deleted.")


@group.command()
def acknowledge(
    name: str,
    reason: Annotated[str, typer.Option(help="Why the risk is acceptable; kept with the account.")],
) -> None:
    """Accept the risk that the role can be assumed without its external ID, and hide the warning."""
    from bucketlift.service.accounts import accounts

    with installation() as app:
        accounts.acknowledge(app, name, by=_person(), reason=reason)
        shown = accounts.known(app, name)
    if output.is_json():
        output.document(shown)
        return
    output.text(f"{name}: acknowledged. `bucketlift accounts doctor` still tests the role.")


rights.add_to(group)


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown user at the command line"
