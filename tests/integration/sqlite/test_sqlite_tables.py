"""Tables in SQLite that somebody else made."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.load import Column, Lineage, WriteMode
from bucketlift.model.types import TypeName, ValueType
from contract.destinations import a_file, a_long_file, a_target, a_typed_file, a_unit, counts, people

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
WITH_LINEAGE = a_target(lineage=Lineage.AUTO)


def test_a_column_that_needs_a_value_is_refused_and_nothing_is_said_that_sqlite_cannot_do(
    destination, person
):
    person("CREATE TABLE people (id TEXT, name TEXT, born DATE NOT NULL)")

    with pytest.raises(DestinationRefused, match="needs a value for born") as refused:
        destination.load(a_unit(), a_file(("1", "Ada")))

    assert "DROP NOT NULL" not in refused.value.hint


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("CREATE VIEW People AS SELECT 1 AS id, 2 AS name", "a view"),
        ("CREATE VIRTUAL TABLE people USING fts5(id, name)", "a virtual table"),
        ("CREATE TABLE t (id); CREATE INDEX people ON t (id)", "an index"),
    ],
)
def test_what_is_no_table_of_rows_is_refused(destination, person, sql, kind):
    person(sql)

    with pytest.raises(DestinationRefused, match=f"belongs to {kind}"):
        destination.load(a_unit(), a_file(("1", "Ada")))


@pytest.mark.parametrize("name", ["sqlite_people", "SQLite_x", "_Bucketlift_loads"])
def test_a_name_that_is_kept_for_the_database_or_for_receipts_is_refused(destination, name):
    with pytest.raises(DestinationRefused, match="reserved for the database or for receipts"):
        destination.load(a_unit(target=a_target(table=name)), a_file(("1", "Ada")))


def test_a_computed_column_cannot_be_loaded_but_may_be_there(destination, person):
    person(
        "CREATE TABLE people (id TEXT, name TEXT, upper_name TEXT AS (upper(name)), twice TEXT AS (name || name) STORED)"
    )

    with pytest.raises(DestinationRefused, match="computed by the table"):
        destination.load(a_unit(target=a_target("id", ("upper_name", "name"))), a_file(("1", "Ada")))
    destination.load(a_unit(), a_file(("1", "Ada")))

    assert destination.table("people") == [{"id": "1", "name": "Ada", "upper_name": "ADA", "twice": "AdaAda"}]


EXACT: dict[str, tuple[list[str], list[Any], list[str]]] = {
    "INTEGER": (
        ["7", "007", "-0", "+5"],
        [7, 7, 0, 5],
        ["1.5", "1e3", " 1", "1_000", "0x1F", "", "9223372036854775808", "seven", "\u0667"],
    ),
    "BIGINT": (["9223372036854775807"], [2**63 - 1], ["-9223372036854775809"]),
    "REAL": (
        ["0.1", "1e5", "0.30000000000000004"],
        [0.1, 1e5, 0.30000000000000004],
        ["1e400", "12345678901234567890", "nan", "", "1e-400", "0x1"],
    ),
    "DOUBLE PRECISION": (["1.50"], [1.5], ["9007199254740993"]),
    "DECIMAL(5,2)": (
        ["1", "1.50", "-999.99", ".5"],
        [1, 1.5, -999.99, 0.5],
        ["", "5 ", "one", "12345678901234567890", "0.12345678901234567"],
    ),
    "NUMERIC": (["007", "1.0"], [7, 1], ["1,5"]),
    "BOOLEAN": (["true", "FALSE", "1", "0"], [1, 0, 1, 0], ["maybe", "", "2", "yes"]),
    "DATE": (
        ["2024-02-29", "yesterday", "", "20240229"],
        ["2024-02-29", "yesterday", "", 20240229],
        [" 7", "007", "1.50", "1e3", "1.0", "12345678901234567890"],
    ),
    "STRING": (["Ada", "7", "1.5", "-3"], ["Ada", 7, 1.5, -3], ["007", "+5", ".5", "5."]),
    "VARCHAR(2)": (["007", "1e3", " ", "long"], ["007", "1e3", " ", "long"], []),
    "BLOB": (["007", ""], ["007", ""], []),
    "": (["007", "1.0"], ["007", "1.0"], []),
}


# Declared type: texts that are loaded, what is stored of them, texts that are refused.
@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("mode", [WriteMode.APPEND, WriteMode.UPSERT])
def test_text_that_is_exactly_a_value_of_the_columns_type_is_loaded(destination, person, kind, mode):
    texts, values, _ = EXACT[kind]
    person(f"CREATE TABLE people (id TEXT, name {kind})")

    destination.load(
        a_unit(target=a_target(mode=mode, key=("id",))),
        a_file(*((str(place), text) for place, text in enumerate(texts))),
    )

    stored = [row["name"] for row in destination.table("people")]
    assert [(type(each), each) for each in stored] == [(type(each), each) for each in values]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, (_, _, texts) in EXACT.items() for text in texts]
)
@pytest.mark.parametrize("mode", [WriteMode.APPEND, WriteMode.UPSERT])
def test_text_that_sqlite_would_change_is_refused_by_line(destination, person, kind, text, mode):
    person(f"CREATE TABLE people (id TEXT, name {kind})")
    good = EXACT[kind][0][0]

    with pytest.raises(DestinationRefused) as refused:
        destination.load(
            a_unit(target=a_target(mode=mode, key=("id",))), a_file(("1", good), ("2", text), ("3", good))
        )

    assert refused.value.what.startswith("The value in line 3 cannot be stored exactly in the column ")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert destination.table("people") == []


def test_strict_tables_and_columns_of_any_type_keep_text_as_it_is(destination, person):
    person("CREATE TABLE people (id TEXT, name ANY) STRICT")

    destination.load(a_unit(), a_file(("1", "007")))

    assert destination.table("people") == people(("1", "007"))


def test_a_null_for_a_rows_own_number_is_refused_instead_of_made_up(destination, person):
    person("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
    integer = ValueType(name=TypeName.INTEGER)
    target = a_target(Column(name="id", field="id", type=integer), "name")

    with pytest.raises(DestinationRefused, match="line 3 "):
        destination.load(
            a_unit(target=target),
            a_typed_file({"id": (integer, [1, None]), "name": (ValueType(), ["Ada", "Grace"])}),
        )

    assert destination.table("people") == []


def test_a_rows_own_number_may_be_left_to_the_table(destination, person):
    person("CREATE TABLE people (number INTEGER PRIMARY KEY, id TEXT, name TEXT)")

    destination.load(a_unit(), a_file(("1", "Ada")))

    assert destination.table("people") == [{"number": 1, "id": "1", "name": "Ada"}]


def test_typed_values_go_into_columns_of_others_as_their_text(destination, person):
    person("CREATE TABLE people (a VARCHAR, b VARCHAR, c VARCHAR, d VARCHAR, e VARCHAR)")
    kinds = {
        "a": ValueType(name=TypeName.INTEGER),
        "b": ValueType(name=TypeName.DECIMAL, precision=5, scale=2),
        "c": ValueType(name=TypeName.DATE),
        "d": ValueType(name=TypeName.TIMESTAMP, zoned=True),
        "e": ValueType(name=TypeName.BOOLEAN),
    }
    moment = datetime(2024, 2, 29, 10, tzinfo=UTC)
    values = dict(zip(kinds, [7, Decimal("1.50"), moment.date(), moment, True], strict=True))
    target = a_target(*(Column(name=name, field=name, type=kind) for name, kind in kinds.items()))

    destination.load(
        a_unit(target=target), a_typed_file({name: (kind, [values[name]]) for name, kind in kinds.items()})
    )

    assert destination.table("people") == [
        {"a": "7", "b": "1.50", "c": "2024-02-29", "d": "2024-02-29T10:00:00Z", "e": "true"}
    ]


def test_what_a_trigger_says_is_not_told_because_it_may_hold_a_value(destination, person):
    person("CREATE TABLE people (id TEXT, name TEXT)")
    person(
        "CREATE TRIGGER no BEFORE INSERT ON people BEGIN SELECT RAISE(ABORT, 'secret'); END".replace(
            "; ", ";"
        )
    )

    with pytest.raises(DestinationRefused, match="A trigger") as refused:
        destination.load(a_unit(), a_file(("1", "Ada")))

    assert "secret" not in str(refused.value)


def test_a_replacement_may_bring_back_rows_that_others_refer_to(destination, person):
    person("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT); INSERT INTO people VALUES ('1', 'Ada')")
    person("CREATE TABLE pets (owner TEXT REFERENCES people (id)); INSERT INTO pets VALUES ('1')")
    replace = a_target(mode=WriteMode.REPLACE)

    destination.load(a_unit("load-1", target=replace), a_file(("1", "A. L."), ("2", "Grace")))
    with pytest.raises(DestinationRefused, match="foreign key"):
        destination.load(a_unit("load-2", target=replace), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "A. L."), ("2", "Grace"))


def test_an_update_keeps_every_column_that_no_field_fills(destination, person):
    person("CREATE TABLE people (note TEXT DEFAULT 'none', id TEXT, name TEXT, twice TEXT AS (name || name))")
    person("INSERT INTO people (note, id, name) VALUES ('n1', '1', 'old'), ('n2', '2', 'old')")

    receipts = destination.load(a_unit(target=UPSERT), a_file(("1", "new"), ("3", "new")))

    assert counts(receipts) == [("load-1", 1, 1, 0)]
    assert person("SELECT note, id, name, twice FROM people ORDER BY id") == [
        ("n1", "1", "new", "newnew"),
        ("n2", "2", "old", "oldold"),
        ("none", "3", "new", "newnew"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "most"), [(WriteMode.APPEND, 1_998), (WriteMode.UPSERT, 1_997)])
def test_as_many_columns_as_sqlite_takes_are_loaded_and_one_more_is_refused(destination, mode, most):
    names = tuple(f"c{number}" for number in range(most + 1))

    def target(width):
        return a_target(*names[:width], mode=mode, key=("c0",), lineage=Lineage.AUTO)

    def rows(last):
        return a_file(("1", *("x" * most), last)[: most + 1], fields=names)

    receipts = [
        destination.load(a_unit(f"load-{number}", target=target(most)), rows("x"))[0] for number in (1, 2)
    ]
    with pytest.raises(DestinationRefused, match=f"{most + 1} columns, but SQLite allows {most}"):
        destination.load(a_unit("load-3", target=target(most + 1)), rows("x"))

    assert sum(receipt.inserted for receipt in receipts) == (2 if mode is WriteMode.APPEND else 1)


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
        "SELECT count(DISTINCT id), sum(CAST(name AS INTEGER)), sum(CAST(_source_line AS TEXT) = id) FROM people"
    ) == [(size, size * (size - 1) // 2, size)]


@pytest.mark.slow
def test_an_upsert_into_a_large_table_without_an_index_takes_seconds(destination, person):
    target = a_target(mode=WriteMode.UPSERT, key=("id",))
    destination.load(a_unit("load-1", target=target), a_long_file(200_000, step=20_000))

    began = time.process_time()
    receipts = destination.load(
        a_unit("load-2", target=target), a_file(*((str(number), "new") for number in range(100_000, 300_000)))
    )

    assert time.process_time() - began < 30
    assert counts(receipts) == [("load-2", 100_000, 100_000, 0)]
    assert person("SELECT count(*), sum(name = 'new') FROM people") == [(300_000, 200_000)]
