"""Opens a DuckDB file for one load unit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from bucketlift.loaders.duckdb.error_translation import explained
from bucketlift.loaders.duckdb.memory import APPENDING
from bucketlift.loaders.process_locks import exclusive

KEPT = f"{APPENDING}MB"
"""Memory that DuckDB keeps for later use and does not return to the system. This setting halves the number of
DuckDB's page faults.
"""


@contextmanager
def opened(
    path: Path, *, memory_limit: str, read_only: bool = False, wait: float | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Wait until no other thread of this process uses the file, and open the file. It is always closed when
    the block ends. ``wait``: the maximum number of seconds to wait for other threads; None if there is no limit.

    Raises:
        DestinationBusy: another process has opened the file.
        DestinationRefused: the file cannot be opened.
    """
    spill = Path(f"{path.absolute()}.spill")
    with exclusive(path, wait=wait):  # a process can open the file only once
        with explained(str(path)):
            connection = duckdb.connect(
                # Absolute, because a relative path such as "md:x" has another meaning for DuckDB.
                str(path.absolute()),
                read_only=read_only,
                config={
                    "memory_limit": memory_limit,
                    "temp_directory": str(spill),
                    "block_allocator_memory": KEPT,
                    # Twice as fast, with less memory. If the order matters, rows have a sequence number.
                    "preserve_insertion_order": False,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
        try:
            if not read_only:
                # Temporary files of a killed process. This process holds the file's lock, so no other process
                # uses them.
                shutil.rmtree(spill, ignore_errors=True)
            yield connection
        finally:
            connection.close()
