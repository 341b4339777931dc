"""Chooses how rows are written into a table without blocking other sessions."""

from __future__ import annotations

from enum import Enum, auto

from bucketlift.loaders.fit import Fit
from bucketlift.loaders.postgresql.columns import is_lossless
from bucketlift.loaders.postgresql.tables import Table
from bucketlift.model.load import LoadUnit, WriteMode
from bucketlift.model.types import TypeName


class LoadStrategy(Enum):
    FRESH = auto()
    """The table does not exist: load into a new table with a temporary name, and rename it at the end."""
    PLAIN = auto()
    """COPY directly into the table. This is chosen only if it blocks no other writer."""
    STAGED = auto()
    """COPY into a temporary table. Statements that run only on the server then insert the rows."""


def choose_strategy(unit: LoadUnit, table: Table | None, fit: Fit) -> LoadStrategy:
    if table is None:
        return LoadStrategy.STAGED if _can_repeat_key(unit) else LoadStrategy.FRESH
    exact = all(map(is_lossless, unit.target.columns, fit.mapped))
    plain = unit.target.mode is WriteMode.APPEND and table.plain and exact
    return LoadStrategy.PLAIN if plain else LoadStrategy.STAGED


def _can_repeat_key(unit: LoadUnit) -> bool:
    """Whether the unit can contain a key twice.

    This is possible if the key is typed (1 and 01 are equal), or if the unit has several files. The reader has
    already rejected equal texts within one file.
    """
    target = unit.target
    typed = any(
        column.type.name is not TypeName.TEXT for column in target.columns if column.field in target.key
    )
    return target.mode is WriteMode.UPSERT and (typed or len(unit.loads) > 1)
