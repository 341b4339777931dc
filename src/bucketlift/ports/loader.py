"""The core's interface to a destination."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bucketlift.errors import DestinationRefused
from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target
from bucketlift.model.rows import RefusedRow, RowStream


class RowsRefused(DestinationRefused):
    """The destination refuses some rows of a unit, because each matches two contacts. It wrote nothing of the
    unit.

    The other rows can be loaded without the refused ones.
    """

    def __init__(self, rows: Mapping[LoadId, tuple[RefusedRow, ...]], *, to: str) -> None:
        lines = ", ".join(str(each.line) for found in rows.values() for each in found[:SHOWN])
        super().__init__(
            f"Rows match two contacts by the same merge rule: line {lines}",
            to=to,
            hint="Correct the rows or the contacts, so that only one contact matches.",
        )
        self.rows = rows


SHOWN = 5
"""Maximum number of lines of each file in an error."""
Fence = Callable[[], None]
"""A check before the commit. It raises if another worker has taken over the work, so that the commit must not
happen.
"""


def unfenced() -> None:
    """A fence that never raises. It is used for work that no other worker can take over."""


class Load(Protocol):
    """An open transaction that fills one load unit."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        """Add a file's rows. In replace mode every file is written under the unit's one load.

        The stream's columns are the contract's fields and ``_source_line``; the loader maps them to the
        target's columns. Files of an upsert are written in order; of two rows with the same key, the later
        row wins.
        """
        ...

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        """Make rows and receipts durable together. Returns one receipt per load, in the unit's order.

        In replace mode the receipts of the table's former replacements are deleted in the same transaction.
        The fence is called last, when the table is locked until the commit or rollback. If the fence raises,
        everything is rolled back.

        Raises:
            RowsRefused: the destination refuses single rows; the error names all of them.
            RowsNotKept: by a count in the destination, the table does not have exactly its former rows and
            the new ones. Something in the table, such as a trigger, dropped, replaced or moved rows.
        """
        ...


class Loader(Protocol):
    """Opens the transactions of loads into one destination, and reads and removes loads."""

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        """The receipts of the loads that were committed in this destination. A database that does not exist
        has none.

        A replacement's receipt is deleted by the next replacement, so that the former manifest can be loaded
        again. Receipts of append and upsert loads prove that their rows were written, and stay when a
        replacement removes these rows.

        Raises:
            DestinationBusy: another process or session has locked the destination; the error names it if
            known.
            DestinationRefused: the destination cannot be read.
        """
        ...

    def begin(self, unit: LoadUnit) -> AbstractContextManager[Load]:
        """Open a transaction. Creates the table and the table of receipts if they do not exist.

        If the block ends without ``commit()``, everything is rolled back, including created tables.

        Raises:
            DestinationBusy: another process or session has locked the destination.
            DestinationRefused: the destination is read-only, a right is missing, or the table's columns do
            not fit. The error explains what to do, with an ALTER statement if one helps.
        """
        ...

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        """Receipts of this installation that were committed in this destination at or after a moment, oldest
        first.

        Raises: as in ``receipts``.
        """
        ...

    def rows(self, target: Target, loads: Collection[LoadId]) -> Mapping[LoadId, int] | None:
        """For each load, how many of its rows the target's table contains now, counted by the lineage
        columns.

        A load without rows counts 0. None if there is no such table, or if it has no lineage columns.

        Raises: as in ``receipts``.
        """
        ...

    def size(self, target: Target) -> int | None:
        """The number of rows in the target's table; None if there is no such table, or if some rows may be
        hidden from us.

        Raises: as in ``receipts``.
        """
        ...

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        """Delete the rows of an append load and its receipt in one transaction. Returns the number of rows.

        Returns 0 if the destination has no receipt of the load, so a repeated call does nothing. The fence is
        called as in ``Load.commit``.

        Raises:
            DestinationBusy: another process or session has locked the destination.
            DestinationRefused: the load was not an append, the table has no lineage columns, or other rows
            reference the rows of the load.
        """
        ...

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of each table that can be loaded, by the table's name, without lineage columns.

        Raises: as in ``receipts``.
        """
        ...

    def examine(self) -> tuple[Finding, ...]:
        """The doctor's findings about the destination: connection, rights, table of receipts, durability.

        Leaves no data behind, and never raises: an error becomes a finding.
        """
        ...
