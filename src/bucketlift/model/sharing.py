"""Whose an account is, who may use it, and how it stood when it was last looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bucketlift.model.finding import Finding
from bucketlift.model.user import Right, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What the page knows of an account beside what a file says of it."""

    title: str = ""
    """What people call it; empty: its name."""
    owner: str | None = None
    """The user who made it on the page; None: a file, a command or an administrator for others."""
    everyone: bool = False
    users: frozenset[str] = frozenset()
    """Those it is shared with, by id."""

    def usable_by(self, user: User) -> bool:
        """Nobody reads buckets with what somebody else connected, unless it was shared with them."""
        if self.owner is None and user.may(Right.ADMINISTER):
            return True
        return self.owner == user.id or self.everyone or user.id in self.users

    def visible_to(self, user: User) -> bool:
        return user.may(Right.ADMINISTER) or self.usable_by(user)


NOBODYS = Sharing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody has said so far of an account that they connect."""

    title: str = ""
    role_arn: str = ""
    region: str = "us-east-1"
    bucket: str = ""
    """To try it on, with the prefix and the action; an account is for all buckets that its role may see."""
    prefix: str = ""
    after_import: str = "delete"
    archive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An account whose external id is shown before its role exists."""

    id: str
    maker: str
    """The user's id."""
    for_others: bool
    """Made by an administrator to be shared: it will be nobody's own."""
    external_id: str
    told: Told = field(default_factory=Told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The doctor's last look."""

    at: datetime
    findings: tuple[Finding, ...]
