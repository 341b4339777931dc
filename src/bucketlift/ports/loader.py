"""What the core needs of a destination."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from bucketlift.model.load import LoadId, LoadUnit, Receipt
from bucketlift.model.rows import RowStream


class Load(Protocol):
    """An open transaction that fills one load unit."""

    def write(self, load: LoadId, rows: RowStream) -> None:
        """Add a file's rows. In replace mode every file is written under the unit's one load.

        Columns of the stream are the contract's fields and ``_source_line``; mapping to the target's columns
        is the loader's. Files of an upsert are written in order; a later row wins.
        """
        ...

    def commit(self) -> tuple[Receipt, ...]:
        """Make rows and receipts durable together; one receipt per load of the unit, in its order.

        In replace mode the receipts of the table's former replacements go in the same transaction.
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
