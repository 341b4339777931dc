"""Who owns an account and who may use it, the result of the account's last check, and the places that users of the page
may name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bucketlift.model.finding import Finding
from bucketlift.model.user import Right, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Settings of an account that only the page can change; workflow files do not contain them."""

    title: str = ""
    """The display name; if empty, the account's name is shown."""
    owner: str | None = None
    """The user who created the account on the page. None: it was created by a file, by a command, or by an
    administrator for others.
    """
    everyone: bool = False
    users: frozenset[str] = frozenset()
    """The IDs of the users with whom the account is shared."""

    def usable_by(self, user: User) -> bool:
        """Whether the user may use the account. Its owner and the users with whom the account is shared may
        use it. If the account has no owner, administrators may use it too.
        """
        if self.owner is None and user.may(Right.ADMINISTER):
            return True
        return self.owner == user.id or self.everyone or user.id in self.users

    def visible_to(self, user: User) -> bool:
        return user.may(Right.ADMINISTER) or self.usable_by(user)


UNSHARED = Sharing()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDraft:
    """What a user has entered so far to connect an account."""

    title: str = ""
    role_arn: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    """The bucket for the test, with prefix and action. The account itself covers all buckets of its role."""
    prefix: str = ""
    after_import: str = "delete"
    archive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingAccount:
    """An account whose external ID was issued before its role exists."""

    id: str
    user: str
    """The ID of the user who creates the account."""
    for_others: bool
    """Whether an administrator creates the account to share it. The account then has no owner."""
    external_id: str
    draft: AccountDraft = field(default_factory=AccountDraft)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The result of an account's last check."""

    at: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowLists:
    """Places that users may name on the page. Workflow files and commands can name others."""

    home: Path
    """The home of the installation. No list allows it, because it contains the ledger and the key."""
    databases: tuple[str, ...] = ()
    """PostgreSQL servers, as ``HOST:PORT``."""
    hosts: tuple[str, ...] = ()
    """SFTP servers and HTTP receivers, as ``HOST:PORT``."""
    folders: tuple[str, ...] = ()
    """Folders of this machine. The folders below them are allowed too."""
    platforms: tuple[str, ...] = ()
    """Addresses of the hosted platform, apart from its own ones."""
