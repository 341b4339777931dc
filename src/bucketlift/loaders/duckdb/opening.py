"""Opening a DuckDB file for as long as one unit takes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from bucketlift.loaders.duckdb.error_translation import explained
from bucketlift.loaders.duckdb.memory import APPENDING
from bucketlift.loaders.process_locks import turn

KEPT = f"{APPENDING}MB"
"""Blocks that DuckDB takes again instead of giving them back to the system, which halves its page faults."""


@contextmanager
def opened(path: Path, *, memory_limit: str, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Wait for this process's other users of the file, and close it whatever happens.

    Raises:
        DestinationBusy: another process holds the file.
        DestinationRefused: it cannot be opened.
    """
    spill = Path(f"{path.absolute()}.spill")
    with turn(path):  # in a process a file can be open once
        with explained(str(path)):
            connection = duckdb.connect(
                # Absolute, because a relative path such as "md:x" would mean something else to DuckDB.
                str(path.absolute()),
                read_only=read_only,
                config={
                    "memory_limit": memory_limit,
                    "temp_directory": str(spill),
                    "block_allocator_memory": KEPT,
                    # Twice as fast, with less memory. Where order matters, rows carry a sequence.
                    "preserve_insertion_order": False,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
        try:
            if not read_only:
                # Rows that a killed process left. Who writes is alone with the file, so nobody needs them.
                shutil.rmtree(spill, ignore_errors=True)
            yield connection
        finally:
            connection.close()
