"""The steps of an unload, and the reasons why a load cannot be unloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.fit import TableColumn, Types, load_ids
from bucketlift.loaders.receipts import Receipts
from bucketlift.model.load import LoadId, Target, WriteMode
from bucketlift.rules.targets import Naming


def unload(receipts: Receipts, target: Target, load: LoadId, delete: Callable[[], int]) -> int:
    """Delete the rows of a load with ``delete``, then its receipt. Returns the number of deleted rows.

    Returns 0 if the load has no receipt. ``delete`` must return the number of rows that it deleted.
    """
    mode = receipts.mode_of(load)
    if mode is None:
        return 0
    require_append(mode, target)
    rows = delete()
    receipts.remove([load])
    return rows


def require_lineage(
    target: Target, columns: Sequence[TableColumn], naming: Naming, types: Types
) -> TableColumn:
    """The column that contains the load ID of each row.

    Raises:
        DestinationRefused: the table has no such column.
    """
    load_id = load_ids(columns, naming, types)
    if load_id is None:
        raise DestinationRefused(
            "The table does not record which load wrote a row",
            to=f"table {target.table}",
            hint="Remove the rows yourself. To be able to undo later loads, add a text column _load_id to the table.",
        )
    return load_id


def require_append(mode: WriteMode, target: Target) -> None:
    """Check that the load did nothing but add rows.

    Raises:
        DestinationRefused: the load was an upsert or a replacement.
    """
    if mode is WriteMode.APPEND:
        return
    raise DestinationRefused(
        f"The load's mode was {mode.value}, which overwrote existing rows",
        to=f"table {target.table}",
        hint="Load a corrected file instead: in upsert mode it overwrites the wrong values, in replace mode it replaces all rows.",
    )


def still_referred_to(target: Target) -> DestinationRefused:
    return DestinationRefused(
        "Other rows reference rows of the load",
        to=f"table {target.table}",
        hint="First remove the rows that reference them, or drop the foreign key.",
    )
