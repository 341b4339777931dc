"""Translates SQLite's errors into Bucketlift's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, OurFault
from bucketlift.loaders import constraints
from bucketlift.loaders.constraints import Meaning
from bucketlift.loaders.foreign_words import in_brackets
from bucketlift.loaders.sqlite.holders import holder
from bucketlift.loaders.sqlite.results import SqliteError

_BUSY_HINT = "End the transaction in that process; the next run tries again."
_NO_RIGHT: Meaning = (
    DestinationRefused,
    "No permission to read and write the database file and its folder",
    "Give the user that runs Bucketlift this permission.",
)
_NO_DATABASE: Meaning = (
    DestinationRefused,
    "The file is not a SQLite database",
    "Give the destination another path, or move the file away. This error also occurs if the database is encrypted.",
)

MEANING: dict[str, Meaning] = {
    # SQLite's name of the result (sqlite.org/rescode.html), or a prefix of it: error class, message, hint
    "SQLITE_FULL": (DestinationBusy, "The disk is full", "Free some space; the next run tries again."),
    "SQLITE_SCHEMA": (
        DestinationBusy,
        "Another process altered a table at the same time",
        "The next run tries again.",
    ),
    "SQLITE_READONLY": _NO_RIGHT,
    "SQLITE_CANTOPEN": _NO_RIGHT,
    "SQLITE_PERM": _NO_RIGHT,
    "SQLITE_NOTADB": _NO_DATABASE,
    "SQLITE_CORRUPT": (
        DestinationRefused,
        "The database is damaged",
        "Restore it from a backup, or recover its content with `sqlite3 FILE .recover`.",
    ),
    "SQLITE_CONSTRAINT_UNIQUE": constraints.UNIQUE,
    "SQLITE_CONSTRAINT_NOTNULL": constraints.NOT_NULL,
    "SQLITE_CONSTRAINT_CHECK": constraints.CHECK,
    "SQLITE_CONSTRAINT_FOREIGNKEY": constraints.FOREIGN_KEY,
    "SQLITE_CONSTRAINT_TRIGGER": (
        DestinationRefused,
        "A trigger of the table refused a row, or a foreign key prevented a delete",
        "Correct the file, or drop the trigger or the foreign key.",
    ),
    "SQLITE_CONSTRAINT": constraints.ANY,
    "SQLITE_ERROR_MISSING": (
        DestinationRefused,
        "The table, or one of its triggers, indexes or constraints, refers to a table, column or function that does not exist",
        "Create what SQLite names as missing, or drop the trigger, index or constraint that refers to it.",
    ),
    "SQLITE_ERROR_RECURSION": (
        DestinationRefused,
        "Triggers of the table call each other endlessly",
        "Drop or change the triggers.",
    ),
    "SQLITE_TOOBIG": (
        DestinationRefused,
        "A row is larger than SQLite allows",
        "SQLite's limit for a value and a row is 1,000,000,000 bytes. Leave the field out, or load into another kind of database.",
    ),
    "SQLITE_NOMEM": (
        DestinationRefused,
        "The load needs more memory than is available",
        "Give the machine more memory, or load smaller files.",
    ),
    "SQLITE_IOERR": (
        DestinationRefused,
        "The database cannot be read or written",
        "Check the file and its disk.",
    ),
}


def translated(error: SqliteError, to: str, path: Path) -> BucketliftError:
    """Translate the error, and add SQLite's words."""
    name, appended = error.name, in_brackets("SQLite", error.name, error.words)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        locker = holder(path) or "another process"
        return DestinationBusy(f"The database is locked by {locker}{appended}", to=to, hint=_BUSY_HINT)
    for begin in (name, name.rpartition("_")[0], "_".join(name.split("_")[:2])):
        if begin in MEANING:
            kind, what, hint = MEANING[begin]
            return kind(f"{what}{appended}", to=to, hint=hint)
    return OurFault(f"SQLite refused a statement{appended}", to=to)


@contextmanager
def explained(to: str, path: Path) -> Iterator[None]:
    """Translate SQLite's errors that are raised in the block."""
    try:
        yield
    except SqliteError as error:
        raise translated(error, to, path) from None
