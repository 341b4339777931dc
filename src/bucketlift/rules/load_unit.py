"""Checks that each load of a unit is written exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bucketlift.errors import OurFault
from bucketlift.model.load import LoadId, LoadUnit, WriteMode


@dataclass(kw_only=True)
class Filling:
    """Counts the writes to a unit, because a load that was never written must not get a receipt."""

    unit: LoadUnit
    _written: set[LoadId] = field(default_factory=set)
    _broken: bool = False
    _places: dict[LoadId, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {load: place for place, load in enumerate(self.unit.loads)}
        if len(self._places) != len(self.unit.loads) or not self.unit.loads:
            raise OurFault("A load unit has no loads, or has one load twice", to=self.unit.target.table)
        if self.unit.target.mode is WriteMode.REPLACE and len(self.unit.loads) != 1:
            raise OurFault("A load unit in replace mode has several loads", to=self.unit.target.table)

    @contextmanager
    def writing(self, load: LoadId) -> Iterator[int]:
        """Mark one load as written in this block. Yields the position of the load in the unit, from 0.

        An exception in the block makes the unit permanently invalid.
        """
        self._refuse_unless_fresh(load)
        self._broken = True
        yield self._places[load]
        self._broken = False
        self._written.add(load)

    def require_whole(self) -> None:
        """Check that every load of the unit was written.

        Raises:
            OurFault: a write failed, or a load was not written.
        """
        if self._broken:
            raise OurFault("A write failed, so the unit cannot be committed", to=self.unit.target.table)
        for load in self.unit.loads:
            if load not in self._written:
                raise OurFault("A load was not written before the commit", to=load)

    def _refuse_unless_fresh(self, load: LoadId) -> None:
        if load not in self._places:
            raise OurFault("A load was written that is not in its load unit", to=load)
        if self._broken:
            raise OurFault("A write failed, so nothing more can be written", to=load)
        if load in self._written and self.unit.target.mode is not WriteMode.REPLACE:
            raise OurFault("A load was written twice", to=load)
