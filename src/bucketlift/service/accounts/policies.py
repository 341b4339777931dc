"""The IAM policies that an account needs."""

from __future__ import annotations

import json
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.account import AwsRole, FolderAccount, S3Compatible, SftpAccount
from bucketlift.rules.iam import permission_policy, trust_policy
from bucketlift.service.accounts.accounts import own_account_id
from bucketlift.service.accounts.required_permissions import AccountUse, required_permissions
from bucketlift.service.core.app import App


def policies(
    app: App, name: str, use: AccountUse, *, for_user: bool | None = None, encrypted: bool = False
) -> dict[str, Any]:
    """The minimum permission policies, one per task, and the trust policy of a role.

    ``for_user``: True for an IAM user, None for the account's own kind. ``encrypted`` adds the permission to
    use KMS keys through S3.
    """
    settings = app.ledger.catalog.account(name).settings
    if isinstance(settings, FolderAccount | SftpAccount):
        raise RequestWrong(
            "Policies are for S3; this account is of another kind",
            to=name,
            hint=f"`bucketlift accounts doctor {name} --workflow W` tries the rights that a workflow needs.",
        )
    if isinstance(settings, S3Compatible) and not for_user:
        raise RequestWrong(
            "Policies are for roles; this account has its own keys",
            to=name,
            hint="Many stores accept the policy of an AWS user: add --for user. Otherwise see the store's manual.",
        )
    if for_user is False and not isinstance(settings, AwsRole):
        raise RequestWrong("This account does not use a role", to=name, hint="Use --for user.")
    partition = "aws" if isinstance(settings, S3Compatible) else str(settings.store)
    answer: dict[str, Any] = {"account": name, "workflow": use.workflow}
    if isinstance(settings, AwsRole) and not for_user:
        account_id = own_account_id(app, settings.region)
        answer |= {
            "for": "role",
            "trust": json.loads(trust_policy(account_id, settings.external_id, partition)),
        }
    else:
        answer["for"] = "user"
    answer["permissions"] = [
        json.loads(permission_policy(need.selection, need.after_import, partition, encrypted=encrypted))
        for need in required_permissions(app, name, use)
    ]
    return answer
