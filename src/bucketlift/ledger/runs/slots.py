"""Slots, which limit how many load units the whole fleet may have open in one destination at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database

_slots = tables.slots


class Slots:
    """The slots of all destinations. A worker holds a slot until it releases the slot or dies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self,
        destination: str,
        cap: int,
        holder: str,
        alive: Callable[[str], bool],
        *,
        own_slots: Collection[int] = (),
    ) -> int | None:
        """Take one of a destination's ``cap`` slots, which are numbered from 0.

        Returns None if live workers hold all slots. ``own_slots`` lists the slots that the holder uses. It does
        not use its other slots any more, so they can be taken again.
        """
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(_slots).where(_slots.c.destination == destination))
            held = {row.slot: row.holder for row in rows}
        for slot in range(cap):
            known = held.get(slot)
            at_it = slot in own_slots if known == holder else known is not None and alive(known)
            if not at_it and self._claim(destination, slot, known, holder):
                return slot
        return None

    def _claim(self, destination: str, slot: int, known: str | None, holder: str) -> bool:
        """Take a slot, unless its holder has changed since the slot was read. Returns whether it was taken."""
        own_slots = (_slots.c.destination == destination) & (_slots.c.slot == slot)
        with self._database.writing() as connection:
            found = connection.execute(sa.select(_slots.c.holder).where(own_slots)).one_or_none()
            if found is None:
                connection.execute(
                    sa.insert(_slots).values(destination=destination, slot=slot, holder=holder)
                )
                return True
            if found.holder != known:
                return False
            connection.execute(sa.update(_slots).where(own_slots).values(holder=holder))
            return True

    def drop(self, destination: str, slot: int, holder: str) -> None:
        """Release a slot, if this worker still holds it."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(_slots)
                .where(_slots.c.destination == destination, _slots.c.slot == slot, _slots.c.holder == holder)
                .values(holder=None)
            )
