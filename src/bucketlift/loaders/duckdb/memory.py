"""The memory that DuckDB may use: enough for the width of the table, and more only if rows are very large."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
from duckdb import DuckDBPyConnection

from bucketlift.model.load import WriteMode

APPENDING = 160
"""MB that DuckDB needs to append to a table with few columns.

What does not fit is written to disk. A higher limit would only keep blocks in memory that are not read again.
"""
MEETING = 256
"""MB that DuckDB needs for loads that look up or compare rows of the table."""
MEMORY_PER_1000 = 1_000
"""Additional MB for each thousand columns.

DuckDB keeps two to four blocks of each column in memory until the commit.
"""
HUGE = 16 << 20
"""Maximum bytes of a batch. Only a single row can be larger."""
TIMES = 8
"""Number of copies of a batch's large rows for which there must be memory while DuckDB compresses them.

Up to six copies were measured.
"""


def memory_for(columns: int, mode: WriteMode = WriteMode.APPEND) -> int:
    """MB needed to load into a table with this many columns."""
    least = APPENDING if mode is WriteMode.APPEND else MEETING
    return least + MEMORY_PER_1000 * columns // 1000


@dataclass(kw_only=True)
class Room:
    """The memory limit, which is raised for the largest batch.

    ``limit`` is in MB; None if the user set a fixed limit.
    """

    connection: DuckDBPyConnection
    limit: int | None
    _largest: int = field(default=HUGE)

    def make_for(self, batch: pa.RecordBatch) -> None:
        """Raise the limit if this batch needs it.

        This can be done during a statement of the connection, because a cursor is a separate connection.
        """
        if self.limit is None or batch.nbytes <= self._largest:
            return
        self._largest = batch.nbytes
        megabytes = self.limit + TIMES * self._largest // 10**6
        with self.connection.cursor() as beside:
            beside.execute(f"SET memory_limit = '{megabytes}MB'")
