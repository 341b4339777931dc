"""The users of an installation, and their password hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.rows import Row
from bucketlift.model.user import Role, User

_users, _links = tables.users, tables.links


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A user with the password hash."""

    user: User
    password: str | None
    """The hash of the password; None if the user has not chosen a password yet."""


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[User]:
        """Return all users by name, including disabled ones."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_users).order_by(_users.c.folded)).all()
        return [user_of(row) for row in rows]

    def is_empty(self) -> bool:
        """Whether there is no user yet."""
        with self._database.reading() as connection:
            return _is_empty(connection)

    def find(self, name: str) -> StoredUser | None:
        """Return the user with this name, in upper or lower case; None if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_users).where(_users.c.folded == folded(name))).one_or_none()
        return None if row is None else StoredUser(user=user_of(row), password=row.password)

    def get(self, user: str) -> StoredUser:
        """Return the user with this ID.

        Raises:
            NotFound: the user does not exist.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_users).where(_users.c.id == user)).one_or_none()
        if row is None:
            raise NotFound("There is no user with this ID", to=user, hint="Look at the list of people.")
        return StoredUser(user=user_of(row), password=row.password)

    def add(self, user: User, *, password: str | None = None) -> None:
        """Store a new user.

        Raises:
            RequestWrong: another user has this name.
        """
        with self._database.writing() as connection:
            _add(connection, user, password)

    def add_first(self, user: User, *, password: str, link: str) -> bool:
        """Store the first user and delete the set-up link. Returns False if the link is not valid any more;
        then nothing is stored.
        """
        with self._database.writing() as connection:
            good = sa.delete(_links).where(_links.c.token == link, _links.c.user.is_(None))
            if not _is_empty(connection) or connection.execute(good).rowcount == 0:
                return False
            _add(connection, user, password)
            return True

    def set_role(self, user: User, role: Role) -> None:
        """Change a user's role.

        Raises:
            RequestWrong: no administrator would be left.
        """
        with self._database.writing() as connection:
            connection.execute(sa.update(_users).where(_users.c.id == user.id).values(role=role.value))
            _require_administrator(connection, user)

    def set_disabled(self, user: User, at: datetime | None) -> None:
        """Disable a user from the time ``at``. With None, enable the user again.

        Raises:
            RequestWrong: no administrator would be left.
        """
        with self._database.writing() as connection:
            connection.execute(sa.update(_users).where(_users.c.id == user.id).values(disabled_at=at))
            _require_administrator(connection, user)

    def set_password(self, user: User, password: str) -> None:
        with self._database.writing() as connection:
            connection.execute(sa.update(_users).where(_users.c.id == user.id).values(password=password))


def folded(name: str) -> str:
    return name.strip().casefold()


def user_of(row: Row) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        made_at=aware(row.made_at) or row.made_at,
        signed_in_at=aware(row.signed_in_at),
        disabled_at=aware(row.disabled_at),
    )


def _add(connection: sa.Connection, user: User, password: str | None) -> None:
    taken = sa.select(_users.c.name).where(_users.c.folded == folded(user.name))
    if connection.scalar(taken) is not None:
        raise RequestWrong(
            "Another user has this name", to=user.name, hint="Choose another name, or enable that user."
        )
    connection.execute(
        sa.insert(_users).values(
            id=user.id,
            name=user.name,
            folded=folded(user.name),
            role=user.role.value,
            password=password,
            made_at=user.made_at,
        )
    )


def _is_empty(connection: sa.Connection) -> bool:
    return connection.scalar(sa.select(sa.func.count()).select_from(_users)) == 0


def _require_administrator(connection: sa.Connection, changed: User) -> None:
    left = sa.select(sa.func.count()).where(
        _users.c.role == Role.ADMINISTRATOR.value, _users.c.disabled_at.is_(None)
    )
    if connection.scalar(left) == 0:
        raise RequestWrong(
            "This is the last administrator",
            to=changed.name,
            hint="Make another user an administrator first.",
        )
