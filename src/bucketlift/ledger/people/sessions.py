"""Sessions of signed-in browsers, and one-time sign-in links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import Row
from bucketlift.ledger.people.people import user_of
from bucketlift.model.user import User

FUTURE = timedelta(days=1)
"""Maximum time by which a creation time may be in the future.

A later time is from a wrong clock. Such sessions and links would be valid too long, so they are refused.
"""

_sessions, _users, _links = tables.sessions, tables.users, tables.links


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A signed-in browser."""

    id: str
    name: str
    """The name of the browser, taken from its User-Agent header."""
    address: str
    made_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A one-time sign-in link for one user."""

    user: User
    asks_password: bool


class Sessions:
    """Sessions and one-time links. All tokens are passed as hashes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, token: str, browser: Browser, user: User) -> None:
        now = browser.made_at
        with self._database.writing() as connection:
            connection.execute(
                sa.insert(_sessions).values(
                    id=browser.id,
                    token=token,
                    user=user.id,
                    browser=browser.name,
                    address=browser.address,
                    made_at=now,
                    seen_at=now,
                )
            )
            connection.execute(sa.update(_users).where(_users.c.id == user.id).values(signed_in_at=now))

    def find(
        self, token: str, *, made_after: datetime, seen_after: datetime, made_before: datetime
    ) -> tuple[Browser, User] | None:
        """Return the session of a token and its user, if the session is not too old and the user is not
        disabled.

        ``made_before`` excludes sessions that a wrong clock created in the future, because they would be
        valid too long.
        """
        query = (
            sa.select(_users, *_SESSION)
            .join(_sessions, _sessions.c.user == _users.c.id)
            .where(_sessions.c.token == token, _users.c.disabled_at.is_(None))
            .where(_sessions.c.made_at > made_after, _sessions.c.seen_at > seen_after)
            .where(_sessions.c.made_at < made_before)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_browser(row), user_of(row))

    def of(self, user: User, *, made_after: datetime, seen_after: datetime) -> list[Browser]:
        """Return a user's sessions, the most recently used first."""
        query = sa.select(*_SESSION).where(
            _sessions.c.user == user.id, _sessions.c.made_at > made_after, _sessions.c.seen_at > seen_after
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_sessions.c.seen_at.desc(), _sessions.c.id)).all()
        return [_browser(row) for row in rows]

    def record_use(self, session: str, now: datetime) -> None:
        with self._database.writing_own_row() as connection:
            connection.execute(sa.update(_sessions).where(_sessions.c.id == session).values(seen_at=now))

    def end(self, session: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(_sessions).where(_sessions.c.id == session))

    def end_all(self, user: User, *, but: str | None = None) -> int:
        """End a user's sessions, except the session with the token ``but``. Returns the number of ended
        sessions.
        """
        others = sa.delete(_sessions).where(_sessions.c.user == user.id)
        if but is not None:
            others = others.where(_sessions.c.id != but)
        with self._database.writing() as connection:
            return connection.execute(others).rowcount

    def forget(self, *, made_before: datetime, seen_before: datetime, now: datetime) -> None:
        """Delete the sessions and links that have expired."""
        with self._database.writing() as connection:
            old = sa.or_(_sessions.c.made_at <= made_before, _sessions.c.seen_at <= seen_before)
            connection.execute(sa.delete(_sessions).where(old))
            over = sa.or_(_links.c.ends_at <= now, _links.c.made_at > now + FUTURE)
            connection.execute(sa.delete(_links).where(over))

    def allow_set_up(self, token: str, now: datetime) -> None:
        """Store the link to create the first administrator. An earlier link becomes invalid."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(_links).where(_links.c.user.is_(None)))
            connection.execute(sa.insert(_links).values(token=token, asks_password=True, made_at=now))

    def allows_set_up(self, token: str) -> bool:
        query = sa.select(_links.c.token).where(_links.c.token == token, _links.c.user.is_(None))
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def invite(self, token: str, link: Link, *, now: datetime, ends_at: datetime) -> None:
        """Store a sign-in link for a user. The user's earlier links become invalid."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(_links).where(_links.c.user == link.user.id))
            connection.execute(
                sa.insert(_links).values(
                    token=token,
                    user=link.user.id,
                    asks_password=link.asks_password,
                    made_at=now,
                    ends_at=ends_at,
                )
            )

    def invited(self, token: str, now: datetime) -> Link | None:
        query = (
            sa.select(_users, _links.c.asks_password)
            .join(_links, _links.c.user == _users.c.id)
            .where(_links.c.token == token, _links.c.ends_at > now, _users.c.disabled_at.is_(None))
            .where(_links.c.made_at <= now + FUTURE)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Link(user=user_of(row), asks_password=row.asks_password)

    def use(self, token: str) -> bool:
        """Delete a link that is used now.

        Returns False if the link does not exist any more, for example because it is used twice at the same
        time.
        """
        with self._database.writing() as connection:
            return connection.execute(sa.delete(_links).where(_links.c.token == token)).rowcount == 1

    def uninvite(self, user: User) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.delete(_links).where(_links.c.user == user.id))


_SESSION = (
    _sessions.c.id.label("session"),
    _sessions.c.browser,
    _sessions.c.address,
    _sessions.c.made_at.label("began_at"),
    _sessions.c.seen_at,
)


def _browser(row: Row) -> Browser:
    return Browser(
        id=row.session,
        name=row.browser,
        address=row.address,
        made_at=aware(row.began_at) or row.began_at,
        seen_at=aware(row.seen_at) or row.seen_at,
    )
