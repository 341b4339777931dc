"""What every reader of tables promises: facts and rows for display, in bounded time, of tables with any names."""

from __future__ import annotations

import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.table_reader import TooSlow
from bucketlift.model.load import Column, Lineage, LoadId
from bucketlift.ports.table_reader import LONGEST_CELL, ColumnSummary
from contract.destinations import a_file, a_target, a_unit

HOSTILE = "a\"; DROP TABLE people; --'`$1 ? %s \u202e"
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Limits that a busy machine does not reach."""
    monkeypatch.setattr("bucketlift.loaders.table_reader.ATTEMPTS", ((None, 60.0),))
    monkeypatch.setattr("bucketlift.loaders.table_reader.ROWS_TAKE", 60.0)


def test_an_empty_destination_has_no_tables(database):
    _, reader = database

    assert reader.tables() == {}


def test_tables_are_listed_with_all_columns_and_without_receipts(database):
    destination, reader = database
    destination.load(a_unit(target=a_target(lineage=Lineage.ON)), a_file(("1", "Ada")))

    found = reader.tables()

    assert {table: [each.name for each in columns] for table, columns in found.items()} == {
        "people": ["id", "name", "_load_id", "_source_line"]
    }
    assert {each.type.lower() for each in found["people"][:2]} <= {"text", "varchar"}


def test_facts_are_computed_by_the_destination_and_extremes_only_if_wanted(database):
    destination, reader = database
    destination.load(a_unit(), a_file(("1", "Ada"), ("2", None), ("3", "Ada"), ("4", "Grace")))
    columns = reader.tables()["people"]

    shown = reader.summary("people", columns, extremes=True)
    hidden = reader.summary("people", columns, extremes=False)

    assert (shown.rows, shown.whole) == (4, True)
    assert shown.columns == {
        "id": ColumnSummary(nulls=0, distinct=4, smallest="1", largest="4"),
        "name": ColumnSummary(nulls=1, distinct=2, smallest="Ada", largest="Grace"),
    }
    assert hidden.columns["name"] == ColumnSummary(nulls=1, distinct=2)


def test_rows_are_few_and_their_cells_are_cut(database):
    destination, reader = database
    rows = [(str(number), "x" * 1_000_000 if number == 1 else None) for number in range(60)]
    destination.load(a_unit(), a_file(*rows))
    columns = reader.tables()["people"]

    found = reader.rows("people", columns)

    assert len(found) == 50
    assert {cell and len(cell) for _, cell in found} <= {None, LONGEST_CELL + 1}
    assert len(reader.summary("people", columns, extremes=True).columns["name"].largest) == LONGEST_CELL + 1


def test_the_rows_of_one_load_are_found_by_their_lineage(database):
    destination, reader = database
    target = a_target(lineage=Lineage.ON)
    destination.load(a_unit("load-1", "load-2", target=target), a_file(("1", "Ada")), a_file(("2", "Grace")))
    columns = reader.tables()["people"][:2]

    assert reader.rows("people", columns, loads=[LoadId("load-2")]) == (("2", "Grace"),)
    assert reader.rows("people", columns, loads=[LoadId("x' OR '1'='1")]) == ()


def test_names_and_cells_with_quotes_and_sql_are_only_texts(database):
    destination, reader = database
    table, column = HOSTILE.replace("people", "p")[:60], HOSTILE[:50]
    target = a_target(Column(name=column, field="id"), Column(name="name", field="name"), table=table)
    destination.load(a_unit(target=target), a_file((HOSTILE, "<script>alert(1)</script>")))

    columns = reader.tables()[table]

    assert [each.name for each in columns] == [column, "name"]
    assert reader.rows(table, columns) == ((HOSTILE, "<script>alert(1)</script>"),)
    assert reader.summary(table, columns, extremes=True).columns[column].smallest == HOSTILE


def test_many_columns_are_read_in_several_statements(database):
    destination, reader = database
    fields = tuple(f"f{number}" for number in range(230))
    destination.load(a_unit(target=a_target(*fields)), a_file(fields, fields=fields))
    columns = reader.tables()["people"]

    summary = reader.summary("people", columns, extremes=True)

    assert {name: each.smallest for name, each in summary.columns.items()} == {each: each for each in fields}


def test_a_statement_that_takes_too_long_is_stopped_and_the_next_one_works(database):
    destination, reader = database
    destination.load(a_unit(), a_file(("1", "Ada")))

    with reader._opened("table people") as ask:
        with pytest.raises(TooSlow):
            ask(ENDLESS, seconds=0.1)

        assert ask("SELECT 1", seconds=60) == [(1,)]


def test_a_table_that_needs_too_long_is_summarized_by_some_rows_or_not_at_all(database, monkeypatch):
    destination, reader = database
    destination.load(a_unit(), a_file(("1", "Ada"), ("2", "Grace"), ("3", "Lin")))
    columns = reader.tables()["people"]
    endless = f"(SELECT '1' AS id, '2' AS name FROM ({ENDLESS}) AS never)"  # noqa: S608 - of this test

    monkeypatch.setattr("bucketlift.loaders.table_reader.ATTEMPTS", ((None, 0.1), (2, 60.0)))
    monkeypatch.setattr(type(reader), "_qualified", lambda *_: f"{endless} AS slow")
    usual = type(reader)._source
    monkeypatch.setattr(
        type(reader),
        "_source",
        lambda self, table, each, most: (
            usual(self, table, each, most) if most is None else "(SELECT 'a' AS id, 'b' AS name) AS quick"
        ),
    )

    sampled = reader.summary("people", columns, extremes=False)
    monkeypatch.setattr("bucketlift.loaders.table_reader.ATTEMPTS", ((None, 0.1),))
    monkeypatch.setattr("bucketlift.loaders.table_reader.ROWS_TAKE", 0.1)

    assert sampled.rows == 1
    assert reader.summary("people", columns, extremes=False) is None
    assert reader.rows("people", columns) is None


def test_a_table_that_is_gone_is_an_error_with_its_name(database):
    destination, reader = database
    destination.load(a_unit(), a_file(("1", "Ada")))
    columns = reader.tables()["people"]
    destination.drop("people")

    with pytest.raises(Exception, match="people") as refused:
        reader.rows("people", columns)

    assert isinstance(refused.value, DestinationRefused | DestinationBusy)
