"""Counts of failed sign-ins, by name and by address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.rules.backing_off import FreeFailures, wait_left

_tries = tables.tries
KEPT = timedelta(days=1)


class SignInAttempts:
    """Counts of failed sign-ins.

    Names are stored as hashes, in case a user types the password as the name by mistake.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, limits: Mapping[str, FreeFailures], now: datetime) -> timedelta:
        """Count a failed attempt before the password is checked, so that parallel attempts are limited too.

        If the user must wait first, nothing is counted. Returns the remaining wait.
        """
        with self._database.writing() as connection:
            connection.execute(sa.delete(_tries).where(_tries.c.last_at < now - KEPT))
            # If the clock was set back after the last attempt, the wait starts now.
            connection.execute(sa.update(_tries).where(_tries.c.last_at > now).values(last_at=now))
            rows = connection.execute(sa.select(_tries).where(_tries.c.of.in_(list(limits)))).all()
            known = {row.of: (row.failed, aware(row.last_at) or row.last_at) for row in rows}
            left = max(
                (wait_left(limits[of], *found, now) for of, found in known.items()), default=timedelta()
            )
            if left > timedelta():
                return left
            for of in limits:
                if of in known:
                    counted = {"failed": known[of][0] + 1, "last_at": now}
                    connection.execute(sa.update(_tries).where(_tries.c.of == of).values(counted))
                else:
                    connection.execute(sa.insert(_tries).values(of=of, failed=1, last_at=now))
        return timedelta()

    def forget(self, name: str) -> None:
        """Delete the count of failed sign-ins of a name, after a sign-in succeeded."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(_tries).where(_tries.c.of == name))

    def take_back(self, address: str) -> None:
        """Subtract one attempt from the count of an address, because the attempt succeeded. Other attempts
        from the address still count.
        """
        with self._database.writing() as connection:
            fewer = sa.update(_tries).where(_tries.c.of == address).values(failed=_tries.c.failed - 1)
            connection.execute(fewer)
            connection.execute(sa.delete(_tries).where(_tries.c.of == address, _tries.c.failed <= 0))
