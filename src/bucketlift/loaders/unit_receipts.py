"""Makes the receipts of a unit: exactly one for each load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

from bucketlift.errors import LeaseLost
from bucketlift.model.load import LoadId, LoadUnit, Receipt


def refuse_loaded(unit: LoadUnit, found: Collection[LoadId]) -> None:
    """Check that no load of the unit has a receipt already.

    Raises:
        LeaseLost: a load has a receipt, so another worker has committed it.
    """
    if found:
        raise LeaseLost(
            f"{len(found)} of {len(unit.loads)} loads are already committed",
            to=f"table {unit.target.table}",
            hint="Nothing of this unit was written. Look up the receipts again.",
        )


def receipts_of(unit: LoadUnit, counts: Counter[tuple[int, str]]) -> tuple[Receipt, ...]:
    """One receipt for each load.

    ``counts``: the number of rows for each load (by its position in the unit) and result: inserted, updated
    or unchanged.
    """
    now = datetime.now(UTC)
    return tuple(
        Receipt(
            load=load,
            table=unit.target.table,
            inserted=counts[place, "inserted"],
            updated=counts[place, "updated"],
            unchanged=counts[place, "unchanged"],
            committed_at=now,
        )
        for place, load in enumerate(unit.loads)
    )
