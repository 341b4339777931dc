"""Reasons why a load cannot be unloaded."""

from __future__ import annotations

from bucketlift.errors import DestinationRefused
from bucketlift.model.load import Target, WriteMode


def require_append(mode: WriteMode, target: Target) -> None:
    """Raises DestinationRefused if the load did more than add rows."""
    if mode is WriteMode.APPEND:
        return
    raise DestinationRefused(
        f"The load was no append but {mode.value}, which overwrote what stood there before",
        to=f"table {target.table}",
        hint="Load the right file: an upsert puts its rows over the wrong ones, a replacement takes their place.",
    )


def without_lineage(target: Target) -> DestinationRefused:
    return DestinationRefused(
        "The table does not tell which load brought a row",
        to=f"table {target.table}",
        hint="Remove the rows by hand. With a text column _load_id in the table, rows loaded from then on tell.",
    )


def still_referred_to(target: Target) -> DestinationRefused:
    return DestinationRefused(
        "Other rows refer to rows of the load",
        to=f"table {target.table}",
        hint="Remove the rows that refer to them first, or drop the foreign key.",
    )
