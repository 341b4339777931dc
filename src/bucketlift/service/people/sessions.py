"""Browsers that are signed in: begun by a password or a link that is good once, and ended."""

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
from bucketlift.rules.backing_off import Patience
from bucketlift.service.core.app import App
from bucketlift.service.people import passwords, people
from bucketlift.service.people.tokens import derived, hashed, new_token

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the ledger knows when a browser was last here."""
LINK_LASTS = timedelta(days=3)
OF_A_NAME, OF_AN_ADDRESS = Patience(free=5), Patience(free=20)
"""More from an address: many people may share one."""
LONGEST = 200


class SignInWrong(RequestWrong):
    """The same for whoever is not let in, so that nobody learns which names there are."""

    default_hint = "Look for a wrong key. An administrator can give you a new sign-in link."


class TooManyTries(RequestWrong):
    """Too many sign-ins failed."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        told = f"{self.seconds} s" if self.seconds < 120 else f"{math.ceil(self.seconds / 60)} minutes"
        super().__init__(
            "Too many sign-ins failed",
            hint=f"Try again in {told}, or ask an administrator for a sign-in link.",
        )


class LinkOver(RequestWrong):
    """The link was used, ended, or never was."""

    default_hint = "Ask an administrator for a new one, or run `bucketlift users link NAME`."


def sign_in(app: App, name: str, password: str, from_address: str, browser: str = "") -> str:
    """The token of a new session.

    Raises:
        SignInWrong: the name and the password do not belong together, or the person may not sign in.
        TooManyTries: too many failed before, for this name or from this address.
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
    """Whoever has an IPv6 address usually has the 2⁶⁴ beside it, too."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/64", strict=False)) if known.version == 6 else address


def begin(app: App, user: User, from_address: str, browser: str = "") -> str:
    """The token of a new session of somebody who was found to be who they say."""
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
    """The session of a token; None where it ended, is too old, or its person may not sign in."""
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
        app.ledger.sessions.saw(browser.id, now)
    return Session(
        id=browser.id,
        user=user,
        csrf=_csrf(token, token_hex(8)),
        made_at=browser.made_at,
        seen_at=browser.seen_at,
    )


def is_csrf(token: str, told: str) -> bool:
    """Whether a request of the session with this token brings what one of its pages told."""
    return compare_digest(told.encode(), _csrf(token, told.partition(".")[0]).encode())


def _csrf(token: str, salt: str) -> str:
    """Another one in each answer: in answers that are compressed, one that stays could be guessed piece by piece
    from their lengths (BREACH).
    """
    return f"{salt}.{derived(token, f'csrf {salt}')}"


def browsers(app: App, user: User) -> list[Browser]:
    """Where a person is signed in, the browser used last first."""
    now, limits = app.now(), app.session_limits
    return app.ledger.sessions.of(user, made_after=now - limits.whole, seen_after=now - limits.idle)


def sign_out(app: App, session: Session) -> None:
    app.ledger.sessions.end(session.id)
    log.info("signed out", person=session.user.name)


def replace(app: App, token: str | None) -> None:
    """End the session that a browser had before it got another."""
    former = None if token is None else find(app, token)
    if former is not None:
        sign_out(app, former)


def sign_out_everywhere(app: App, user: User, *, but: Session | None = None) -> int:
    """End a person's sessions, but for one; how many that were."""
    ended = app.ledger.sessions.end_all(user, but=but.id if but else None)
    log.info("signed out everywhere", person=user.name, browsers=ended)
    return ended


def invite(app: App, user: User, *, asks_password: bool = True, lasts: timedelta = LINK_LASTS) -> str:
    """The token of a link that lets a person in once, with a new password or as they are. Former links end."""
    token, now = new_token(), app.now()
    app.ledger.sessions.invite(
        hashed(token), Link(user=user, asks_password=asks_password), now=now, ends_at=now + lasts
    )
    log.info("sign-in link made", person=user.name)
    return token


def invited(app: App, token: str) -> Link:
    """Whom a link lets in.

    Raises:
        LinkOver: it is not good any more.
    """
    link = app.ledger.sessions.invited(hashed(token), app.now())
    if link is None:
        raise LinkOver("This sign-in link is not good any more")
    return link


def accept(app: App, token: str, password: str, from_address: str, browser: str = "") -> str:
    """Use a link, once; the token of a new session. The password is only looked at where the link asks for one.

    Raises:
        LinkOver: it is not good any more.
        PasswordWrong: it cannot be a password; the link stays good.
    """
    link = invited(app, token)
    if link.asks_password:
        passwords.require_good(password, link.user.name)
    if not app.ledger.sessions.use(hashed(token)):
        raise LinkOver("This sign-in link is not good any more")
    if link.asks_password:
        people.set_password(app, link.user, password, by=link.user.name)
    app.ledger.sign_in_attempts.forget(hashed(f"name {folded(link.user.name)}"))
    return begin(app, link.user, from_address, browser)


def change_password(
    app: App, session: Session, old: str, new: str, from_address: str, browser: str = ""
) -> str:
    """Change one's own password; the token of a new session, for every other browser is signed out.

    Raises:
        SignInWrong: the old password is wrong.
        PasswordWrong: the new one cannot be one.
        TooManyTries: too many old ones were wrong.
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
        log.warning("wrong password at a change", person=user.name)
        raise SignInWrong("The current password is wrong", hint="Type it again.")
    app.ledger.sign_in_attempts.forget(of_name)


def _forget_old(app: App) -> None:
    now, limits = app.now(), app.session_limits
    app.ledger.sessions.forget(made_before=now - limits.whole, seen_before=now - limits.idle, now=now)
