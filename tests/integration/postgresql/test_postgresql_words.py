"""PostgreSQL's own code and words beside ours, without the content of a cell; hints are obeyed to the letter."""

from __future__ import annotations

import pytest

from bucketlift.errors import DestinationRefused, OurFault
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.model.load import LoadId
from contract.destinations import a_file, a_target, a_unit, people
from integration.postgresql.pooler import statement_pooler


def refusal(warehouse, rows, *, loader=None, target=None):
    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(a_unit(target=target or a_target()), a_file(*rows), loader=loader)
    return refused.value


def statement(hint: str, first_words: str) -> str:
    """The SQL that a hint says, up to its semicolon."""
    return first_words + hint.split(first_words, 1)[1].split(";", maxsplit=1)[0]


@pytest.mark.parametrize("by", ["LIST (id)", "RANGE (id)"])
def test_a_row_that_no_partition_takes_is_told_as_that_and_the_hints_partition_takes_it(warehouse, by):
    warehouse.person(f"CREATE TABLE people (id text, name text) PARTITION BY {by}")

    error = refusal(warehouse, [("secret", "Ada")])
    warehouse.person(statement(error.hint, "CREATE TABLE"))
    warehouse.load(a_unit(), a_file(("secret", "Ada")))

    assert error.what == (
        "No partition of the table accepts a row "
        '[PostgreSQL 23514: no partition of relation "people" found for row]'
    )
    assert "secret" not in str(error)
    assert warehouse.rows() == people(("secret", "Ada"))


def test_a_row_of_another_partition_is_not_told_as_a_check(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text) PARTITION BY LIST (id);"
        "CREATE TABLE one PARTITION OF people FOR VALUES IN ('1')"
    )

    error = refusal(warehouse, [("2", "Ada")], target=a_target(table="one"))

    assert error.what.startswith("A row does not belong to this partition [PostgreSQL 23514: ")


def test_a_row_that_row_security_refuses_is_not_told_as_a_missing_grant(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text); ALTER TABLE people ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON people USING (id = '1')"
    )
    user = warehouse.a_user("ALL ON people", f"CREATE ON SCHEMA {warehouse.schema}")
    loader = warehouse.loader(user=user, receipts=f"{warehouse.schema}.receipts")

    error = refusal(warehouse, [("2", "Ada")], loader=loader)
    warehouse.person(statement(error.hint, "CREATE POLICY"))
    warehouse.load(a_unit(), a_file(("2", "Ada")), loader=loader)

    assert error.what == (
        "No policy of the table's row security admits a row "
        '[PostgreSQL 42501: new row violates row-level security policy for table "people"]'
    )
    assert warehouse.rows() == people(("2", "Ada"))


FAILING = {
    "refers-to-nothing": (
        "INSERT INTO no_such VALUES (1); RETURN NEW;",
        '42P01: relation "no_such" does not exist',
    ),
    "casts-a-cell": (
        "PERFORM NEW.name::integer; RETURN NEW;",
        "22P02: invalid input syntax for type integer: …",
    ),
    "breaks-its-own-table": (
        "INSERT INTO log VALUES (NULL); RETURN NEW;",
        '23502: null value in column "id" of relation "log" violates not-null constraint',
    ),
    "says-nonsense": ("EXECUTE NEW.name; RETURN NEW;", "42601: syntax error at or near …"),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_function_of_a_trigger_that_fails_waits_for_a_person_and_names_the_function(warehouse, case):
    body, said = FAILING[case]
    warehouse.person(
        "CREATE TABLE people (id text, name text); CREATE TABLE log (id text NOT NULL);"
        "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS"
        f" $$ BEGIN {body} END $$; CREATE TRIGGER odd BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION odd()"
    )

    error = refusal(warehouse, [("1", "secret")])

    assert error.what.startswith("A trigger, constraint or default of the table failed in its function ")
    assert "odd() [" in error.what or "odd() (" in error.what
    assert error.what.endswith(f"[PostgreSQL {said}]")
    assert "secret" not in str(error)
    assert not isinstance(error, OurFault)
    assert warehouse.rows() == []


def test_a_pool_that_works_by_statement_is_not_told_as_a_lost_connection():
    with (
        statement_pooler() as port,
        pytest.raises(DestinationRefused) as refused,
    ):
        PostgresqlLoader(f"postgresql://bucketlift@127.0.0.1:{port}/warehouse").receipts([LoadId("load-1")])

    assert "uses statement mode" in refused.value.what
    assert "pool_mode = transaction" in refused.value.hint


def test_a_server_that_cannot_be_reached_is_quoted_without_the_password():
    with pytest.raises(Exception, match="… refused") as failed:
        PostgresqlLoader("postgresql://ada:Connection@127.0.0.1:1/warehouse").receipts([LoadId("load-1")])

    assert "[PostgreSQL: connection failed: connection to server at" in str(failed.value)
