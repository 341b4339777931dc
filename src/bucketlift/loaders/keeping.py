"""Checks before the commit that a table has kept the rows of a load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bucketlift.errors import DestinationRefused, RowsNotKept
from bucketlift.model.finding import Finding, Health
from bucketlift.model.load import Target

_RETRY = "Then try the file again with `bucketlift files retry`. Nothing was loaded or removed."
KEEP_OTHERS = (
    "Use `mode: upsert`, or recreate the foreign key with ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED."
)
_OTHER_TABLE = "Load into a table that keeps every row."


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A property of a table, such as a trigger, by which it can drop, replace or move rows without an error."""

    what: str
    remedy: str
    """One sentence about the change after which the table keeps every row."""


def require_kept(kept: int, loaded: int, target: Target, causes: Sequence[Cause] = ()) -> None:
    """Check the number of rows that the statements report as written (``kept``).

    Raises:
        RowsNotKept: ``kept`` differs from ``loaded``.
    """
    if kept != loaded:
        raise not_kept(f"The table kept {kept:,} of {loaded:,} rows", target, causes)


def require_size(size: int, expected: int, target: Target, causes: Sequence[Cause] = ()) -> None:
    """Check the number of rows in the table.

    Count ``size`` while no other session can write to the table.

    Raises:
        RowsNotKept: ``size`` differs from ``expected``.
    """
    if size != expected:
        raise not_kept(
            f"The table must have {expected:,} rows after the load, and it has {size:,}", target, causes
        )


def not_kept(what: str, target: Target, causes: Sequence[Cause]) -> RowsNotKept:
    because = f" ({'; '.join(cause.what for cause in causes)})" if causes else ""
    remedies = " ".join(dict.fromkeys(cause.remedy for cause in causes)) or _OTHER_TABLE
    return RowsNotKept(f"{what}{because}", to=f"table {target.table}", hint=f"{remedies} {_RETRY}")


def require_own(own: int, inserted: int, target: Target, causes: Sequence[Cause] = ()) -> None:
    """Check that the table has the load's own rows, and not others in their place.

    ``own`` is the number of rows with the load's ``_load_id``.

    Raises:
        RowsNotKept: ``own`` differs from ``inserted``.
    """
    if own != inserted:
        raise not_kept(
            f"Of {inserted:,} inserted rows, only {own:,} have the load's _load_id", target, causes
        )


def reach_findings(reaching: Sequence[tuple[str, str, str]]) -> tuple[Finding, ...]:
    """The doctor's warnings about foreign keys.

    Each item is (the referenced table, the table with the foreign key, the key's action on a delete).
    """
    return tuple(
        Finding(
            check="foreign-keys",
            health=Health.WARNING,
            what=f"A foreign key of table {other} refers to table {table} with ON DELETE {action}: a load with "
            f"`mode: replace` into {table} is refused if it would delete or change rows of {other}",
            hint=KEEP_OTHERS,
        )
        for table, other, action in reaching
    )


def others_reached(tables: Sequence[str], target: Target) -> DestinationRefused:
    """The error if a delete would also affect other tables.

    ``tables`` have rows that would be deleted or changed together with the target's rows.
    """
    return DestinationRefused(
        f"Replacing the rows of the table would delete or change rows of {', '.join(tables)}, "
        "because of their foreign key (ON DELETE)",
        to=f"table {target.table}",
        hint=f"{KEEP_OTHERS} Nothing was changed; the next run tries again.",
    )


def require_removed(left: int, target: Target) -> None:
    """Check that a delete removed all rows of a load. ``left`` is the number of rows that remain.

    Raises:
        DestinationRefused: ``left`` is not 0.
    """
    if left:
        raise DestinationRefused(
            f"The table kept {left:,} rows of the load that should have been removed",
            to=f"table {target.table}",
            hint="A trigger or rule of the table prevents the delete. Disable it, then unload the file again.",
        )


def findings(causes: Sequence[tuple[str, Cause]]) -> tuple[Finding, ...]:
    """The doctor's warnings about tables that perhaps drop, replace or move rows.

    Each item is the table's name and the cause.
    """
    if not causes:
        return (Finding(check="tables", health=Health.OK, what="Found no table that drops or replaces rows"),)
    return tuple(
        Finding(
            check="tables",
            health=Health.WARNING,
            what=f"Table {table} may drop or replace rows: {cause.what}. Such a load is rolled back and its file is held",
            hint=cause.remedy,
        )
        for table, cause in causes
    )
