"""Tables in PostgreSQL that drop, replace or move rows without an error: each load of that kind is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.errors import DestinationRefused, RowsNotKept
from bucketlift.model.finding import Health
from bucketlift.model.load import Lineage, LoadId, Target, WriteMode
from contract.destinations import a_file, a_target, a_unit, counts, people

APPEND = a_target()
UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
EARLIER = [("1", "Ada"), ("2", "Grace")]

PARTITIONED = "CREATE TABLE people (id text, name text) PARTITION BY LIST (id)"
PARTS = f"{PARTITIONED}; CREATE TABLE one PARTITION OF people FOR VALUES IN ('1'); CREATE TABLE rest PARTITION OF people DEFAULT"


def trigger(
    when: str, body: str, *, on: str = "people", kind: str = "TRIGGER", tail: str = "", each: str = "ROW"
) -> str:
    return (
        f"CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN {body} END $$;"
        f"CREATE {kind} odd {when} ON {on} {tail} FOR EACH {each} EXECUTE FUNCTION odd()"
    )


def rule(body: str) -> str:
    return f"CREATE RULE odd AS {body}"


LOSSES: dict[str, tuple[str, Target, list[tuple[str, str]]]] = {
    "insert-dropped": (trigger("BEFORE INSERT", "RETURN NULL;"), APPEND, [("3", "Edsger")]),
    "insert-moved-before": (
        trigger("BEFORE INSERT", "INSERT INTO other VALUES (NEW.id, NEW.name); RETURN NULL;"),
        APPEND,
        [("3", "Edsger")],
    ),
    "insert-moved-after": (
        trigger("AFTER INSERT", "DELETE FROM people WHERE id = NEW.id; RETURN NULL;"),
        APPEND,
        [("3", "Edsger")],
    ),
    "earlier-row-deleted": (
        trigger("AFTER INSERT", "DELETE FROM people WHERE id = '1'; RETURN NULL;"),
        APPEND,
        [("3", "Edsger"), ("4", "Tony")],
    ),
    "earlier-row-deleted-at-the-commit": (
        trigger(
            "AFTER INSERT",
            "DELETE FROM people WHERE id = '1'; RETURN NULL;",
            kind="CONSTRAINT TRIGGER",
            tail="DEFERRABLE INITIALLY DEFERRED",
        ),
        APPEND,
        [("3", "Edsger")],
    ),
    "earlier-rows-truncated": (
        trigger("BEFORE INSERT", "DELETE FROM people; RETURN NULL;", each="STATEMENT"),
        APPEND,
        [("3", "Edsger")],
    ),
    "insert-doubled": (
        trigger(
            "AFTER INSERT",
            "IF NEW.name <> 'copy' THEN INSERT INTO people VALUES (NEW.id, 'copy'); END IF; RETURN NULL;",
        ),
        APPEND,
        [("3", "Edsger")],
    ),
    "rule-nothing": (rule("ON INSERT TO people DO INSTEAD NOTHING"), APPEND, [("3", "Edsger")]),
    "rule-elsewhere": (
        rule("ON INSERT TO people DO INSTEAD INSERT INTO other VALUES (NEW.id, NEW.name)"),
        APPEND,
        [("3", "Edsger")],
    ),
    "rule-deletes-too": (
        rule("ON INSERT TO people DO ALSO DELETE FROM people WHERE id = '1'"),
        APPEND,
        [("3", "Edsger")],
    ),
    "upsert-insert-moved": (
        trigger("AFTER INSERT", "DELETE FROM people WHERE id = NEW.id; RETURN NULL;"),
        UPSERT,
        [("2", "Hopper"), ("3", "Edsger")],
    ),
    "upsert-update-dropped": (trigger("BEFORE UPDATE", "RETURN NULL;"), UPSERT, [("2", "Hopper")]),
    "upsert-update-rule-elsewhere": (
        rule("ON UPDATE TO people DO INSTEAD UPDATE other SET name = NEW.name"),
        UPSERT,
        [("2", "Hopper")],
    ),
    "replace-delete-dropped": (trigger("BEFORE DELETE", "RETURN NULL;"), REPLACE, [("3", "Edsger")]),
    "replace-delete-rule": (rule("ON DELETE TO people DO INSTEAD NOTHING"), REPLACE, [("3", "Edsger")]),
    "replace-insert-dropped": (trigger("BEFORE INSERT", "RETURN NULL;"), REPLACE, [("3", "Edsger")]),
}
HIDDEN = {"rule-deletes-too"}
"""What a doctor cannot know before: an ALSO rule may do anything."""


def made(warehouse, sql, table="CREATE TABLE people (id text, name text)"):
    """The table with what an earlier load brought, while no trigger was there yet."""
    warehouse.person(f"{table}; CREATE TABLE other (id text, name text); INSERT INTO other VALUES ('x', 'x')")  # noqa: S608  constants
    warehouse.person("INSERT INTO people VALUES ('1', 'Ada'), ('2', 'Grace')")
    warehouse.person(sql)


@pytest.mark.parametrize("case", LOSSES)
@pytest.mark.parametrize("table", ["plain", "partitioned"])
def test_a_load_that_the_table_does_not_keep_as_it_is_is_undone(warehouse, case, table):
    sql, target, rows = LOSSES[case]
    made(warehouse, sql, **({"table": PARTS} if table == "partitioned" else {}))

    with pytest.raises(RowsNotKept) as refused:
        warehouse.load(a_unit(target=target), a_file(*rows))

    assert " odd" in refused.value.what
    assert f'ALTER TABLE "{warehouse.schema}"."people" DISABLE ' in refused.value.hint
    assert warehouse.rows() == people(*EARLIER)
    assert warehouse.rows("other") == people(("x", "x"))
    assert warehouse.loader().receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("case", LOSSES)
def test_the_statement_of_the_hint_lets_the_load_succeed(warehouse, case):
    sql, target, rows = LOSSES[case]
    made(warehouse, sql)
    with pytest.raises(RowsNotKept) as refused:
        warehouse.load(a_unit(target=target), a_file(*rows))
    statement = refused.value.hint.split("disable it with: ")[1].split(";")[0]

    warehouse.person(statement)
    warehouse.load(a_unit(target=target), a_file(*rows))

    earlier = {} if target is REPLACE else dict(EARLIER)
    assert warehouse.rows() == people(*(earlier | dict(rows)).items())


@pytest.mark.parametrize("case", sorted(LOSSES.keys() - HIDDEN))
def test_the_doctor_names_what_can_be_seen_to_drop_rows(warehouse, case):
    sql, _, _ = LOSSES[case]
    made(warehouse, sql)

    found = [each for each in warehouse.loader().examine() if each.check == "tables"]

    assert [each.health for each in found] == ([Health.OK] if case == "insert-doubled" else [Health.WARNING])


def test_a_trigger_of_a_single_partition_is_noticed(warehouse):
    made(
        warehouse,
        trigger("AFTER INSERT", "DELETE FROM rest WHERE id = NEW.id; RETURN NULL;", on="rest"),
        table=PARTS,
    )

    with pytest.raises(RowsNotKept, match="trigger odd"):
        warehouse.load(a_unit(), a_file(("3", "Edsger")))

    assert warehouse.rows() == people(*EARLIER)


KEPT = {
    "log": trigger(
        "AFTER INSERT OR UPDATE OR DELETE", "INSERT INTO other VALUES ('log', 'log'); RETURN NULL;"
    ),
    "value-set-before": trigger("BEFORE INSERT OR UPDATE", "NEW.name := upper(NEW.name); RETURN NEW;"),
    "value-set-after": trigger(
        "AFTER INSERT", "UPDATE people SET name = upper(name) WHERE id = NEW.id; RETURN NULL;"
    ),
    "rule-also": rule("ON INSERT TO people DO ALSO INSERT INTO other VALUES (NEW.id, NEW.name)"),
}


@pytest.mark.parametrize("case", KEPT)
@pytest.mark.parametrize("target", [APPEND, UPSERT, REPLACE], ids=lambda target: target.mode)
@pytest.mark.parametrize("table", ["plain", "partitioned"])
def test_a_table_that_keeps_every_row_is_loaded_whatever_else_it_does(warehouse, case, target, table):
    made(warehouse, KEPT[case], **({"table": PARTS} if table == "partitioned" else {}))

    receipts = warehouse.load(a_unit(target=target), a_file(("3", "Edsger"), ("4", "Tony")))

    earlier = [] if target is REPLACE else ["1", "2"]
    assert [row["id"] for row in warehouse.rows()] == [*earlier, "3", "4"]
    assert counts(receipts) == [("load-1", 2, 0, 0)]


def test_an_upsert_that_moves_rows_to_other_partitions_is_counted_right(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text) PARTITION BY LIST (name);"
        "CREATE TABLE ada PARTITION OF people FOR VALUES IN ('Ada');"
        "CREATE TABLE others PARTITION OF people DEFAULT"
    )
    warehouse.load(a_unit(), a_file(*EARLIER))
    warehouse.person("CREATE TABLE other (id text);" + trigger("BEFORE INSERT", "RETURN NEW;"))

    receipts = warehouse.load(
        a_unit("load-2", target=UPSERT), a_file(("1", "A. L."), ("2", "Ada"), ("3", "Tony"))
    )

    assert warehouse.rows() == people(("1", "A. L."), ("2", "Ada"), ("3", "Tony"))
    assert counts(receipts) == [("load-2", 1, 2, 0)]


def test_a_second_load_on_one_server_session_does_not_count_the_changes_of_the_first(warehouse):
    made(warehouse, KEPT["log"])

    for number in range(3):
        warehouse.load(a_unit(f"load-{number}"), a_file((f"{number}0", "Edsger")))

    assert len(warehouse.rows()) == 5


def test_a_replacement_of_a_table_with_triggers_asks_for_the_right_to_see_that_it_is_empty(warehouse):
    made(warehouse, KEPT["log"])
    user = warehouse.a_user("INSERT, DELETE ON people", f"CREATE ON SCHEMA {warehouse.schema}")
    loader = warehouse.loader(user=user, receipts=f"{warehouse.schema}.receipts")

    with pytest.raises(DestinationRefused, match="lacks the right to SELECT"):
        warehouse.load(a_unit(target=REPLACE), a_file(("3", "Edsger")), loader=loader)


def test_rows_that_a_trigger_keeps_from_being_unloaded_leave_the_load_as_it_was(warehouse):
    target = a_target(lineage=Lineage.AUTO)
    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))
    before = warehouse.rows()
    warehouse.person(trigger("BEFORE DELETE", "RETURN NULL;"))

    with pytest.raises(DestinationRefused, match="kept 1 rows of the load"):
        warehouse.loader().unload(target, LoadId("load-1"))

    assert warehouse.rows() == before
    assert set(warehouse.loader().receipts([LoadId("load-1")])) == {"load-1"}


def test_a_receipt_that_the_table_of_receipts_does_not_keep_undoes_the_load(warehouse):
    loader = warehouse.loader(receipts=f"{warehouse.schema}.receipts")
    warehouse.load(a_unit("load-1"), a_file(("1", "Ada")), loader=loader)
    warehouse.person(trigger("BEFORE INSERT", "RETURN NULL;", on="receipts"))

    with pytest.raises(DestinationRefused, match="kept 0 of 1 receipts"):
        warehouse.load(a_unit("load-2"), a_file(("2", "Grace")), loader=loader)

    assert warehouse.rows() == people(("1", "Ada"))


def test_the_doctor_names_tables_whose_rows_row_security_hides(warehouse):
    warehouse.person("CREATE TABLE people (id text, name text); ALTER TABLE people ENABLE ROW LEVEL SECURITY")
    user = warehouse.a_user("ALL ON people", f"CREATE ON SCHEMA {warehouse.schema}")

    found = [each for each in warehouse.loader(user=user).examine() if each.check == "tables"]

    assert [(each.health, each.what.split(":")[0]) for each in found if each.health is not Health.OK] == [
        (Health.WARNING, "Row security of table people applies to the user")
    ]


@pytest.mark.parametrize("table", ["", "PARTITION BY LIST (id)"], ids=["plain", "partitioned"])
@pytest.mark.parametrize("acts", ["CASCADE", "SET NULL"])
def test_a_replacement_that_a_foreign_key_passes_on_to_rows_of_another_table_is_undone(
    warehouse, acts, table
):
    warehouse.person(f"CREATE TABLE people (id text PRIMARY KEY, name text) {table}")
    if table:
        warehouse.person("CREATE TABLE rest PARTITION OF people DEFAULT")
    warehouse.person(
        f"CREATE TABLE orders (number text, person text REFERENCES people (id) ON DELETE {acts})"
    )
    warehouse.person("INSERT INTO people VALUES ('1', 'Ada'); INSERT INTO orders VALUES ('o', '1')")

    with pytest.raises(DestinationRefused, match=r"would delete or change rows of (\w+\.)?orders"):
        warehouse.load(a_unit(target=REPLACE), a_file(("1", "Ada"), ("2", "Grace")))

    assert warehouse.rows() == people(("1", "Ada"))
    assert warehouse.rows("orders") == [{"number": "o", "person": "1"}]


@pytest.mark.parametrize(
    ("clause", "whom"),
    [("ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED", "1"), ("ON DELETE CASCADE", None)],
    ids=["as the hint says", "refers to none"],
)
def test_a_replacement_that_reaches_no_row_of_another_table_is_made(warehouse, clause, whom):
    warehouse.person(
        "CREATE TABLE people (id text PRIMARY KEY, name text);"
        f"CREATE TABLE orders (number text, person text REFERENCES people (id) {clause})"
    )
    warehouse.person("INSERT INTO people VALUES ('1', 'Ada')")
    warehouse.person(f"INSERT INTO orders VALUES ('o', {whom or 'NULL'})")  # noqa: S608  constants

    warehouse.load(a_unit(target=REPLACE), a_file(("1", "Ada")))

    assert warehouse.rows() == people(("1", "Ada"))
    assert warehouse.rows("orders") == [{"number": "o", "person": whom}]


SWAP = "DELETE FROM people WHERE id = '1'; INSERT INTO people VALUES ('9', 'other'); RETURN NULL;"


@pytest.mark.parametrize("target", [APPEND, UPSERT], ids=lambda target: target.mode)
def test_an_earlier_row_that_a_trigger_exchanges_for_another_is_noticed(warehouse, target):
    made(warehouse, trigger("AFTER INSERT", SWAP))
    warehouse.person(
        "DROP TRIGGER odd ON people; CREATE TRIGGER odd AFTER INSERT ON people FOR EACH ROW "
        "WHEN (NEW.name <> 'other') EXECUTE FUNCTION odd()"
    )

    with pytest.raises(
        RowsNotKept, match=r"1 rows of the table were deleted, but not by the load \(trigger odd\)"
    ):
        warehouse.load(a_unit(target=target), a_file(("3", "Edsger")))

    assert warehouse.rows() == people(*EARLIER)


@pytest.mark.parametrize("target", [APPEND, REPLACE], ids=lambda target: target.mode)
@pytest.mark.parametrize("table", ["", "PARTITION BY LIST (id)"], ids=["plain", "partitioned"])
def test_rows_that_lose_their_load_by_a_trigger_are_noticed(warehouse, target, table):
    warehouse.person(f"CREATE TABLE people (id text, name text, _load_id text) {table}")
    if table:
        warehouse.person("CREATE TABLE rest PARTITION OF people DEFAULT")
    warehouse.person(trigger("BEFORE INSERT", "NEW._load_id := 'other'; RETURN NEW;"))

    with pytest.raises(
        RowsNotKept, match=r"Of 1 inserted rows, only 0 have the load's _load_id \(trigger odd\)"
    ):
        warehouse.load(a_unit(target=replace(target, lineage=Lineage.AUTO)), a_file(("3", "Edsger")))

    assert warehouse.rows() == []


@pytest.mark.parametrize("acts", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_the_doctor_names_foreign_keys_that_a_replacement_would_pass_on(warehouse, acts):
    warehouse.person(
        "CREATE TABLE people (id text PRIMARY KEY, boss text REFERENCES people ON DELETE CASCADE)"
    )
    warehouse.person(f"CREATE TABLE orders (person text REFERENCES people (id) ON DELETE {acts})")
    warehouse.person("CREATE TABLE others (person text REFERENCES people (id))")

    found = [each for each in warehouse.loader().examine() if each.check == "foreign-keys"]

    assert [
        (each.health, f"refers to table people with ON DELETE {acts}" in each.what) for each in found
    ] == [(Health.WARNING, True)]
