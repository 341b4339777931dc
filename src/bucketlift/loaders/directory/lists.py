"""Mailing lists and their members."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from bucketlift.loaders.directory.bulk import insert, select_in
from bucketlift.loaders.directory.counters import next_number
from bucketlift.loaders.directory.tables import lists, members
from bucketlift.rules.directory.merging import PersonId


def list_named(connection: sa.Connection, name: str) -> int:
    """The mailing list with this name; it is created if it does not exist."""
    found = connection.scalar(sa.select(lists.c.id).where(lists.c.name == name))
    if found is not None:
        return int(found)
    number = next_number(connection, lists.c.id)
    connection.execute(lists.insert(), [{"id": number, "name": name}])
    return number


def add_members(connection: sa.Connection, list_id: int, people: Collection[PersonId]) -> None:
    where = f"list = {list_id:d} AND "
    ids = sorted(people)
    known = {row[0] for row in select_in(connection, members, ("person",), ("person", ids), where=where)}
    insert(connection, members, ("list", "person"), [(list_id, each) for each in ids if each not in known])
