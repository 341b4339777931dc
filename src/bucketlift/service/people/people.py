"""Adds, changes and disables users."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.logs import log
from bucketlift.model.user import Role, User
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App
from bucketlift.service.people import passwords
from bucketlift.service.people.tokens import hashed, new_token

LONGEST_NAME = 254
"""Maximum number of characters of a name: that of an e-mail address (RFC 5321, 4.5.3.1)."""
BY_COMMAND = "the command line"


class NameWrong(RequestWrong):
    """The user's name is not valid."""


def list_people(app: App) -> list[User]:
    return app.ledger.people.all()


def get(app: App, user: str) -> User:
    """The user with this ID.

    Raises:
        NotFound: there is no such user.
    """
    return app.ledger.people.get(user).user


def named(app: App, name: str) -> User:
    """The user with this name.

    Raises:
        NotFound: there is no such user.
    """
    known = app.ledger.people.find(name)
    if known is None:
        people = ", ".join(each.name for each in app.ledger.people.all())
        raise NotFound(
            "There is no user with this name", to=name, hint=f"Known users: {people or 'none yet'}."
        )
    return known.user


def add(app: App, name: str, role: Role, *, by: str) -> User:
    """Add a user, who then chooses a password with a link from ``sessions.invite``.

    Raises:
        RequestWrong: the name is not valid or is taken, or the first user is not an administrator.
    """
    if role is not Role.ADMINISTRATOR and app.ledger.people.is_empty():
        raise RequestWrong(
            "The first user must be an administrator", to=name, hint="Add an administrator first."
        )
    user = _new(app, name, role)
    app.ledger.people.add(user)
    log.info("person added", person=user.name, role=role.value, by=by)
    return user


def change_role(app: App, user: User, role: Role, *, by: str) -> None:
    """Change the role and end all sessions of the user.

    Raises:
        RequestWrong: no administrator would be left.
    """
    if user.role is role:
        return
    app.ledger.people.set_role(user, role)
    app.ledger.sessions.end_all(user)
    log.info("role changed", person=user.name, role=role.value, before=user.role.value, by=by)


def disable(app: App, user: User, *, by: str) -> None:
    """End all sessions of the user, and refuse their sign-in until the user is enabled again.

    Raises:
        RequestWrong: no administrator would be left.
    """
    app.ledger.people.set_disabled(user, app.now())
    app.ledger.sessions.end_all(user)
    app.ledger.sessions.uninvite(user)
    log.info("person disabled", person=user.name, by=by)


def enable(app: App, user: User, *, by: str) -> None:
    app.ledger.people.set_disabled(user, None)
    log.info("person enabled", person=user.name, by=by)


def set_password(app: App, user: User, password: str, *, by: str) -> None:
    """Set a user's password, end all sessions of the user and revoke their sign-in links.

    Raises:
        PasswordWrong: the password is not allowed.
    """
    passwords.require_good(password, user.name)
    app.ledger.people.set_password(user, passwords.hash_of(password))
    app.ledger.sessions.end_all(user)
    app.ledger.sessions.uninvite(user)
    log.info("password changed", person=user.name, by=by)


def is_password(app: App, user: User, password: str) -> bool:
    return passwords.check(password, app.ledger.people.get(user.id).password)[0]


def has_password(app: App, user: User) -> bool:
    """Whether the user has chosen a password."""
    return app.ledger.people.get(user.id).password is not None


def is_set_up(app: App) -> bool:
    return not app.ledger.people.is_empty()


def new_set_up_token(app: App) -> str:
    """Create the token with which the first administrator is set up. It replaces an earlier token."""
    token = new_token()
    app.ledger.sessions.allow_set_up(hashed(token), app.now())
    return token


def is_set_up_token(app: App, token: str) -> bool:
    return app.ledger.people.is_empty() and app.ledger.sessions.allows_set_up(hashed(token))


def set_up(app: App, token: str, name: str, password: str) -> User:
    """Create the first administrator. The token works only once.

    Raises:
        NameWrong: the name is not valid.
        PasswordWrong: the password is not allowed.
        RequestWrong: the token is not valid, or there is already a user.
    """
    if not is_set_up_token(app, token):
        raise _set_up_over()
    user = _new(app, name, Role.ADMINISTRATOR)
    passwords.require_good(password, user.name)
    if not app.ledger.people.add_first(user, password=passwords.hash_of(password), link=hashed(token)):
        raise _set_up_over()
    log.info("set up", person=user.name)
    return user


def shown(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role.value,
        "made_at": time_text(user.made_at),
        "signed_in_at": time_text(user.signed_in_at),
        "disabled_at": time_text(user.disabled_at),
    }


def _new(app: App, name: str, role: Role) -> User:
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME:
        raise NameWrong(
            "The name is empty, or longer than 254 characters", hint="Use an e-mail address or a user name."
        )
    if not wanted.isprintable() or any(each.isspace() for each in wanted):
        raise NameWrong(
            "The name contains a space or an invisible character",
            hint="Use an e-mail address or a user name.",
        )
    return User(id=uuid4().hex, name=wanted, role=role, made_at=app.now())


def _set_up_over() -> RequestWrong:
    return RequestWrong(
        "This set-up link is no longer valid",
        hint="Use the newest link from the output of `bucketlift serve`. It is valid until it is used.",
    )
