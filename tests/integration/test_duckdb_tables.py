"""Tables in DuckDB that somebody else made."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.load import Column, Lineage, WriteMode
from bucketlift.model.types import TypeName, ValueType
from contract.destinations import (
    a_file,
    a_long_file,
    a_target,
    a_typed_file,
    a_unit,
    counts,
    duckdb_file,
    person_in_duckdb,
)

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def destination(file):
    return duckdb_file(file.parent)


@pytest.fixture
def person(file):
    return person_in_duckdb(file)


def test_a_column_that_needs_a_value_is_refused_with_the_statement_that_frees_it(destination, person):
    person("CREATE TABLE people (id VARCHAR, name VARCHAR, born DATE NOT NULL)")

    with pytest.raises(DestinationRefused, match='ALTER TABLE "people" ALTER COLUMN "born" DROP NOT NULL;'):
        destination.load(a_unit(), a_file(("1", "Ada")))


def test_a_view_under_the_tables_name_is_refused(destination, person):
    person("CREATE VIEW People AS SELECT 1 AS id, 2 AS name")

    with pytest.raises(DestinationRefused, match="belongs to a view"):
        destination.load(a_unit(), a_file(("1", "Ada")))


def test_a_computed_column_cannot_be_loaded_but_may_be_there(destination, person):
    person("CREATE TABLE people (id VARCHAR, name VARCHAR, upper_name VARCHAR AS (upper(name)))")

    with pytest.raises(DestinationRefused, match="computed by the table"):
        destination.load(a_unit(target=a_target("id", ("upper_name", "name"))), a_file(("1", "Ada")))
    destination.load(a_unit(), a_file(("1", "Ada")))

    assert destination.table("people") == [{"id": "1", "name": "Ada", "upper_name": "ADA"}]


EXACT = {
    "INTEGER": (["7", "007", "-0", "+5"], ["1.5", "1e3", " 1", "1_000", "0x1F", "", "3000000000", "seven"]),
    "DECIMAL(5,2)": (["1", "1.50", "1.5000", "-999.99", ".5"], ["1.005", "1000", "1e1", "", "5 "]),
    "DOUBLE": (
        ["0.1", "1e5", "0.30000000000000004", "123456789012345"],
        ["1e400", "12345678901234567890", "nan", ""],
    ),
    "DATE": (["2024-02-29"], ["2023-02-29", "2024-01-01 12:00:00", "2024/01/02", "infinity", ""]),
    "TIMESTAMP": (
        ["2024-01-01", "2024-01-01 10:00", "2024-01-01T10:00:00.123456"],
        ["2024-01-01 10:00:00.1234567", "2024-01-01 10:00:00+02", "epoch"],
    ),
    "TIME": (["10:00", "10:00:00.5"], ["10:00:00.1234567", "25:00"]),
    "BOOLEAN": (["true", "FALSE", "1"], ["maybe", ""]),
    "ENUM('a', 'b')": (["a", "b"], ["A", "c"]),
    "UUID": (["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], ["a0eebc99"]),
    "INTEGER[]": (["[1, 2]"], ["[1,2]x", "[a]"]),
}


@pytest.mark.parametrize(("kind", "texts"), [(kind, texts) for kind, (texts, _) in EXACT.items()])
def test_text_that_is_exactly_a_value_of_the_columns_type_is_loaded(destination, person, kind, texts):
    person(f"CREATE TABLE people (id VARCHAR, name {kind})")

    destination.load(a_unit(), a_file(*((str(place), text) for place, text in enumerate(texts))))

    cast = [str(person(f"SELECT CAST('{text}' AS {kind})")[0][0]) for text in texts]
    assert [str(row["name"]) for row in destination.table("people")] == cast


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, (_, texts) in EXACT.items() for text in texts]
)
@pytest.mark.parametrize("target", [a_target(), UPSERT], ids=["append", "upsert"])
def test_text_that_is_not_exactly_of_the_columns_type_is_refused_by_line(
    destination, person, kind, text, target
):
    person(f"CREATE TABLE people (id VARCHAR, name {kind})")
    good = EXACT[kind][0][0]

    with pytest.raises(DestinationRefused) as refused:
        destination.load(a_unit(target=target), a_file(("1", good), ("2", text), ("3", good)))

    assert refused.value.what == (f"The value in line 3 cannot be stored exactly in the column name ({kind})")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert destination.table("people") == []


def test_a_key_that_repeats_is_refused_also_where_the_table_has_it_and_earlier_files_brought_it(
    destination, person
):
    person("CREATE TABLE people (id INTEGER, name VARCHAR); INSERT INTO people VALUES (1, 'Ada')")

    with pytest.raises(DestinationRefused, match="Lines 7 and 9 of a file have the same key "):
        destination.load(
            a_unit("load-1", "load-2", target=UPSERT),
            a_file(("1", "A. L."), ("2", "Grace")),
            a_file(("01", "Ada"), ("2", "Hopper"), ("1", "A. L."), ("001", "Lovelace"), first_line=7),
        )

    assert destination.table("people") == [{"id": 1, "name": "Ada"}]


def test_of_a_key_that_repeats_only_the_typed_columns_are_named(destination, person):
    person("CREATE TABLE people (land VARCHAR, id INTEGER, born DATE, name VARCHAR)")
    target = a_target("land", "id", "born", "name", mode=WriteMode.UPSERT, key=("land", "id", "born"))
    fields = ("land", "id", "born", "name")
    rows = (("de", "1", "2024-02-29", "Ada"), ("de", "01", "2024-02-29", "Grace"))

    with pytest.raises(DestinationRefused, match=r"conversion to id \(INTEGER\), born \(DATE\)"):
        destination.load(a_unit(target=target), a_file(*rows, fields=fields))


def test_texts_that_are_one_value_are_two_keys_where_another_column_tells_them_apart(destination, person):
    person("CREATE TABLE people (land VARCHAR, id INTEGER, name VARCHAR)")
    target = a_target("land", "id", "name", mode=WriteMode.UPSERT, key=("land", "id"))
    rows = (("de", "1", "Ada"), ("fr", "01", "Grace"))

    receipts = destination.load(a_unit(target=target), a_file(*rows, fields=("land", "id", "name")))

    assert counts(receipts) == [("load-1", 2, 0, 0)]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [10, 250_000], ids=["in-place", "rewritten"])
def test_an_update_keeps_every_column_that_no_field_fills(destination, person, rows):
    person(
        "CREATE TABLE people (note VARCHAR DEFAULT 'none', id VARCHAR, name VARCHAR, twice VARCHAR AS (name || name))"
    )
    person(f"INSERT INTO people (note, id, name) SELECT 'n' || i, i, 'old' FROM range({rows}) t(i)")  # noqa: S608  a count

    receipts = destination.load(a_unit(target=UPSERT), a_file(*((str(n), "new") for n in range(rows + 5))))

    assert counts(receipts) == [("load-1", 5, rows, 0)]
    assert person(
        "SELECT count(*), count(*) FILTER (name = 'new' AND twice = 'newnew'),"
        " count(*) FILTER (note = 'n' || id), count(*) FILTER (note = 'none') FROM people"
    ) == [(rows + 5, rows + 5, rows, 5)]


@pytest.mark.slow
def test_many_rows_that_a_foreign_key_points_at_are_updated_where_they_are(destination, person):
    person("CREATE TABLE people (id VARCHAR PRIMARY KEY, name VARCHAR)")
    person("INSERT INTO people SELECT i, 'old' FROM range(210000) t(i)")
    person("CREATE TABLE pets (owner VARCHAR REFERENCES people (id)); INSERT INTO pets VALUES ('1')")

    receipts = destination.load(a_unit(target=UPSERT), a_file(*((str(n), "new") for n in range(210_000))))

    assert counts(receipts) == [("load-1", 0, 210_000, 0)]


@pytest.mark.slow
@pytest.mark.parametrize("mode", WriteMode)
def test_a_file_of_300_000_rows_arrives_whole_within_seconds(destination, person, mode):
    size = 300_000
    target = a_target(mode=mode, key=("id",), lineage=Lineage.AUTO)

    began = time.process_time()
    receipts = destination.load(a_unit(target=target), a_long_file(size, step=20_000))

    assert time.process_time() - began < 30
    assert counts(receipts) == [("load-1", size, 0, 0)]
    assert person(
        "SELECT count(DISTINCT id), sum(CAST(name AS BIGINT)), count(*) FILTER (CAST(_source_line AS VARCHAR) = id)"
        " FROM people"
    ) == [(size, size * (size - 1) // 2, size)]


INTEGER = ValueType(name=TypeName.INTEGER)
MONEY = ValueType(name=TypeName.DECIMAL, precision=7, scale=2)
DAY = ValueType(name=TypeName.DATE)
CLOCK = ValueType(name=TypeName.TIMESTAMP)
MOMENT = ValueType(name=TypeName.TIMESTAMP, zoned=True)
BOOLEAN = ValueType(name=TypeName.BOOLEAN)
AT_TEN = datetime(2024, 2, 29, 10, tzinfo=UTC)


def load_value(destination, kind, value):
    target = a_target(Column(name="name", field="name", type=kind))
    destination.load(a_unit(target=target), a_typed_file({"name": (kind, [None, value])}))


@pytest.mark.parametrize(
    ("kind", "value", "column", "stored"),
    [
        (INTEGER, 7, "VARCHAR", "7"),
        (INTEGER, 7, "SMALLINT", "7"),
        (INTEGER, 7, "DECIMAL(9,2)", "7.00"),
        (INTEGER, 7, "DOUBLE", "7.0"),
        (MONEY, Decimal("1.50"), "VARCHAR", "1.50"),
        (MONEY, Decimal("1.50"), "DECIMAL(18,4)", "1.5000"),
        (MONEY, Decimal("2.00"), "DECIMAL(3,1)", "2.0"),
        (DAY, AT_TEN.date(), "VARCHAR", "2024-02-29"),
        (DAY, AT_TEN.date(), "TIMESTAMP", "2024-02-29 00:00:00"),
        (MOMENT, AT_TEN, "VARCHAR", "2024-02-29T10:00:00Z"),
        (BOOLEAN, True, "VARCHAR", "true"),
    ],
)
def test_typed_values_go_into_columns_of_other_types_where_these_hold_them_exactly(
    destination, person, kind, value, column, stored
):
    person(f"CREATE TABLE people (name {column})")

    load_value(destination, kind, value)

    assert person("SELECT CAST(name AS VARCHAR) FROM people ORDER BY name NULLS FIRST") == [
        (None,),
        (stored,),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "column"),
    [
        (INTEGER, 40_000, "SMALLINT"),
        (INTEGER, 7, "BOOLEAN"),
        (INTEGER, 9_007_199_254_740_993, "DOUBLE"),
        (MONEY, Decimal("1.50"), "BIGINT"),
        (MONEY, Decimal("1.55"), "DECIMAL(5,1)"),
        (MONEY, Decimal("99999.99"), "DECIMAL(5,2)"),
        (CLOCK, AT_TEN.replace(tzinfo=None), "DATE"),
        (MOMENT, AT_TEN, "TIMESTAMP"),
        (CLOCK, AT_TEN.replace(tzinfo=None), "TIMESTAMP WITH TIME ZONE"),
        (BOOLEAN, True, "INTEGER"),
    ],
)
def test_typed_values_that_a_column_cannot_hold_exactly_are_refused_by_line(
    destination, person, kind, value, column
):
    person(f"CREATE TABLE people (name {column})")

    with pytest.raises(DestinationRefused, match="The value in line 3 cannot be stored exactly"):
        load_value(destination, kind, value)

    assert destination.table("people") == []
