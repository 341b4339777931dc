"""Reasons why a load cannot be unloaded."""

from __future__ import annotations

from bucketlift.errors import DestinationRefused
from bucketlift.model.load import Target, WriteMode


def require_append(mode: WriteMode, target: Target) -> None:
    """Raises DestinationRefused if the load did more than add rows."""
    if mode is WriteMode.APPEND:
        return
    raise DestinationRefused(
        f"The load's mode was {mode.value}, which overwrote existing rows",
        to=f"table {target.table}",
        hint="Load the right file instead: an upsert overwrites the wrong rows, and a replace replaces all rows.",
    )


def without_lineage(target: Target) -> DestinationRefused:
    return DestinationRefused(
        "The table does not record which load wrote a row",
        to=f"table {target.table}",
        hint="Remove the rows by hand. To record it for later loads, add a text column _load_id to the table.",
    )


def still_referred_to(target: Target) -> DestinationRefused:
    return DestinationRefused(
        "Other rows reference rows of the load",
        to=f"table {target.table}",
        hint="First remove the rows that reference them, or drop the foreign key.",
    )
