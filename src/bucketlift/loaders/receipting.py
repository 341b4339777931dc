"""A unit's receipts: none of its loads may have one yet, and each gets one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

from bucketlift.errors import LeaseLost
from bucketlift.model.load import LoadId, LoadUnit, Receipt


def refuse_loaded(unit: LoadUnit, found: Collection[LoadId]) -> None:
    """Raises LeaseLost where receipts of the unit's loads were found: somebody else did our work."""
    if found:
        raise LeaseLost(
            f"{len(found)} of {len(unit.loads)} loads were committed already",
            to=f"table {unit.target.table}",
            hint="Look the receipts up again: nothing of this unit was written.",
        )


def receipts_of(unit: LoadUnit, counts: Counter[tuple[int, str]]) -> tuple[Receipt, ...]:
    """One for each load; ``counts`` are by its place in the unit and what became of the rows."""
    return tuple(
        Receipt(
            load=load,
            table=unit.target.table,
            inserted=counts[place, "inserted"],
            updated=counts[place, "updated"],
            unchanged=counts[place, "unchanged"],
            committed_at=datetime.now(UTC),
        )
        for place, load in enumerate(unit.loads)
    )
