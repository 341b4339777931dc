"""Who owns an account, who may use it, and the result of its last check."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bucketlift.model.finding import Finding
from bucketlift.model.user import Right, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Settings of an account that only the page has; workflow files do not contain them."""

    title: str = ""
    """Display name; empty: the account's name."""
    owner: str | None = None
    """The user who created it on the page. None: created by a file, a command, or an administrator for others."""
    everyone: bool = False
    users: frozenset[str] = frozenset()
    """The ids of the users it is shared with."""

    def usable_by(self, user: User) -> bool:
        """Whether the user may use the account: as its owner, as a user with whom it is shared, or, if it has no
        owner, as an administrator.
        """
        if self.owner is None and user.may(Right.ADMINISTER):
            return True
        return self.owner == user.id or self.everyone or user.id in self.users

    def visible_to(self, user: User) -> bool:
        return user.may(Right.ADMINISTER) or self.usable_by(user)


NOBODYS = Sharing()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """A user's entries so far for an account that they connect."""

    title: str = ""
    role_arn: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    """The bucket for the test, with the prefix and the action. The account covers all buckets of its role."""
    prefix: str = ""
    after_import: str = "delete"
    archive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAccount:
    """An account whose external id was issued before its role exists."""

    id: str
    maker: str
    """The user's id."""
    for_others: bool
    """Whether an administrator created it to be shared. It then has no owner."""
    external_id: str
    draft: AccountDraft = field(default_factory=AccountDraft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The result of the last check."""

    at: datetime
    findings: tuple[Finding, ...]
