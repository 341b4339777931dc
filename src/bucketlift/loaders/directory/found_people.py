"""Reads the values of the people whom rows match."""

from __future__ import annotations

import json
from collections.abc import Mapping

import sqlalchemy as sa

from bucketlift.loaders.directory.bulk import select_in
from bucketlift.loaders.directory.tables import people
from bucketlift.rules.directory.merging import Key, PersonId, Values


def people_with_keys(connection: sa.Connection, found: Mapping[Key, set[PersonId]]) -> dict[PersonId, Values]:
    """The values of all people in ``found``, which contains the people that have each key."""
    ids = sorted({person for people_found in found.values() for person in people_found})
    rows = select_in(connection, people, ("id", "data"), ("id", ids))
    return {PersonId(row[0]): json.loads(row[1]) for row in rows}
