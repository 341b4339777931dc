"""Users, their sessions, and the rights of each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Right(StrEnum):
    """A right that a user needs for a page or an action."""

    SEE = "see"
    """See workflows, runs, files, counts and reasons."""
    SEE_CELLS = "see-cells"
    """See contents: rejects, samples and previews."""
    RUN = "run"
    """Run, retry, cancel, switch on and off, accept, ignore, undo."""
    EDIT = "edit"
    """Create and change workflows, own accounts, destinations and keys; delete and detach workflows."""
    ADMINISTER = "administer"
    """Administer users and shared accounts."""


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.OPERATOR: frozenset({Right.SEE, Right.SEE_CELLS, Right.RUN}),
    Role.EDITOR: frozenset({Right.SEE, Right.SEE_CELLS, Right.RUN, Right.EDIT}),
    Role.ADMINISTRATOR: frozenset(Right),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who signs in. The name for sign-in is an e-mail address or a word; upper and lower case are
    the same.
    """

    id: str
    name: str
    role: Role
    made_at: datetime
    signed_in_at: datetime | None = None
    disabled_at: datetime | None = None

    def may(self, right: Right) -> bool:
        return self.disabled_at is None and right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser. Only the browser knows its token; the ledger stores a hash."""

    id: str
    user: User
    csrf: str
    """The token that every changing request must send. A token from an earlier page of the session is
    accepted, too.
    """
    made_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a browser stays signed in."""

    idle: timedelta = timedelta(hours=12)
    """Maximum time without a request, after which the session ends."""
    whole: timedelta = timedelta(days=14)
    """Maximum time after sign-in, after which the session ends in any case."""
