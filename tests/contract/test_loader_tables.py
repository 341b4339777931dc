"""What every loader into a database file does with tables that somebody else made."""

from __future__ import annotations

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.loaders.duckdb import DuckdbLoader
from bucketlift.model.load import Lineage, LoadId, WriteMode
from contract.destinations import (
    a_file,
    a_target,
    a_unit,
    counts,
    duckdb_file,
    people,
    person_in_duckdb,
    person_in_sqlite,
    sqlite_file,
)

FILES = (duckdb_file, sqlite_file)
UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
WITH_LINEAGE = a_target(lineage=Lineage.AUTO)


@pytest.fixture(params=FILES, ids=lambda maker: maker.__name__)
def destination(request, tmp_path):
    return request.param(tmp_path)


@pytest.fixture
def person(destination):
    at_work = person_in_duckdb if isinstance(destination.loader, DuckdbLoader) else person_in_sqlite
    return at_work(destination.loader.path)


def test_columns_are_found_whatever_their_case_and_order(destination, person):
    person("CREATE TABLE People (extra INTEGER DEFAULT 7, NAME TEXT, Id TEXT)")

    destination.load(a_unit(), a_file(("1", "Ada")))

    assert destination.table("people") == [{"extra": 7, "NAME": "Ada", "Id": "1"}]


def test_a_replacement_takes_the_receipt_of_the_one_before_it_whatever_the_case_of_the_tables_name(
    destination,
):
    for load, name in (("load-1", "people"), ("load-2", "People")):
        destination.load(a_unit(load, target=a_target(table=name, mode=WriteMode.REPLACE)), a_file())

    assert set(destination.loader.receipts([LoadId("load-1"), LoadId("load-2")])) == {"load-2"}


def test_missing_columns_are_refused_with_the_statement_that_adds_them(destination, person):
    person("CREATE TABLE people (id TEXT)")
    target = a_target("id", "name", lineage=Lineage.ON)

    with pytest.raises(DestinationRefused) as refused:
        destination.load(a_unit(target=target), a_file(("1", "Ada")))

    assert refused.value.what == "The table has no column name, _load_id, _source_line"
    person(refused.value.hint.removeprefix("Add what is missing with: ").partition(" Or map")[0])
    destination.load(a_unit(target=target), a_file(("1", "Ada")))
    assert destination.table("people") == [
        {"id": "1", "name": "Ada", "_load_id": "load-1", "_source_line": 2}
    ]


def test_columns_that_differ_by_case_alone_are_refused(destination):
    with pytest.raises(DestinationRefused, match="ignores case"):
        destination.load(a_unit(target=a_target("id", ("ID", "name"))), a_file(("1", "Ada")))


CONSTRAINTS = [
    (duckdb_file, "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT)", "must be unique"),
    (duckdb_file, "CREATE TABLE people (id TEXT, name TEXT, UNIQUE (id))", "must be unique"),
    (duckdb_file, "CREATE TABLE people (id TEXT CHECK (id <> 'secret'), name TEXT)", "CHECK constraint"),
    (sqlite_file, "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT)", "must be unique"),
    (sqlite_file, "CREATE TABLE people (id TEXT, name TEXT, UNIQUE (id))", "must be unique"),
    (sqlite_file, "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID", "must be unique"),
    (sqlite_file, "CREATE TABLE people (id TEXT CHECK (id <> 'secret'), name TEXT)", "CHECK constraint"),
    (
        sqlite_file,
        "CREATE TABLE others (id TEXT PRIMARY KEY); CREATE TABLE people (id TEXT REFERENCES others (id), name TEXT)",
        "foreign key",
    ),
]


@pytest.mark.parametrize(("destination", "sql", "broken"), CONSTRAINTS, indirect=["destination"])
def test_a_broken_constraint_is_named_without_the_value(destination, person, sql, broken):
    person(sql)

    with pytest.raises(DestinationRefused, match=broken) as refused:
        destination.load(a_unit(), a_file(("1", "Ada"), ("secret", "Ada"), ("secret", "Ada")))

    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__
    assert destination.table("people") == []


@pytest.mark.parametrize("mode", [WriteMode.UPSERT, WriteMode.REPLACE])
@pytest.mark.parametrize(
    ("destination", "kept"),
    [(duckdb_file, ""), (sqlite_file, ""), (sqlite_file, " WITHOUT ROWID")],
    indirect=["destination"],
)
def test_a_table_with_a_primary_key_is_updated_and_replaced(destination, person, mode, kept):
    person(f"CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT){kept}")
    target = a_target(mode=mode, key=("id",))

    for load, name in (("load-1", "Ada"), ("load-2", "A. L.")):
        destination.load(a_unit(load, target=target), a_file(("1", name), ("2", name)))

    assert destination.table("people") == people(("1", "A. L."), ("2", "A. L."))


def test_keys_of_a_typed_column_meet_by_their_value(destination, person):
    person("CREATE TABLE people (id INTEGER, name TEXT); INSERT INTO people VALUES (7, 'Ada')")

    receipts = destination.load(
        a_unit("load-1", "load-2", target=UPSERT), a_file(("007", "A. L.")), a_file(("7", "Ada"))
    )

    assert destination.table("people") == [{"id": 7, "name": "Ada"}]
    assert counts(receipts) == [("load-1", 0, 1, 0), ("load-2", 0, 1, 0)]


ONE_KEY = [
    (duckdb_file, "INTEGER", "1", "01"),
    (duckdb_file, "DECIMAL(5,2)", "1", "1.0"),
    (duckdb_file, "DOUBLE", "-0", "0.0"),
    (duckdb_file, "BOOLEAN", "true", "1"),
    (duckdb_file, "TIMESTAMP", "2024-01-01", "2024-01-01T00:00"),
    (duckdb_file, "TIMESTAMP WITH TIME ZONE", "2024-01-01 01:00:00+01", "2024-01-01 00:00:00Z"),
    (duckdb_file, "UUID", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
    (sqlite_file, "INTEGER", "1", "01"),
    (sqlite_file, "DECIMAL(5,2)", "1", "1.0"),
    (sqlite_file, "REAL", "-0", "0.0"),
    (sqlite_file, "BOOLEAN", "true", "1"),
]


@pytest.mark.parametrize(("destination", "kind", "one", "same"), ONE_KEY, indirect=["destination"])
def test_texts_of_one_file_that_are_one_key_to_a_typed_column_are_refused_by_line(
    destination, person, kind, one, same
):
    person(f"CREATE TABLE people (id {kind}, name TEXT)")

    with pytest.raises(DestinationRefused) as refused:
        destination.load(
            a_unit("load-1", "load-2", target=UPSERT), a_file(), a_file((one, "Ada"), (same, "Grace"))
        )

    assert refused.value.what == (
        f"Lines 2 and 3 of a file have the same key after conversion to id ({kind})"
    )
    assert destination.table("people") == []
    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {}


def test_keys_meet_byte_for_byte_also_where_the_column_ignores_case(destination, person):
    person("CREATE TABLE people (id TEXT COLLATE NOCASE, name TEXT COLLATE NOCASE)")
    person("INSERT INTO people VALUES ('a', 'Ada'), ('b', 'Grace')")

    receipts = destination.load(a_unit(target=UPSERT), a_file(("A", "Ada"), ("b", "GRACE")))

    assert destination.table("people") == people(("a", "Ada"), ("b", "GRACE"), ("A", "Ada"))
    assert counts(receipts) == [("load-1", 1, 1, 0)]


def test_rows_that_other_rows_refer_to_are_not_unloaded(destination, person):
    person("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT, _load_id VARCHAR(64))")
    destination.load(a_unit("load-1", target=WITH_LINEAGE), a_file(("1", "Ada")))
    person("CREATE TABLE pets (owner TEXT REFERENCES people (id)); INSERT INTO pets VALUES ('1')")

    with pytest.raises(DestinationRefused, match="Other rows refer"):
        destination.loader.unload(WITH_LINEAGE, LoadId("load-1"))

    assert destination.loader.rows(WITH_LINEAGE, [LoadId("load-1")]) == {"load-1": 1}
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}


@pytest.mark.slow
def test_thousands_of_files_in_one_unit_have_as_many_receipts_of_their_own(destination):
    names = [f"load-{number}" for number in range(2_500)]

    receipts = destination.load(a_unit(*names, target=WITH_LINEAGE), *(a_file((name, "x")) for name in names))

    assert [(row["id"], row["_load_id"]) for row in destination.table("people")] == [
        (name, name) for name in sorted(names)
    ]
    assert {receipt.inserted for receipt in receipts} == {1}
