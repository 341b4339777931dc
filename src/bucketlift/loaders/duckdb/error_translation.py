"""Translates DuckDB's errors into Bucketlift's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, OurFault
from bucketlift.loaders import constraints
from bucketlift.loaders.constraints import Meaning
from bucketlift.loaders.foreign_words import in_brackets, without_values

_HOLDER = re.compile(r"lock is held in (?P<holder>.+?\(PID \d+\)|PID \d+)")
_BUSY_HINT = "Close the database in that process; the next run tries again."

_NO_DATABASE: Meaning = (
    DestinationRefused,
    "The file is not a DuckDB database",
    "Give the destination another path, or move the file away.",
)

MEANING: tuple[tuple[str, type[BucketliftError], str, str], ...] = (
    # text of DuckDB's error: class of the error, message, hint
    ("different configuration", DestinationBusy, "This process itself has the database open", _BUSY_HINT),
    ("not a valid DuckDB database", *_NO_DATABASE),
    # DuckDB recognises other file formats by their first bytes, and requires an extension to read them.
    ("is an existing extension", *_NO_DATABASE),
    (
        "read a database file with version",
        DestinationRefused,
        "The file was written by another version of DuckDB",
        "Recreate the file with the version of DuckDB that is installed here.",
    ),
    (
        "encrypt",
        DestinationRefused,
        "The database file is encrypted",
        "Use an unencrypted database for the destination.",
    ),
    (
        "Is a directory",
        DestinationRefused,
        "The path is a folder",
        "Give the destination a path that names a file.",
    ),
    (
        "Permission denied",
        DestinationRefused,
        "No permission to read and write the database file and its folder",
        "Give the user that runs Bucketlift this permission.",
    ),
    (
        "Read-only file system",
        DestinationRefused,
        "The database file is on a read-only file system",
        "Give the destination a path that Bucketlift may write to.",
    ),
    ("No space left", DestinationBusy, "The disk is full", "Free some space; the next run tries again."),
    (
        "temp directory",
        DestinationBusy,
        "The disk is too full for the load's temporary files",
        "Free some space on the database's disk; the next run tries again.",
    ),
    (
        # A commit can fail with the same text, but with another error class.
        "could not allocate block",
        DestinationRefused,
        "The load needs more memory than its limit",
        "Load smaller files.",
    ),
    ("primary key", *constraints.UNIQUE),
    ("unique constraint", *constraints.UNIQUE),
    ("NOT NULL constraint", *constraints.NOT_NULL),
    ("CHECK constraint", *constraints.CHECK),
    ("foreign key", *constraints.FOREIGN_KEY),
)

_FREE_OF_CELLS = (duckdb.IOException, duckdb.PermissionException, duckdb.OutOfMemoryException)
_QUOTES_CELLS = (duckdb.ConstraintException, duckdb.TransactionException)


def translated(error: duckdb.Error, to: str) -> BucketliftError:
    """Translate the error. DuckDB's words are added if they cannot contain the content of a cell."""
    text, appended = str(error), _words(error)
    if found := _HOLDER.search(text):
        return DestinationBusy(
            f"Another process has the database open: {found['holder']}{appended}", to=to, hint=_BUSY_HINT
        )
    for sign, kind, what, hint in MEANING:
        if sign.lower() in text.lower():
            return kind(f"{what}{appended}", to=to, hint=hint)
    ours = _by_class(error, to)
    return type(ours)(f"{ours.what}{appended}", to=to, hint=ours.hint)


def _words(error: duckdb.Error) -> str:
    """The class of the error, and the first line of its message."""
    first = str(error).partition("\n")[0]
    if isinstance(error, _FREE_OF_CELLS):
        message = first
    else:
        message = without_values(first) if isinstance(error, _QUOTES_CELLS) else ""
    return in_brackets("DuckDB", type(error).__name__, message)


def _by_class(error: duckdb.Error, to: str) -> BucketliftError:
    match error:
        case duckdb.OutOfMemoryException():
            hint = "Load smaller files."
            return DestinationRefused("The load needs more memory than its limit", to=to, hint=hint)
        case duckdb.ConstraintException():
            kind, what, hint = constraints.ANY
            return kind(what, to=to, hint=hint)
        case duckdb.IOException() | duckdb.PermissionException():
            hint = "Check the file and its disk."
            return DestinationRefused("The database cannot be read or written", to=to, hint=hint)
        case _:
            return OurFault("DuckDB refused a statement", to=to)


@contextmanager
def explained(to: str) -> Iterator[None]:
    """Translate DuckDB's errors in the block, and keep DuckDB's text out of the traceback."""
    try:
        yield
    except duckdb.Error as error:
        raise translated(error, to) from None
