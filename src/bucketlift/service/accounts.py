"""Accounts and destinations by hand, and the policies that a role needs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    Account,
    AccountSettings,
    AwsRole,
    Destination,
    DuckdbDestination,
    S3Compatible,
    VaultSecret,
)
from bucketlift.rules.iam import permission_policy, trust_policy
from bucketlift.service.app import App


def add(app: App, account: Account, *, keys: tuple[str, str] | None = None) -> Account:
    """Make an account by hand; a role's external id is generated here and never changes.

    ``keys`` (access key, secret key) given by value go to the vault, and the account names them.
    """
    known = app.catalog.accounts().get(account.name)
    if known is not None:
        owner = f"by project {known.project}" if known.project else "by hand"
        raise RequestWrong(
            f"There is an account of this name already, made {owner}",
            to=account.name,
            hint="Choose another name; `bucketlift accounts show` shows what it is.",
        )
    if keys is not None and isinstance(account.settings, S3Compatible):
        account = replace(account, settings=_sealed(app, account.name, account.settings, keys))
    app.catalog.save(accounts=(account,), now=app.now())
    return app.catalog.account(account.name)


def _sealed(app: App, name: str, settings: S3Compatible, keys: tuple[str, str]) -> S3Compatible:
    access, secret = VaultSecret(secret=f"{name}-access-key"), VaultSecret(secret=f"{name}-secret-key")
    for reference, value in zip((access, secret), keys, strict=True):
        app.vault.put(reference.secret, value, now=app.now())
    return replace(settings, access_key=access, secret_key=secret)


def add_destination(app: App, name: str, path: str) -> Destination:
    if name in app.catalog.destinations():
        raise RequestWrong(
            "There is a destination of this name already", to=name, hint="Choose another name."
        )
    destination = Destination(name=name, settings=DuckdbDestination(path=path))
    app.catalog.save(destinations=(destination,), now=app.now())
    return destination


def policies(app: App, name: str, workflow: str) -> dict[str, Any]:
    """The trust policy and the least permission policies that a workflow's tasks need of an account."""
    settings = app.catalog.account(name).settings
    if not isinstance(settings, AwsRole):
        raise RequestWrong(
            "Policies are for roles; this account has keys of its own",
            to=name,
            hint="Give its user the rights that your store's manual names.",
        )
    flow = app.catalog.workflow(workflow).workflow
    tasks = [task for task in flow.extracts if task.account == name]
    if not tasks:
        raise RequestWrong(
            f"No extract task of workflow {workflow} uses this account", to=name, hint="Name another one."
        )
    account_id = own_account_id(app, settings.region)
    partition = str(settings.store)
    return {
        "account": name,
        "workflow": workflow,
        "trust": json.loads(trust_policy(account_id, settings.external_id, partition)),
        "permissions": [
            json.loads(permission_policy(task.selection, task.after_import, partition)) for task in tasks
        ],
    }


def own_account_id(app: App, region: str) -> str:
    """The AWS account that Bucketlift itself runs as, which roles must trust.

    Raises:
        AccessRefused, StoreUnavailable: the operator has not said it, and STS does not tell.
    """
    from bucketlift.stores.identity import own_account  # noqa: PLC0415 - boto3 is slow to import

    return app.aws_account_id or own_account(region)


def shown(account: Account) -> dict[str, Any]:
    """An account without anything secret: references by name only."""
    settings: AccountSettings = account.settings
    common = {"name": account.name, "kind": settings.kind, "project": account.project}
    if isinstance(settings, AwsRole):
        return common | {
            "role_arn": settings.role_arn,
            "region": settings.region,
            "external_id": settings.external_id,
            "bucket_owner": settings.bucket_owner,
            "store": settings.store,
        }
    return common | {
        "endpoint_url": settings.endpoint_url,
        "region": settings.region,
        "store": settings.store,
        "access_key": asdict(settings.access_key),
        "secret_key": asdict(settings.secret_key),
        "accept_weak_store": settings.accept_weak_store,
    }
