"""Loads people into a directory: contacts by merge rules, employees by their identifier."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from bucketlift.errors import OurFault
from bucketlift.loaders.directory import receipts as receipts_table
from bucketlift.loaders.directory.counters import Counters, next_number
from bucketlift.loaders.directory.examining import examine
from bucketlift.loaders.directory.lists import list_named
from bucketlift.loaders.directory.load import DirectoryLoad
from bucketlift.loaders.directory.opening import Place, reading, writing
from bucketlift.loaders.directory.rules import learn_rules, rules_of
from bucketlift.loaders.directory.tables import CONTACTS_AND_EMPLOYEES, entries, loads, people
from bucketlift.loaders.directory.unloading import undo
from bucketlift.model.directory.data_targets import DirectoryTarget
from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target
from bucketlift.ports import Fence, unfenced
from bucketlift.rules.load_unit import Filling


@dataclass(frozen=True, kw_only=True)
class DirectoryLoader:
    place: Place
    installation: str = field(default="")
    """The ID of the installation, which is written to each receipt. A receipt without an ID counts as ours."""

    def receipts(self, ids: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        with reading(self.place) as connection:
            return receipts_table.find(connection, ids) if connection else {}

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        with reading(self.place) as connection:
            return receipts_table.since(connection, moment, self.installation) if connection else ()

    def rows(self, target: Target, ids: Collection[LoadId]) -> Mapping[LoadId, int] | None:  # noqa: ARG002 - the port's signature
        """For each load, the number of rows in the history of people. None if there is no directory yet."""
        with reading(self.place) as connection:
            if connection is None:
                return None
            query = (
                sa.select(loads.c.load_id, sa.func.count(entries.c.id))
                .join(entries, entries.c.load == loads.c.number)
                .where(loads.c.load_id.in_(list(ids)), loads.c.undone_at.is_(None))
                .where(entries.c.line.is_not(None))
                .group_by(loads.c.load_id)
            )
            found = {row[0]: row[1] for row in connection.execute(query)}
            return {load: found.get(load, 0) for load in ids}

    def size(self, target: Target) -> int | None:
        with reading(self.place) as connection:
            if connection is None:
                return None
            return connection.scalar(sa.select(sa.func.count()).where(people.c.kind == target.table))

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[DirectoryLoad]:
        if not isinstance(unit.target, DirectoryTarget):
            raise OurFault("A load of a table was sent to a directory", to=unit.target.table)
        filling = Filling(unit=unit)
        with writing(self.place) as connection:
            yield self._start(connection, unit, filling)

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:  # noqa: ARG002 - the port's signature
        if not self.place.exists:
            return 0
        with writing(self.place) as connection:
            number = receipts_table.number_of(connection, load)
            rows = 0 if number is None else undo(connection, number)
            fence()
            connection.commit()
        return rows

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that loads have set, by kind: contacts and employees, then responses and records by the
        name of their set.
        """
        with reading(self.place) as connection:
            if connection is None:
                return {}
            found: dict[str, dict[str, None]] = {}
            query = sa.select(loads.c.kind, loads.c.fields).where(loads.c.undone_at.is_(None))
            for kind, fields in connection.execute(query.order_by(loads.c.number)):
                found.setdefault(kind, {}).update(dict.fromkeys(fields))
            kinds = (*CONTACTS_AND_EMPLOYEES, *sorted(found.keys() - set(CONTACTS_AND_EMPLOYEES)))
            return {kind: tuple(found[kind]) for kind in kinds if kind in found}

    def examine(self) -> tuple[Finding, ...]:
        return examine(self.place)

    def _start(self, connection: sa.Connection, unit: LoadUnit, filling: Filling) -> DirectoryLoad:
        target = unit.target
        own = rules_of(target)
        known = learn_rules(connection, target.table, own)
        rules = list(known)
        name = target.list if isinstance(target, ContactsTarget) else None
        return DirectoryLoad(
            connection=connection,
            unit=unit,
            rules=rules,
            numbers=list(known.values()),
            rules_used=[rules.index(rule) for rule in own],
            list_id=None if name is None else list_named(connection, name),
            first_load=next_number(connection, loads.c.number),
            counters=Counters.read(connection),
            installation=self.installation,
            filling=filling,
        )
