"""How rows come into a table without keeping anybody waiting."""

from __future__ import annotations

from enum import Enum, auto

from bucketlift.loaders.fit import Fit
from bucketlift.loaders.postgresql.columns import straight
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import LoadUnit, WriteMode
from bucketlift.model.types import TypeName


class Way(Enum):
    FRESH = auto()
    """There is no table yet: into one under a name of its own, which takes its right name at the end."""
    PLAIN = auto()
    """Straight into the table, where that keeps no other writer waiting."""
    STAGED = auto()
    """Into a table that only this session sees, and from there with statements that the server runs alone."""


def way_of(unit: LoadUnit, table: Table | None, fit: Fit) -> Way:
    if table is None:
        return Way.STAGED if _meets_itself(unit) else Way.FRESH
    exact = all(map(straight, unit.target.columns, fit.mapped))
    plain = unit.target.mode is WriteMode.APPEND and table.plain and exact
    return Way.PLAIN if plain else Way.STAGED


def _meets_itself(unit: LoadUnit) -> bool:
    """Whether a key may be twice in what is loaded. Equal texts in one file are rejects of the reader's."""
    target = unit.target
    typed = any(
        column.type.name is not TypeName.TEXT for column in target.columns if column.field in target.key
    )
    return target.mode is WriteMode.UPSERT and (typed or len(unit.loads) > 1)
