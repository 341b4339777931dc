"""Sessions of browsers: users sign in by password or one-time link, and sign out."""

from __future__ import annotations

import math
from datetime import timedelta
from ipaddress import ip_address, ip_network
from secrets import compare_digest, token_hex
from uuid import uuid4

from bucketlift.errors import RequestWrong
from bucketlift.ledger.people.people import folded
from bucketlift.ledger.people.sessions import FUTURE, Browser, Link
from bucketlift.logs import log
from bucketlift.model.user import Session, User
from bucketlift.rules.backing_off import FreeFailures
from bucketlift.service.core.app import App
from bucketlift.service.people import passwords, people
from bucketlift.service.people.tokens import derived, hashed, new_token

SEEN_EVERY = timedelta(minutes=1)
"""Minimum time between two records of a session's last activity in the ledger."""
LINK_LASTS = timedelta(days=3)
OF_A_NAME, OF_AN_ADDRESS = FreeFailures(free=5), FreeFailures(free=20)
"""The number of failures that are allowed without a wait, per name and per address. More are allowed per
address, because several users may share it.
"""
LONGEST = 200


class SignInWrong(RequestWrong):
    """The sign-in failed. The error is the same for all causes, so that it does not show which names exist."""

    default_hint = "Check your input. An administrator can give you a new sign-in link."


class TooManyTries(RequestWrong):
    """Too many sign-ins failed for this name or from this address."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        wait_text = f"{self.seconds} s" if self.seconds < 120 else f"{math.ceil(self.seconds / 60)} minutes"
        super().__init__(
            "Too many sign-ins failed",
            hint=f"Try again in {wait_text}, or ask an administrator for a sign-in link.",
        )


class LinkOver(RequestWrong):
    """The sign-in link was used, has expired, or never existed."""

    default_hint = "Ask an administrator for a new one, or run `bucketlift users link NAME`."


def sign_in(app: App, name: str, password: str, from_address: str, browser: str = "") -> str:
    """Sign in with name and password. Returns the token of the new session.

    Raises:
        SignInWrong: the name or the password is wrong, or the user is disabled.
        TooManyTries: too many sign-ins failed for this name or from this address.
    """
    of_name, of_address = hashed(f"name {folded(name)}"), hashed(f"address {_network(from_address)}")
    wait = app.ledger.sign_in_attempts.count({of_name: OF_A_NAME, of_address: OF_AN_ADDRESS}, app.now())
    if wait:
        log.warning("sign-in refused", address=from_address, why="too many failed")
        raise TooManyTries(wait)
    known = app.ledger.people.find(name)
    open_to = known is not None and known.user.disabled_at is None
    right, newer = passwords.check(
        password[: passwords.LONGEST + 1], known.password if known and open_to else None
    )
    if known is None or not right:
        log.warning("sign-in failed", address=from_address, person=known.user.name if known else None)
        raise SignInWrong("The name or the password is wrong")
    app.ledger.sign_in_attempts.forget(of_name)
    app.ledger.sign_in_attempts.take_back(of_address)
    if newer is not None:
        app.ledger.people.set_password(known.user, newer)
    return begin(app, known.user, from_address, browser)


def _network(address: str) -> str:
    """The network of an address, because a client usually controls a whole IPv6 /64 network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/64", strict=False)) if known.version == 6 else address


def begin(app: App, user: User, from_address: str, browser: str = "") -> str:
    """Start a session for a user whose identity is proved. Returns the session's token."""
    now, token = app.now(), new_token()
    _forget_old(app)
    app.ledger.sessions.begin(
        hashed(token),
        Browser(
            id=uuid4().hex, name=browser[:LONGEST], address=from_address[:LONGEST], made_at=now, seen_at=now
        ),
        user,
    )
    log.info("signed in", person=user.name, address=from_address)
    return token


def find(app: App, token: str) -> Session | None:
    """The session with this token; None if the session has ended or expired, or its user is disabled."""
    now, limits = app.now(), app.session_limits
    found = app.ledger.sessions.find(
        hashed(token),
        made_after=now - limits.whole,
        seen_after=now - limits.idle,
        made_before=now + FUTURE,
    )
    if found is None:
        return None
    browser, user = found
    if now - browser.seen_at > SEEN_EVERY:
        app.ledger.sessions.record_use(browser.id, now)
    return Session(
        id=browser.id,
        user=user,
        csrf=_csrf(token, token_hex(8)),
        made_at=browser.made_at,
        seen_at=browser.seen_at,
    )


def is_csrf(token: str, sent: str) -> bool:
    """Whether the CSRF token ``sent`` belongs to the session with the token ``token``."""
    return compare_digest(sent.encode(), _csrf(token, sent.partition(".")[0]).encode())


def _csrf(token: str, salt: str) -> str:
    """A CSRF token that differs in each answer. A constant token could be guessed from the length of
    compressed answers (BREACH).
    """
    return f"{salt}.{derived(token, f'csrf {salt}')}"


def browsers(app: App, user: User) -> list[Browser]:
    """The sessions of a user, the most recently used first."""
    now, limits = app.now(), app.session_limits
    return app.ledger.sessions.of(user, made_after=now - limits.whole, seen_after=now - limits.idle)


def sign_out(app: App, session: Session) -> None:
    app.ledger.sessions.end(session.id)
    log.info("signed out", person=session.user.name)


def replace(app: App, token: str | None) -> None:
    """End the former session of a browser that gets a new session."""
    former = None if token is None else find(app, token)
    if former is not None:
        sign_out(app, former)


def sign_out_everywhere(app: App, user: User, *, but: Session | None = None) -> int:
    """End all sessions of a user, except the session ``but``. Returns the number of ended sessions."""
    ended = app.ledger.sessions.end_all(user, but=but.id if but else None)
    log.info("signed out everywhere", person=user.name, browsers=ended)
    return ended


def invite(app: App, user: User, *, asks_password: bool = True, lasts: timedelta = LINK_LASTS) -> str:
    """Create a one-time sign-in link. Returns its token. Earlier links of the user are revoked.

    ``asks_password``: whether the user must choose a new password.
    """
    token, now = new_token(), app.now()
    app.ledger.sessions.invite(
        hashed(token), Link(user=user, asks_password=asks_password), now=now, ends_at=now + lasts
    )
    log.info("sign-in link made", person=user.name)
    return token


def invited(app: App, token: str) -> Link:
    """The sign-in link with this token.

    Raises:
        LinkOver: the link is no longer valid.
    """
    link = app.ledger.sessions.invited(hashed(token), app.now())
    if link is None:
        raise LinkOver("This sign-in link is no longer valid")
    return link


def accept(app: App, token: str, password: str, from_address: str, browser: str = "") -> str:
    """Use a one-time link. Returns the token of a new session. The password is used only if the link requires
    a new password.

    Raises:
        LinkOver: the link is no longer valid.
        PasswordWrong: the password is not allowed; the link stays valid.
    """
    link = invited(app, token)
    if link.asks_password:
        passwords.require_good(password, link.user.name)
    if not app.ledger.sessions.use(hashed(token)):
        raise LinkOver("This sign-in link is no longer valid")
    if link.asks_password:
        people.set_password(app, link.user, password, by=link.user.name)
    app.ledger.sign_in_attempts.forget(hashed(f"name {folded(link.user.name)}"))
    return begin(app, link.user, from_address, browser)


def change_password(
    app: App, session: Session, old: str, new: str, from_address: str, browser: str = ""
) -> str:
    """Change the password of the signed-in user. Ends all sessions, and returns the token of a new session.

    Raises:
        SignInWrong: the old password is wrong.
        PasswordWrong: the new password is not allowed.
        TooManyTries: the old password was wrong too often.
    """
    user = session.user
    passwords.require_good(new, user.name)
    if people.has_password(app, user):
        _require_password(app, user, old)
    people.set_password(app, user, new, by=user.name)
    return begin(app, user, from_address, browser)


def _require_password(app: App, user: User, password: str) -> None:
    of_name = hashed(f"name {folded(user.name)}")
    wait = app.ledger.sign_in_attempts.count({of_name: OF_A_NAME}, app.now())
    if wait:
        raise TooManyTries(wait)
    if not people.is_password(app, user, password):
        log.warning("wrong current password for a password change", person=user.name)
        raise SignInWrong("The current password is wrong", hint="Type the current password again.")
    app.ledger.sign_in_attempts.forget(of_name)


def _forget_old(app: App) -> None:
    now, limits = app.now(), app.session_limits
    app.ledger.sessions.forget(made_before=now - limits.whole, seen_before=now - limits.idle, now=now)
