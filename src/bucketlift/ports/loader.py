"""What the core needs of a destination."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bucketlift.model.finding import Finding
from bucketlift.model.load import LoadId, LoadUnit, Receipt, Target
from bucketlift.model.rows import RowStream

Fence = Callable[[], None]
"""Says, by raising, that what is about to be committed must not be: somebody else has taken the work over."""


def unfenced() -> None:
    """Where nobody could have taken it over."""


class Load(Protocol):
    """An open transaction that fills one load unit."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        """Add a file's rows. In replace mode every file is written under the unit's one load.

        Columns of the stream are the contract's fields and ``_source_line``; mapping to the target's columns
        is the loader's. Files of an upsert are written in order; a later row wins.
        """
        ...

    def commit(self, fence: Fence = unfenced) -> tuple[Receipt, ...]:
        """Make rows and receipts durable together; one receipt per load of the unit, in its order.

        In replace mode the receipts of the table's former replacements go in the same transaction. The fence is
        asked last of all, when others are kept out of the table until this is committed or undone; what it raises
        undoes everything.

        Raises:
            RowsNotKept: counted in the destination, the table has not exactly the rows that it had and was given:
                something of its own dropped, replaced or moved some.
        """
        ...


class Loader(Protocol):
    """Begins loads in one destination."""

    def receipts(self, loads: Collection[LoadId]) -> Mapping[LoadId, Receipt]:
        """Those of the loads that were committed here; an absent database has none.

        A replacement's receipt says that no other replacement came after it: once one did, the former manifest
        has no receipt, and can be loaded again. Receipts of append and upsert loads say that their rows were
        brought, and stay when a replacement takes the rows away.

        Raises:
            DestinationBusy: somebody else holds the destination (named where it can be known).
            DestinationRefused: it cannot be read.
        """
        ...

    def begin(self, unit: LoadUnit) -> AbstractContextManager[Load]:
        """Open a transaction; makes the table and the place of receipts where they are absent.

        Leaving the block without ``commit()`` undoes everything, the making of tables included.

        Raises:
            DestinationBusy: see ``receipts``.
            DestinationRefused: read-only, no right, or the table's columns do not fit; the error says what
                to do and carries the ALTER statement where one would help.
        """
        ...

    def receipts_since(self, moment: datetime) -> tuple[Receipt, ...]:
        """Receipts of this installation committed here at or after a moment, oldest first.

        Raises: as for ``receipts``.
        """
        ...

    def rows(self, target: Target, loads: Collection[LoadId]) -> Mapping[LoadId, int] | None:
        """How many rows of each load stand in the target's table now, told by their lineage.

        A load without rows counts 0. None where there is no such table, or it has no lineage columns.

        Raises: as for ``receipts``.
        """
        ...

    def size(self, target: Target) -> int | None:
        """How many rows the target's table has now; None if there is no such table, or some may be hidden.

        Raises: as for ``receipts``.
        """
        ...

    def unload(self, target: Target, load: LoadId, fence: Fence = unfenced) -> int:
        """Take the rows of an append load out again, with its receipt, in one transaction; how many rows.

        0 where the load has no receipt here: a second try does nothing. The fence is asked as by ``Load.commit``.

        Raises:
            DestinationBusy: see ``receipts``.
            DestinationRefused: it was no append, the table has no lineage columns, or other rows refer to these.
        """
        ...

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of each table that loads could go to, by its name; those of lineage are left out.

        Raises: as for ``receipts``.
        """
        ...

    def examine(self) -> tuple[Finding, ...]:
        """What a doctor can tell of the destination: reach, rights, place of receipts, durability.

        Writes nothing that stays, and raises nothing: what went wrong is a finding.
        """
        ...
