"""SQLite's results by name. The driver hands on SQLite's words alone, which no version has changed for years."""

from __future__ import annotations

import re

from bucketlift.loaders.foreign_words import without_values

CANTOPEN = "SQLITE_CANTOPEN"
MISSING = "SQLITE_ERROR_MISSING"
"""Not a name of SQLite's: something that a statement, trigger, index or constraint refers to is not there."""
ERROR = "SQLITE_ERROR"

# How SQLite's words begin (sqlite3_errmsg), and the result they stand for (sqlite.org/rescode.html).
_BEGINNINGS = {
    "database is locked": "SQLITE_BUSY",
    "database table is locked": "SQLITE_LOCKED",
    "database schema is locked": "SQLITE_LOCKED",
    "database or disk is full": "SQLITE_FULL",
    "database schema has changed": "SQLITE_SCHEMA",
    "attempt to write a readonly database": "SQLITE_READONLY",
    "unable to open database file": CANTOPEN,
    "access permission denied": "SQLITE_PERM",
    "file is not a database": "SQLITE_NOTADB",
    "database disk image is malformed": "SQLITE_CORRUPT",
    "malformed database schema": "SQLITE_CORRUPT",
    "string or blob too big": "SQLITE_TOOBIG",
    "out of memory": "SQLITE_NOMEM",
    "disk I/O error": "SQLITE_IOERR",
    "UNIQUE constraint failed": "SQLITE_CONSTRAINT_UNIQUE",
    "NOT NULL constraint failed": "SQLITE_CONSTRAINT_NOTNULL",
    "CHECK constraint failed": "SQLITE_CONSTRAINT_CHECK",
    "FOREIGN KEY constraint failed": "SQLITE_CONSTRAINT_FOREIGNKEY",
    "cannot store": "SQLITE_CONSTRAINT_DATATYPE",
    "constraint failed": "SQLITE_CONSTRAINT",
    "no such": MISSING,
    "too many levels of trigger recursion": "SQLITE_ERROR_RECURSION",
}
_DRIVERS_OWN = re.compile(r"(?P<kind>[A-Z_]+): (\[SQLite\] )?(?P<step>[Ff]ailed to [a-z0-9 ]+): ")
_REFUSED = "Failed to reset statement"
"""What the driver says where a row before the batch's last one was refused."""


class SqliteError(Exception):
    """Carries SQLite's name of the result, and those of its words that are known to hold no content of a cell."""

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.words = words


def error_of(words: str) -> SqliteError:
    """What the driver said. A trigger's own words may hold a cell: they are the only ones that are not known."""
    own = _DRIVERS_OWN.match(words)
    said = (words[own.end() :] if own else words).partition("\n")[0]  # the driver puts the statement below
    for beginning, name in _BEGINNINGS.items():
        if said.startswith(beginning):
            # The text of a CHECK may compare with what cells hold.
            return SqliteError(name, without_values(said) if name.endswith("CHECK") else said)
    if own and (own["kind"] == "INTEGRITY" or own["step"] == _REFUSED):
        return SqliteError("SQLITE_CONSTRAINT_TRIGGER")
    return SqliteError(ERROR)
