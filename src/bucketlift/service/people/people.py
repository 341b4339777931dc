"""Who signs in here: added, given a role, disabled."""

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
"""Of an e-mail address (RFC 5321, 4.5.3.1)."""
BY_COMMAND = "the command line"


class NameWrong(RequestWrong):
    """Nobody can sign in with such a name."""


def list_people(app: App) -> list[User]:
    return app.ledger.people.all()


def get(app: App, user: str) -> User:
    """The person of an id.

    Raises:
        NotFound: there is none.
    """
    return app.ledger.people.get(user).user


def named(app: App, name: str) -> User:
    """The person of a name.

    Raises:
        NotFound: there is none.
    """
    known = app.ledger.people.find(name)
    if known is None:
        people = ", ".join(each.name for each in app.ledger.people.all())
        raise NotFound("Nobody has this name", to=name, hint=f"Known: {people or 'nobody yet'}.")
    return known.user


def add(app: App, name: str, role: Role, *, by: str) -> User:
    """Add a person, who chooses a password with the link that ``sessions.invite`` makes.

    Raises:
        RequestWrong: it cannot be a name, somebody has it, or nobody would administer.
    """
    if role is not Role.ADMINISTRATOR and app.ledger.people.is_empty():
        raise RequestWrong(
            "The first person is an administrator", to=name, hint="Add somebody as administrator first."
        )
    user = _new(app, name, role)
    app.ledger.people.add(user)
    log.info("person added", person=user.name, role=role.value, by=by)
    return user


def change_role(app: App, user: User, role: Role, *, by: str) -> None:
    """What was begun with the former role ends: the person signs in again.

    Raises:
        RequestWrong: nobody would be left to administer.
    """
    if user.role is role:
        return
    app.ledger.people.set_role(user, role)
    app.ledger.sessions.end_all(user)
    log.info("role changed", person=user.name, role=role.value, before=user.role.value, by=by)


def disable(app: App, user: User, *, by: str) -> None:
    """The person is signed out everywhere and cannot sign in until enabled.

    Raises:
        RequestWrong: nobody would be left to administer.
    """
    app.ledger.people.set_disabled(user, app.now())
    app.ledger.sessions.end_all(user)
    app.ledger.sessions.uninvite(user)
    log.info("person disabled", person=user.name, by=by)


def enable(app: App, user: User, *, by: str) -> None:
    app.ledger.people.set_disabled(user, None)
    log.info("person enabled", person=user.name, by=by)


def set_password(app: App, user: User, password: str, *, by: str) -> None:
    """Give a person a password; every browser is signed out, and links end.

    Raises:
        PasswordWrong: it cannot be one.
    """
    passwords.require_good(password, user.name)
    app.ledger.people.set_password(user, passwords.hash_of(password))
    app.ledger.sessions.end_all(user)
    app.ledger.sessions.uninvite(user)
    log.info("password changed", person=user.name, by=by)


def is_password(app: App, user: User, password: str) -> bool:
    return passwords.check(password, app.ledger.people.get(user.id).password)[0]


def has_password(app: App, user: User) -> bool:
    """Not before the person chose one."""
    return app.ledger.people.get(user.id).password is not None


def is_set_up(app: App) -> bool:
    return not app.ledger.people.is_empty()


def let_set_up(app: App) -> str:
    """The token that lets somebody make the first administrator. One from before ends."""
    token = new_token()
    app.ledger.sessions.let_set_up(hashed(token), app.now())
    return token


def lets_set_up(app: App, token: str) -> bool:
    return app.ledger.people.is_empty() and app.ledger.sessions.lets_set_up(hashed(token))


def set_up(app: App, token: str, name: str, password: str) -> User:
    """Make the first administrator. The token ends with it.

    Raises:
        NameWrong: it cannot be a name.
        PasswordWrong: it cannot be a password.
        RequestWrong: the token is not the one on the console, or somebody was there before.
    """
    if not lets_set_up(app, token):
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
        raise NameWrong("A name has 1 to 254 characters", hint="An e-mail address or a word.")
    if not wanted.isprintable() or any(each.isspace() for each in wanted):
        raise NameWrong(
            "A name has no spaces and no invisible characters", hint="An e-mail address or a word."
        )
    return User(id=uuid4().hex, name=wanted, role=role, made_at=app.now())


def _set_up_over() -> RequestWrong:
    return RequestWrong(
        "This set-up address is not good any more",
        hint="The newest one is on the console of `bucketlift serve`; it is good until somebody used it.",
    )
