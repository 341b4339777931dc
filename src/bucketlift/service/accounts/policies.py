"""The policies that an account's owner must grant."""

from __future__ import annotations

import json
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.account import AwsRole, S3Compatible
from bucketlift.rules.iam import permission_policy, trust_policy
from bucketlift.service.accounts.accounts import own_account_id
from bucketlift.service.accounts.required_permissions import Asked, needs
from bucketlift.service.core.app import App


def policies(
    app: App, name: str, asked: Asked, *, for_user: bool | None = None, encrypted: bool = False
) -> dict[str, Any]:
    """The least permission policies, one per task; for a role its trust policy too.

    ``for_user``: None means as the account is; True, the old form. ``encrypted`` adds the use of KMS keys through S3.
    """
    settings = app.ledger.catalog.account(name).settings
    if isinstance(settings, S3Compatible) and not for_user:
        raise RequestWrong(
            "Policies are for roles; this account has keys of its own",
            to=name,
            hint="Many stores take the policy of an AWS user: --for user. Else see your store's manual.",
        )
    if for_user is False and not isinstance(settings, AwsRole):
        raise RequestWrong("This account assumes no role", to=name, hint="--for user.")
    partition = "aws" if isinstance(settings, S3Compatible) else str(settings.store)
    answer: dict[str, Any] = {"account": name, "workflow": asked.workflow}
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
        for need in needs(app, name, asked)
    ]
    return answer
