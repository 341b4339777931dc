"""Errors of a table's constraints. Their texts are the same for every destination."""

from __future__ import annotations

from bucketlift.errors import BucketliftError, DestinationRefused

Meaning = tuple[type[BucketliftError], str, str]
"""The class, the message and the hint of an error."""

UNIQUE: Meaning = (
    DestinationRefused,
    "A row repeats a value that must be unique in the table",
    (
        "Use `mode: upsert`, and set `key` to the fields of the unique columns. If these fields already are the key, the column's "
        "collation or type makes different values equal: correct these values, or recreate the column with an exact comparison. "
        "Or drop the constraint."
    ),
)
NOT_NULL: Meaning = (
    DestinationRefused,
    "A row has no value for a NOT NULL column",
    "Map a field to that column, or allow nulls in it.",
)
CHECK: Meaning = (
    DestinationRefused,
    "A row breaks a CHECK constraint",
    "Correct the file, or drop the constraint.",
)
FOREIGN_KEY: Meaning = (
    DestinationRefused,
    "A row breaks a foreign key",
    "Load the other table first, or drop the constraint.",
)
ANY: Meaning = (
    DestinationRefused,
    "A row breaks a constraint",
    "Correct the file, or drop the constraint.",
)
