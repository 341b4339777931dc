"""The names of SQLite's result codes, found from its messages, because the driver passes only the messages.
These have been stable for years.
"""

from __future__ import annotations

import re

from bucketlift.loaders.foreign_words import without_values

CANTOPEN = "SQLITE_CANTOPEN"
MISSING = "SQLITE_ERROR_MISSING"
"""Our own name (SQLite has none): a statement, trigger, index or constraint references an object that does
not exist.
"""
ERROR = "SQLITE_ERROR"

# Prefixes of SQLite's messages (sqlite3_errmsg), and their results (sqlite.org/rescode.html).
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
"""The driver's message if SQLite refused a row before the last row of the batch."""


class SqliteError(Exception):
    """An error of SQLite. It has SQLite's name of the result, and its message if this cannot contain a cell's
    content.
    """

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.words = words


def error_of(words: str) -> SqliteError:
    """The error for a message of the driver. An unknown message comes from a trigger, and may contain a
    cell's content.
    """
    own = _DRIVERS_OWN.match(words)
    message = (words[own.end() :] if own else words).partition("\n")[0]  # the driver appends the statement
    for beginning, name in _BEGINNINGS.items():
        if message.startswith(beginning):
            # The text of a CHECK may contain values of cells.
            return SqliteError(name, without_values(message) if name.endswith("CHECK") else message)
    if own and (own["kind"] == "INTEGRITY" or own["step"] == _REFUSED):
        return SqliteError("SQLITE_CONSTRAINT_TRIGGER")
    return SqliteError(ERROR)
