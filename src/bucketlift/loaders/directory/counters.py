"""The next numbers of people, history entries and transactions.

The number of a deleted person is never given to another person.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bucketlift.loaders.directory.tables import entries, settings, transactions

NEXT_PERSON = "next_person"


@dataclass(kw_only=True)
class Counters:
    person: int
    entry: int
    transaction: int

    @staticmethod
    def read(connection: sa.Connection) -> Counters:
        person = connection.scalar(sa.select(settings.c.value).where(settings.c.name == NEXT_PERSON))
        return Counters(
            person=int(person or 1),
            entry=next_number(connection, entries.c.id),
            transaction=next_number(connection, transactions.c.id),
        )

    def save(self, connection: sa.Connection) -> None:
        connection.execute(settings.delete().where(settings.c.name == NEXT_PERSON))
        connection.execute(settings.insert(), [{"name": NEXT_PERSON, "value": str(self.person)}])


def next_number(connection: sa.Connection, column: sa.Column[int]) -> int:
    last = connection.scalar(sa.select(sa.func.max(column)))
    return int(last or 0) + 1
