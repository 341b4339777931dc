"""Deletes people, and everything that the directory stores about them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from bucketlift.loaders.directory.chunks import chunks
from bucketlift.loaders.directory.rules import write_keys
from bucketlift.loaders.directory.tables import entries, members, people, transactions
from bucketlift.rules.directory.merging import PersonId, Rule, Values, keys_of


def delete_people(
    connection: sa.Connection, gone: Mapping[PersonId, Values], known: Mapping[Rule, int]
) -> None:
    """Delete people with their values, history, memberships, transactions and match keys.

    The counts in receipts of loads do not change.
    """
    removed = ((*key, person) for person, values in gone.items() for key in keys_of(list(known), values))
    write_keys(connection, list(known.values()), removed=removed)
    for some in chunks(gone):
        for table in (entries, members, transactions):
            connection.execute(table.delete().where(table.c.person.in_(some)))
        connection.execute(people.delete().where(people.c.id.in_(some)))
