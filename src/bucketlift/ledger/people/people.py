"""The people of an installation, and the hashes of their passwords."""

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
class Known:
    """A person, and what proves that it is them."""

    user: User
    password: str | None
    """A hash; None before the person chose a password."""


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[User]:
        """By name; those who are disabled too."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_users).order_by(_users.c.folded)).all()
        return [user_of(row) for row in rows]

    def nobody(self) -> bool:
        """Whether this installation was never set up."""
        with self._database.reading() as connection:
            return _is_empty(connection)

    def find(self, name: str) -> Known | None:
        """The person of a name, whatever its case."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_users).where(_users.c.folded == folded(name))).one_or_none()
        return None if row is None else Known(user=user_of(row), password=row.password)

    def get(self, user: str) -> Known:
        """The person of an id.

        Raises:
            NotFound: there is none.
        """
        with self._database.reading() as connection:
            row = connection.execute(sa.select(_users).where(_users.c.id == user)).one_or_none()
        if row is None:
            raise NotFound("There is no such person", to=user, hint="Look at the list of people.")
        return Known(user=user_of(row), password=row.password)

    def add(self, user: User, *, password: str | None = None) -> None:
        """Keep a new person.

        Raises:
            RequestWrong: somebody has that name.
        """
        with self._database.writing() as connection:
            _add(connection, user, password)

    def add_first(self, user: User, *, password: str, link: str) -> bool:
        """Keep the first person, and let the link that lets somebody set up end; False where that is over."""
        with self._database.writing() as connection:
            good = sa.delete(_links).where(_links.c.token == link, _links.c.user.is_(None))
            if not _is_empty(connection) or connection.execute(good).rowcount == 0:
                return False
            _add(connection, user, password)
            return True

    def set_role(self, user: User, role: Role) -> None:
        """Give a person another role.

        Raises:
            RequestWrong: nobody would be left to administer.
        """
        with self._database.writing() as connection:
            connection.execute(sa.update(_users).where(_users.c.id == user.id).values(role=role.value))
            _require_administrator(connection, user)

    def set_disabled(self, user: User, at: datetime | None) -> None:
        """Let a person sign in no more, or again.

        Raises:
            RequestWrong: nobody would be left to administer.
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
            "Somebody has this name", to=user.name, hint="Choose another, or enable that person."
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
            hint="Make somebody else an administrator first.",
        )
