"""How often a sign-in failed, per name and per address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.rules.backing_off import Patience, wait_left

_tries = tables.tries
KEPT = timedelta(days=1)


class SignInAttempts:
    """What tried is named by a hash, so a name that is a password by mistake is not kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, who: Mapping[str, Patience], now: datetime) -> timedelta:
        """Count a try as failed before it is looked at, so that many at once are no way around; nothing is
        counted where one must wait first: how long that is.
        """
        with self._database.writing() as connection:
            connection.execute(sa.delete(_tries).where(_tries.c.last_at < now - KEPT))
            # Counted before the clock was set back: the wait is counted from now, and not until that time comes again.
            connection.execute(sa.update(_tries).where(_tries.c.last_at > now).values(last_at=now))
            rows = connection.execute(sa.select(_tries).where(_tries.c.of.in_(list(who)))).all()
            known = {row.of: (row.failed, aware(row.last_at) or row.last_at) for row in rows}
            left = max((wait_left(who[of], *found, now) for of, found in known.items()), default=timedelta())
            if left > timedelta():
                return left
            for of in who:
                if of in known:
                    counted = {"failed": known[of][0] + 1, "last_at": now}
                    connection.execute(sa.update(_tries).where(_tries.c.of == of).values(counted))
                else:
                    connection.execute(sa.insert(_tries).values(of=of, failed=1, last_at=now))
        return timedelta()

    def forget(self, name: str) -> None:
        """After a sign-in of that name."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(_tries).where(_tries.c.of == name))

    def take_back(self, address: str) -> None:
        """The one try that did not fail; the others from there still count."""
        with self._database.writing() as connection:
            fewer = sa.update(_tries).where(_tries.c.of == address).values(failed=_tries.c.failed - 1)
            connection.execute(fewer)
            connection.execute(sa.delete(_tries).where(_tries.c.of == address, _tries.c.failed <= 0))
