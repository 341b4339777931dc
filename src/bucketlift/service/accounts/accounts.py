"""Adds and shows accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any, assert_never

from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    Account,
    AccountSettings,
    Acknowledgement,
    AwsAmbient,
    AwsKeys,
    AwsRole,
    Deputy,
    FolderAccount,
    S3Compatible,
    SecretRef,
    SftpAccount,
    VaultSecret,
)
from bucketlift.rules.file_accounts import shared_folders
from bucketlift.service.core.app import App
from bucketlift.service.core.wording import without_file_syntax
from bucketlift.vault import Changes


def require_allowed(account: Account, *, ambient: bool) -> None:
    """Check that the operator allows accounts with Bucketlift's own AWS identity.

    Raises:
        RequestWrong: the account uses this identity, and the operator does not allow it.
    """
    if isinstance(account.settings, AwsAmbient) and not ambient:
        raise RequestWrong(
            "This account uses Bucketlift's own AWS identity, which the operator does not allow",
            to=f"account {account.name}",
            hint="Use a role (kind: aws-role), or ask the operator to set BUCKETLIFT_ALLOW_AMBIENT_AWS=true.",
        )


def require_endpoint(endpoint: str, allowed: Collection[str]) -> None:
    """Check that the operator allows an endpoint, because users of the page must not reach other servers.

    Raises:
        RequestWrong: the operator does not allow the endpoint.
    """
    if endpoint.rstrip("/") not in allowed:
        raise RequestWrong(
            "The operator does not allow this address",
            to=endpoint,
            hint="Ask the operator to add it to BUCKETLIFT_ALLOWED_ENDPOINTS.",
        )


def require_separate(app: App, name: str, settings: AccountSettings) -> None:
    """Check that no other account reads files of the same folder, because each would load them.

    Raises:
        RequestWrong: another account reads files of the folder.
    """
    others = {key: each.settings for key, each in app.ledger.catalog.accounts().items() if key != name}
    for _, what, hint in shared_folders(others | {name: settings}, {name}):
        raise without_file_syntax(RequestWrong(what, hint=hint.replace("`", "")))


def add(app: App, account: Account, *, keys: tuple[str, str] | None = None) -> Account:
    """Add an account. The external ID of a role is generated here and never changes.

    ``keys`` (access key, secret key) are stored in the vault, and the account refers to them.

    Raises:
        RequestWrong: the name is taken, or the operator does not allow the account; the vault is unchanged.
    """
    require_allowed(account, ambient=app.allow_ambient_aws)
    require_separate(app, account.name, account.settings)
    secrets: dict[str, str] = {}
    if keys is not None and isinstance(account.settings, AwsKeys | S3Compatible):
        settings, secrets = _naming_secrets(account.name, account.settings, keys)
        account = replace(account, settings=settings)
    now = app.now()

    def seal(shelf: Changes) -> None:
        for name, value in secrets.items():
            app.vault.put_on(shelf, name, value, now=now)

    app.ledger.catalog.add(account, seal=seal, now=now)
    return app.ledger.catalog.account(account.name)


def change(app: App, account: Account, *, keys: tuple[str, str] | None = None) -> Account:
    """Change the settings of an account. The external ID of a role stays. ``keys`` are stored as for ``add``.

    Raises:
        NotFound: there is no such account.
        RequestWrong: a workflow file owns the account, or the operator does not allow it.
    """
    known = app.ledger.catalog.account(account.name)
    if known.project is not None:
        raise RequestWrong(
            f"The workflow file of project {known.project} owns this account",
            to=account.name,
            hint="Change it in that file, and apply the file.",
        )
    require_allowed(account, ambient=app.allow_ambient_aws)
    require_separate(app, account.name, account.settings)
    if keys is not None and isinstance(account.settings, AwsKeys | S3Compatible):
        settings, secrets = _naming_secrets(account.name, account.settings, keys)
        account = replace(account, settings=settings)
        for name, value in secrets.items():
            app.vault.put(name, value, now=app.now())
    app.ledger.catalog.save(accounts=(account,), now=app.now())
    return app.ledger.catalog.account(account.name)


def _naming_secrets(
    name: str, settings: AwsKeys | S3Compatible, keys: tuple[str, str]
) -> tuple[AwsKeys | S3Compatible, dict[str, str]]:
    """Replace the keys by references to secrets. Returns the settings, and the secrets to store under these
    names.
    """
    access, secret = VaultSecret(secret=f"{name}-access-key"), VaultSecret(secret=f"{name}-secret-key")
    named = replace(settings, access_key=access, secret_key=secret)
    return named, {access.secret: keys[0], secret.secret: keys[1]}


def own_account_id(app: App, region: str) -> str:
    """The ID of the AWS account in which Bucketlift runs. Roles must trust this account.

    Raises:
        AccessRefused, StoreUnavailable: the ID is not configured, and STS does not return it.
    """
    from bucketlift.stores.identity import own_account  # noqa: PLC0415 - boto3 is slow to import

    return app.aws_account_id or own_account(region)


def acknowledge(app: App, name: str, *, by: str, reason: str) -> Deputy:
    """Accept, for the given reason, that a role can be assumed without its external ID.

    Raises:
        RequestWrong: the role requires its external ID, or there is no reason.
    """
    app.ledger.catalog.account(name)
    deputy = app.ledger.catalog.deputies().get(name)
    if deputy is None or not deputy.is_open:
        raise RequestWrong(
            "This account has no warning to acknowledge",
            to=name,
            hint="`bucketlift accounts doctor` checks whether its role requires the external ID.",
        )
    if not reason.strip():
        raise RequestWrong("An acknowledgement needs a reason", to=name, hint='Add --reason "...".')
    acknowledgement = Acknowledgement(by=by, reason=reason.strip(), at=app.now())
    app.ledger.catalog.acknowledge(name, acknowledgement)
    return replace(deputy, acknowledged=acknowledgement)


def warnings(account: Account, deputy: Deputy | None) -> list[str]:
    """The warnings that are shown with an account."""
    found = []
    if isinstance(account.settings, AwsKeys):
        found.append("deprecated: access keys of AWS; make the account an aws-role")
    if deputy is not None and deputy.is_open and deputy.acknowledged is None:
        found.append(f"can be assumed without your external ID: {' and '.join(deputy.open_to)}")
    return found


def known(app: App, name: str) -> dict[str, Any]:
    """The account with this name, as JSON values for output."""
    return shown(app.ledger.catalog.account(name), app.ledger.catalog.deputies().get(name))


def all_shown(app: App) -> list[dict[str, Any]]:
    deputies = app.ledger.catalog.deputies()
    return [shown(each, deputies.get(each.name)) for each in app.ledger.catalog.accounts().values()]


def shown(account: Account, deputy: Deputy | None = None) -> dict[str, Any]:
    """An account as JSON values for output; secrets appear only as references."""
    settings: AccountSettings = account.settings
    common = {
        "name": account.name,
        "kind": settings.kind,
        "project": account.project,
        "region": getattr(settings, "region", None),
        "store": settings.store,
        **_of_kind(settings),
        "warnings": warnings(account, deputy),
    }
    if deputy is None:
        return common
    accepted = deputy.acknowledged
    return common | {
        "deputy": {
            "open_to": list(deputy.open_to),
            "tried_at": deputy.tried_at.isoformat(),
            "acknowledged": accepted
            and {"by": accepted.by, "reason": accepted.reason, "at": accepted.at.isoformat()},
        }
    }


def _of_kind(settings: AccountSettings) -> dict[str, Any]:
    match settings:
        case AwsRole():
            return {
                "role_arn": settings.role_arn,
                "external_id": settings.external_id,
                "bucket_owner": settings.bucket_owner,
            }
        case AwsAmbient():
            return {"bucket_owner": settings.bucket_owner}
        case AwsKeys():
            return {**_references(settings), "bucket_owner": settings.bucket_owner}
        case S3Compatible():
            return {
                "endpoint_url": settings.endpoint_url,
                **_references(settings),
                "accept_weak_store": settings.accept_weak_store,
            }
        case FolderAccount():
            return {
                "path": settings.path,
                "worker": settings.worker,
                "accept_weak_store": settings.accept_weak_store,
            }
        case SftpAccount():
            return {
                "host": settings.host,
                "port": settings.port,
                "user": settings.user,
                "private_key": _reference(settings.private_key),
                "password": _reference(settings.password),
                "host_key": list(settings.host_key),
                "path": settings.path,
                "accept_weak_store": settings.accept_weak_store,
            }
        case _:
            assert_never(settings)


def _reference(secret: SecretRef | None) -> dict[str, Any] | None:
    return None if secret is None else asdict(secret)


def _references(settings: AwsKeys | S3Compatible) -> dict[str, Any]:
    return {"access_key": asdict(settings.access_key), "secret_key": asdict(settings.secret_key)}
