"""SQLite's own words beside ours, without the content of a cell."""

from __future__ import annotations

import pytest

from bucketlift.errors import DestinationRefused
from contract.destinations import a_file, a_unit

TRIGGER = "CREATE TABLE people (id TEXT, name TEXT); CREATE TRIGGER odd BEFORE INSERT ON people"
SAID = {
    "unique": (
        "CREATE TABLE people (id TEXT, name TEXT UNIQUE)",
        "[SQLite SQLITE_CONSTRAINT_UNIQUE: UNIQUE constraint failed: people.name]",
    ),
    "check": (
        "CREATE TABLE people (id TEXT, name TEXT CHECK (name <> 'secret'))",
        "[SQLite SQLITE_CONSTRAINT_CHECK: CHECK constraint failed: name <> …]",
    ),
    "trigger": (
        f"{TRIGGER} BEGIN SELECT RAISE(ABORT, 'no secret');END",
        "[SQLite SQLITE_CONSTRAINT_TRIGGER]",
    ),
    "trigger-into-nothing": (
        f"{TRIGGER} BEGIN INSERT INTO no_such VALUES (1);END",  # noqa: S608  constants
        "[SQLite SQLITE_ERROR_MISSING: no such table: main.no_such]",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_the_words_of_sqlite_stand_behind_ours_without_a_cell(destination, person, case):
    sql, said = SAID[case]
    person(sql)

    with pytest.raises(DestinationRefused) as refused:
        destination.load(a_unit(), a_file(("1", "secret"), ("2", "secret")))

    assert refused.value.what.endswith(said)
    assert "secret" not in str(refused.value)
    assert refused.value.hint
