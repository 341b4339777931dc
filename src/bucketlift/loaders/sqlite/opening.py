"""Opens a SQLite file for one load unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.process_locks import exclusive
from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.error_translation import MEANING, explained
from bucketlift.loaders.sqlite.holders import is_open_here

CACHE = 64
"""MB of changed pages that are kept in memory. If there are more, readers wait until the unit is done."""
SMALLEST = 512
"""Number of bytes of the smallest page. SQLite treats a shorter file as empty and overwrites it."""

_SETTINGS = (
    f"PRAGMA cache_size = -{CACHE * 1024}",
    "PRAGMA temp_store = FILE",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = EXTRA",
)
# EXTRA, because with a rollback journal FULL may lose the very last commit in a power failure: it does not wait
# until the journal's end is on the disk (sqlite.org/pragma.html), and source objects are deleted on its word.


@contextmanager
def opened(path: Path, *, wait: float, make: bool = False) -> Iterator[Connection]:
    """Open the file when no other thread of this process uses it. The file is always closed when the block
    ends.

    ``wait`` is the number of seconds to wait for a lock that another process holds.

    Raises:
        DestinationBusy: another process has locked the file, or other code in this process has opened it.
        DestinationRefused: the file cannot be opened.
    """
    with exclusive(path):
        refuse_unusable(path)
        # Reading may need write access: SQLite first rolls back the unfinished work of a killed process.
        address = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
        with explained(str(path), path):
            connection = Connection(address)
        with closing(connection):
            with explained(str(path), path):
                connection.rows(f"PRAGMA busy_timeout = {int(wait * 1000)}")
                for setting in _SETTINGS:
                    connection.rows(setting)
            yield connection


def refuse_unusable(path: Path) -> None:
    """Refuse a file that is no database, or that other code in this process has opened.

    Raises:
        DestinationBusy, DestinationRefused: the file cannot be used.
    """
    _refuse_scrap(path)
    _refuse_second(path)


def _refuse_scrap(path: Path) -> None:
    if path.is_dir():
        raise DestinationRefused(
            "The path is a folder", to=str(path), hint="Give the destination a path that names a file."
        )
    if path.exists() and 0 < path.stat().st_size < SMALLEST:
        kind, what, hint = MEANING["SQLITE_NOTADB"]
        raise kind(what, to=str(path), hint=hint)


def _refuse_second(path: Path) -> None:
    """Refuse a file that other code in this process has opened.

    The driver includes its own SQLite, and two copies of SQLite in one process do not see each other's locks.
    Each also releases the other's locks when it closes the file (sqlite.org/howtocorrupt.html, 2.2.1).
    """
    if is_open_here(path):
        raise DestinationBusy(
            "The database is open in this process itself",
            to=str(path),
            hint="Close the database in this process, or load into another file: a file with Bucketlift's own state cannot be a destination.",
        )
