"""Connects an account on the page: the external ID is generated first, and real calls check the role."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bucketlift.definition.fragments import account_from
from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.account import AwsRole, partition_of
from bucketlift.model.finding import Finding, Health
from bucketlift.model.sharing import AccountDraft, Examined, PendingAccount
from bucketlift.model.source import Selection
from bucketlift.model.user import User
from bucketlift.model.workflow import AfterImport
from bucketlift.rules.iam import permission_policy, trust_policy
from bucketlift.service.accounts import accounts, required_permissions
from bucketlift.service.core.app import App
from bucketlift.stores.regions import regions

TO_FILL_IN = "YOUR-BUCKET"
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What the owner of the AWS role needs to create it: IDs and policies."""

    account_id: str | None
    """The ID of the AWS account that the role must trust. None if the ID is unknown; ``unknown`` then has the
    reason.
    """
    unknown: BucketliftError | None
    external_id: str
    trust: str | None
    permissions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The result of an attempt to connect."""

    findings: tuple[Finding, ...]
    account: str | None
    """The name of the connected account; None if the role cannot be assumed yet."""


def begin(app: App, user: User, *, for_others: bool = False) -> PendingAccount:
    """The pending account of this user, or a new one with its own external ID."""
    return app.ledger.sharings.begin(user.id, for_others=for_others, now=app.now())


def instructions(app: App, pending: PendingAccount) -> Instructions:
    """The IDs and policies for the values that the user has entered so far."""
    draft = pending.draft
    partition = str(partition_of(draft.region))
    account_id, unknown = _own_account(app, draft.region)
    return Instructions(
        account_id=account_id,
        unknown=unknown,
        external_id=pending.external_id,
        trust=trust_policy(account_id, pending.external_id, partition) if account_id else None,
        permissions=least_policy(draft, partition),
    )


def _own_account(app: App, region: str) -> tuple[str | None, BucketliftError | None]:
    try:
        return accounts.own_account_id(app, region), None
    except BucketliftError as error:
        return None, error


def least_policy(draft: AccountDraft, partition: str) -> str:
    """The minimum permission policy of the role or IAM user."""
    selection = Selection(bucket=draft.bucket or TO_FILL_IN, prefix=draft.prefix)
    try:
        return permission_policy(selection, _action(draft), partition)
    except RequestWrong:
        keep = required_permissions.action(required_permissions.AccountUse(bucket=selection.bucket))
        return permission_policy(selection, keep, partition)


def connect(app: App, pending: PendingAccount) -> Connected:
    """Assume the role with its external ID, and create the account if this works.

    Raises:
        RequestWrong: the input is not valid.
        NotFound: the account has been connected in the meantime.
    """
    draft = pending.draft
    role = _role(draft)
    selection = Selection(bucket=draft.bucket, prefix=draft.prefix) if draft.bucket else None
    tried = app.doctor(
        replace(role, external_id=pending.external_id), selection, _action(draft), workflow="doctor"
    )
    if not any(each.check == "role" and each.health is Health.OK for each in tried.findings):
        return Connected(findings=tried.findings, account=None)
    name = app.ledger.sharings.connect(pending, role, now=app.now())
    app.ledger.sharings.record_examined(name, Examined(at=app.now(), findings=tried.findings))
    if tried.open_to is not None:
        app.ledger.catalog.record_deputy(name, tried.open_to, now=app.now())
    return Connected(findings=tried.findings, account=name)


def _role(draft: AccountDraft) -> AwsRole:
    require_title(draft.title)
    if draft.region not in regions():
        raise RequestWrong("Choose the region of your buckets", to="region")
    try:
        role = account_from("new", {"kind": "aws-role", "role_arn": draft.role_arn, "region": draft.region})
    except RequestWrong as error:
        raise RequestWrong(error.what, to="role_arn", hint=error.hint) from None
    assert isinstance(role.settings, AwsRole)  # noqa: S101 - the kind is given above
    if role.settings.store != partition_of(draft.region):
        hint = "A role of GovCloud or China can only be used in the regions of that partition."
        raise RequestWrong(
            "The role and the region belong to different AWS partitions", to="region", hint=hint
        )
    return role.settings


def require_title(title: str) -> None:
    """Check a display name.

    Raises:
        RequestWrong: the name is empty, too long or not printable.
    """
    if not title.strip() or len(title) > LONGEST_TITLE or not title.isprintable():
        raise RequestWrong("Enter a display name", to="title", hint=f"Use 1 to {LONGEST_TITLE} characters.")


def _action(draft: AccountDraft) -> AfterImport:
    """The action for which the policy is made. A rename gets a placeholder prefix, because the permissions
    are the same for every prefix.
    """
    prefix = required_permissions.ANY_NAME if draft.after_import == "rename" else ""
    archive = (draft.archive or TO_FILL_IN) if draft.after_import == "move" else None
    return required_permissions.action(
        required_permissions.AccountUse(
            bucket=draft.bucket or TO_FILL_IN,
            prefix=draft.prefix,
            after_import=draft.after_import,
            archive=archive,
            archive_prefix=prefix,
        )
    )
