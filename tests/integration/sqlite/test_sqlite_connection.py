"""What Arrow's driver makes of batches, and what is known of a row that SQLite refuses."""

from __future__ import annotations

from contextlib import closing

import pyarrow as pa
import pytest

from bucketlift.loaders.sqlite.connection import Connection
from bucketlift.loaders.sqlite.results import SqliteError

INSERT = "INSERT INTO people VALUES (?)"


@pytest.fixture
def connection():
    with closing(Connection("file::memory:")) as opened:
        opened.rows("PRAGMA foreign_keys = ON")
        yield opened


def a_batch(*values, kind=None):
    return pa.RecordBatch.from_arrays([pa.array(values, kind or pa.string())], names=["value"])


REFUSED = {
    "SQLITE_CONSTRAINT_UNIQUE": ("CREATE TABLE people (id UNIQUE ON CONFLICT ROLLBACK)", "Ada"),
    "SQLITE_CONSTRAINT_NOTNULL": ("CREATE TABLE people (id NOT NULL)", None),
    "SQLITE_CONSTRAINT_CHECK": ("CREATE TABLE people (id CHECK (id <> 'out of memory'))", "out of memory"),
    "SQLITE_CONSTRAINT_FOREIGNKEY": (
        "CREATE TABLE others (id PRIMARY KEY)",
        "INSERT INTO others VALUES ('Ada'), ('Bob'), ('Cyd')",
        "CREATE TABLE people (id REFERENCES others)",
        "Eve",
    ),
    "SQLITE_CONSTRAINT_DATATYPE": ("CREATE TABLE people (id INTEGER) STRICT", "Eve"),
    "SQLITE_CONSTRAINT_TRIGGER": (
        "CREATE TABLE people (id)",
        "CREATE TRIGGER t BEFORE INSERT ON people WHEN new.id = 'Eve' BEGIN SELECT raise(ABORT, 'Eve: x'); END",
        "Eve",
    ),
}


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_is_refused_is_explained_wherever_it_stands_and_its_values_are_not_told(
    connection, name, place
):
    *statements, bad = REFUSED[name]
    for statement in statements:
        connection.change(statement)
    rows: list[str | None] = (
        ["1", "2", "3"] if name == "SQLITE_CONSTRAINT_DATATYPE" else ["Ada", "Bob", "Cyd"]
    )
    rows.insert(place, bad)

    with pytest.raises(SqliteError) as refused:
        connection.change(INSERT, a_batch(*rows))

    assert refused.value.args == (name,)
    assert refused.value.__suppress_context__


def test_a_batch_adds_its_rows_to_the_transaction_that_is_open(connection):
    connection.change("CREATE TABLE people (id)")
    connection.change("BEGIN IMMEDIATE")

    changed = [connection.change(INSERT, a_batch("Ada", "Bob")), connection.change(INSERT, a_batch())]
    connection.change("ROLLBACK")

    assert changed == [2, 0]
    assert connection.rows("SELECT count(*) FROM people") == [(0,)]


@pytest.mark.parametrize("values", [("", ""), ("", None), (None, ""), ("Ada", "")])
def test_an_empty_text_is_not_a_null(connection, values):
    connection.change("CREATE TABLE people (id TEXT)")

    connection.change(INSERT, a_batch(*values))

    assert connection.rows("SELECT id FROM people") == [(each,) for each in values]


def test_bounds_of_whole_numbers_and_truths_are_kept(connection):
    connection.change("CREATE TABLE people (id)")

    connection.change(INSERT, a_batch(2**63 - 1, -(2**63), kind=pa.int64()))
    connection.change(INSERT, a_batch(True, False, kind=pa.bool_()))

    found = connection.rows("SELECT quote(id), typeof(id) FROM people")
    assert found == [
        ("9223372036854775807", "integer"),
        ("-9223372036854775808", "integer"),
        ("1", "integer"),
        ("0", "integer"),
    ]


def test_a_query_finds_more_rows_than_the_driver_hands_over_at_once(connection):
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT i, 'x' || i FROM n"
    )

    found = connection.rows(numbers, [1, 5_000])

    assert found == [(i, f"x{i}") for i in range(1, 5_001)]
