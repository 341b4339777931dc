"""Opening a SQLite file for as long as one unit takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.sqlite.meaning import MEANING, explained
from bucketlift.loaders.turns import turn

OLDEST = (3, 33, 0)
"""Has UPDATE FROM, which an upsert needs."""
CACHE = 64
"""MB of changed pages that wait in memory. With more, people who look in wait until the unit is done."""
SMALLEST = 512
"""Bytes of the smallest page: SQLite takes a shorter file for an empty one, and writes over it."""

_SETTINGS = f"""
    PRAGMA cache_size = -{CACHE * 1024};
    PRAGMA temp_store = FILE;
    PRAGMA foreign_keys = ON;
    PRAGMA synchronous = EXTRA;
"""
# EXTRA, because with a rollback journal FULL may lose the very last commit in a power failure: it does not wait
# until the journal's end is on the disk (sqlite.org/pragma.html), and source objects are deleted on its word.


@contextmanager
def opened(path: Path, *, wait: float, make: bool = False) -> Iterator[sqlite3.Connection]:
    """Take turns with this process's other users of the file, and close it whatever happens.

    ``wait`` is how many seconds a lock of another process is waited for.

    Raises:
        DestinationBusy: another process holds the file.
        DestinationRefused: it cannot be opened.
    """
    _refuse_old()
    with turn(path):
        _refuse_scrap(path)
        # Also who reads may have to write: what a killed process left half done is undone first.
        address = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
        with explained(str(path), path):
            connection = sqlite3.connect(
                address, uri=True, timeout=wait, isolation_level=None, check_same_thread=False
            )
        with closing(connection):
            with explained(str(path), path):
                connection.executescript(_SETTINGS)
            yield connection


def _refuse_scrap(path: Path) -> None:
    if path.is_dir():
        raise DestinationRefused(
            "The path is a directory", to=str(path), hint="Give the destination a path that names a file."
        )
    if path.exists() and 0 < path.stat().st_size < SMALLEST:
        kind, what, hint = MEANING["SQLITE_NOTADB"]
        raise kind(what, to=str(path), hint=hint)


def _refuse_old() -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        raise DestinationRefused(
            f"Python's SQLite is {sqlite3.sqlite_version}, and {'.'.join(map(str, OLDEST))} is needed",
            to="SQLite",
            hint="Run Bucketlift with a newer Python.",
        )
