"""How much memory DuckDB may use: what a table of that width needs, and more only for huge rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
from duckdb import DuckDBPyConnection

from bucketlift.model.load import WriteMode

APPENDING = 160
"""MB that DuckDB may use to append to a narrow table; what does not fit waits on disk. More it would fill with
blocks that it has written, and that nobody asks for again."""
MEETING = 256
"""The same where rows are looked up, or meet those of the table."""
MEMORY_PER_1000 = 1_000
"""MB more for each thousand columns: DuckDB keeps two to four blocks of each at hand until it commits."""
HUGE = 16 << 20
"""Bytes: a batch has more only where a single row has."""
TIMES = 8
"""How often DuckDB may hold the huge rows of a batch while it compresses them: seen up to six times."""


def memory_for(columns: int, mode: WriteMode = WriteMode.APPEND) -> int:
    """MB for loading into a table of so many columns."""
    least = APPENDING if mode is WriteMode.APPEND else MEETING
    return least + MEMORY_PER_1000 * columns // 1000


@dataclass(kw_only=True)
class Room:
    """Grows with the largest batch met. ``limit`` is in MB; None where a person has set one, which then stays."""

    connection: DuckDBPyConnection
    limit: int | None
    _largest: int = field(default=HUGE)

    def make_for(self, batch: pa.RecordBatch) -> None:
        """Also while a statement of the connection runs: a cursor is a connection of its own."""
        if self.limit is None or batch.nbytes <= self._largest:
            return
        self._largest = batch.nbytes
        wanted = self.limit + TIMES * self._largest // 10**6
        with self.connection.cursor() as beside:
            beside.execute(f"SET memory_limit = '{wanted}MB'")
