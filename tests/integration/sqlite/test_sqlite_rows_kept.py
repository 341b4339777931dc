"""Tables in SQLite that drop, replace or move rows without an error: each load of that kind is undone."""

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
LOG = "INSERT INTO logged VALUES ('log')"
EARLIER = [("1", "Ada"), ("2", "Grace")]

TABLE = "CREATE TABLE people (id TEXT, name TEXT)"


def trigger(when: str, body: str) -> str:
    return f"{TABLE}; CREATE TRIGGER odd {when} ON people BEGIN {body};END"


LOSSES: dict[str, tuple[str, Target, list[tuple[str, str | None]]]] = {
    "unique-ignore-in-the-file": (
        "CREATE TABLE people (id TEXT, name TEXT, UNIQUE (id) ON CONFLICT IGNORE)",
        APPEND,
        [("3", "Edsger"), ("3", "Tony")],
    ),
    "unique-ignore-of-an-earlier-load": (
        "CREATE TABLE people (id TEXT UNIQUE ON CONFLICT IGNORE, name TEXT)",
        APPEND,
        [("1", "A. L."), ("3", "Edsger")],
    ),
    "unique-replace-of-an-earlier-load": (
        "CREATE TABLE people (id TEXT UNIQUE ON CONFLICT REPLACE, name TEXT)",
        APPEND,
        [("1", "A. L."), ("3", "Edsger")],
    ),
    "primary-key-replace": (
        "CREATE TABLE people (id TEXT PRIMARY KEY on conflict replace, name TEXT) WITHOUT ROWID",
        APPEND,
        [("1", "A. L.")],
    ),
    "comments-within-the-clause": (
        "CREATE TABLE people (id TEXT PRIMARY KEY ON/* one */CONFLICT -- two\n IGNORE, name TEXT)",
        APPEND,
        [("1", "A. L.")],
    ),
    "not-null-ignore": (
        "CREATE TABLE people (id TEXT, name TEXT NOT NULL ON CONFLICT IGNORE)",
        APPEND,
        [("3", None), ("4", "Tony")],
    ),
    "null-replaced-by-a-default": (
        "CREATE TABLE people (id TEXT, name TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none')",
        APPEND,
        [("3", "Edsger"), ("4", None)],
    ),
    "replace-whose-null-a-named-constraint-replaces": (
        "CREATE TABLE people (id TEXT, name TEXT DEFAULT '' CONSTRAINT filled NOT NULL ON CONFLICT REPLACE)",
        REPLACE,
        [("4", None)],
    ),
    "upsert-whose-null-a-default-replaces": (
        "CREATE TABLE people (id TEXT, name TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none')",
        UPSERT,
        [("2", None), ("4", "Tony")],
    ),
    "insert-ignored-by-a-trigger": (
        trigger("BEFORE INSERT", "SELECT RAISE(IGNORE) WHERE NEW.name = 'Tony'"),
        APPEND,
        [("3", "Edsger"), ("4", "Tony")],
    ),
    "new-row-deleted-by-a-trigger": (
        trigger("AFTER INSERT", "DELETE FROM people WHERE id = NEW.id"),
        APPEND,
        [("3", "Edsger")],
    ),
    "earlier-row-deleted-by-a-trigger": (
        trigger("AFTER INSERT", "DELETE FROM people WHERE id = '1'"),
        APPEND,
        [("3", "Edsger")],
    ),
    "row-doubled-by-a-trigger": (
        trigger(
            "AFTER INSERT",
            "INSERT INTO people SELECT NEW.id, 'copy' WHERE NEW.id = '3' AND NEW.name <> 'copy'",
        ),
        APPEND,
        [("3", "Edsger")],
    ),
    "upsert-that-another-constraint-replaces": (
        "CREATE TABLE people (id TEXT, name TEXT UNIQUE ON CONFLICT REPLACE)",
        UPSERT,
        [("3", "Ada")],
    ),
    "upsert-whose-update-replaces": (
        "CREATE TABLE people (id TEXT, name TEXT UNIQUE ON CONFLICT REPLACE)",
        UPSERT,
        [("2", "Ada")],
    ),
    "upsert-whose-update-is-ignored": (
        "CREATE TABLE people (id TEXT, name TEXT UNIQUE ON CONFLICT IGNORE)",
        UPSERT,
        [("2", "Ada")],
    ),
    "upsert-whose-row-a-trigger-exchanges": (
        trigger(
            "AFTER INSERT",
            "DELETE FROM people WHERE id = NEW.id AND id = '3'; "
            "INSERT INTO people SELECT '9', NEW.name WHERE NEW.id = '3'",
        ),
        UPSERT,
        [("3", "Edsger")],
    ),
    "replace-whose-delete-is-ignored": (
        trigger("BEFORE DELETE", "SELECT RAISE(IGNORE)"),
        REPLACE,
        [("3", "Edsger")],
    ),
    "replace-unique-ignore": (
        "CREATE TABLE people (id TEXT UNIQUE ON CONFLICT IGNORE, name TEXT)",
        REPLACE,
        [("3", "Edsger"), ("3", "Tony")],
    ),
}


def made(person, sql):
    """The table with what an earlier load brought, while no trigger was there yet."""
    table, _, rest = sql.partition("; ")
    person(table)
    person("INSERT INTO people VALUES ('1', 'Ada'), ('2', 'Grace')")
    if rest:
        person(rest.replace("; ", ";\n"))


@pytest.mark.parametrize("case", LOSSES)
def test_a_load_that_the_table_does_not_keep_as_it_is_is_undone(destination, person, case):
    sql, target, rows = LOSSES[case]
    made(person, sql)

    with pytest.raises(RowsNotKept) as refused:
        destination.load(a_unit(target=target), a_file(*rows))

    assert "ON CONFLICT" in refused.value.what or "trigger odd" in refused.value.what
    assert destination.table("people") == people(*EARLIER)
    assert destination.loader.receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("case", LOSSES)
def test_the_doctor_names_each_table_that_may_not_keep_every_row(loader, person, case):
    sql, _, _ = LOSSES[case]
    made(person, sql)

    found = [each for each in loader.examine() if each.check == "tables"]

    assert [each.health for each in found] == [Health.WARNING]
    assert found[0].what.startswith("Table people may drop or replace rows: ")
    assert found[0].hint


def test_the_doctor_says_that_no_table_drops_rows(loader, person):
    person("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT UNIQUE ON CONFLICT FAIL)")

    found = [each for each in loader.examine() if each.check == "tables"]

    assert [each.health for each in found] == [Health.OK]


KEPT: dict[str, tuple[str, Target, list[tuple[str, str]], list[tuple[str, str]], tuple[int, int, int]]] = {
    "conflict-clause-without-a-conflict": (
        "CREATE TABLE people (id TEXT UNIQUE ON CONFLICT REPLACE, name TEXT)",
        UPSERT,
        [("2", "Hopper"), ("3", "Edsger")],
        [("1", "Ada"), ("2", "Hopper"), ("3", "Edsger")],
        (1, 1, 0),
    ),
    "default-that-replaces-nothing": (
        "CREATE TABLE people (id TEXT, name TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none')",
        UPSERT,
        [("2", "Hopper"), ("3", "Edsger")],
        [("1", "Ada"), ("2", "Hopper"), ("3", "Edsger")],
        (1, 1, 0),
    ),
    "log-of-changes": (
        trigger("AFTER INSERT", LOG),
        APPEND,
        [("3", "Edsger"), ("4", "Tony")],
        [*EARLIER, ("3", "Edsger"), ("4", "Tony")],
        (2, 0, 0),
    ),
    "value-set-by-a-trigger": (
        trigger("AFTER INSERT", "UPDATE people SET name = upper(name) WHERE id = NEW.id"),
        UPSERT,
        [("1", "Ada"), ("3", "Edsger")],
        [*EARLIER, ("3", "EDSGER")],
        (1, 0, 1),
    ),
    "replace": (
        trigger("AFTER DELETE", LOG),
        REPLACE,
        [("3", "Edsger")],
        [("3", "Edsger")],
        (1, 0, 0),
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_a_table_that_keeps_every_row_is_loaded_whatever_else_it_does(destination, person, case):
    sql, target, rows, wanted, counted = KEPT[case]
    person("CREATE TABLE logged (id TEXT)")
    made(person, sql)

    receipts = destination.load(a_unit(target=target), a_file(*rows))

    assert destination.table("people") == people(*wanted)
    assert counts(receipts) == [("load-1", *counted)]


def test_rows_that_a_trigger_keeps_from_being_unloaded_leave_the_load_as_it_was(destination, person):
    target = a_target(lineage=Lineage.AUTO)
    destination.load(a_unit(target=target), a_file(("1", "Ada")))
    before = destination.table("people")
    person("CREATE TRIGGER odd BEFORE DELETE ON people BEGIN SELECT RAISE(IGNORE);END")

    with pytest.raises(DestinationRefused, match="kept 1 rows of the load"):
        destination.loader.unload(target, LoadId("load-1"))

    assert destination.table("people") == before
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}


def test_a_receipt_that_the_table_of_receipts_does_not_keep_undoes_the_load(destination, person):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))
    person("CREATE TRIGGER odd BEFORE INSERT ON _bucketlift_loads BEGIN SELECT RAISE(IGNORE);END")

    with pytest.raises(DestinationRefused, match="did not keep a receipt"):
        destination.load(a_unit("load-2"), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))


@pytest.mark.parametrize("acts", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_a_replacement_that_a_foreign_key_passes_on_to_rows_of_another_table_is_undone(
    destination, person, acts
):
    person("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT)")
    person(f"CREATE TABLE orders (number TEXT, person TEXT REFERENCES People (id) ON DELETE {acts})")
    person("INSERT INTO people VALUES ('1', 'Ada'); INSERT INTO orders VALUES ('o', '1')")

    with pytest.raises(DestinationRefused, match="would delete or change rows of orders"):
        destination.load(a_unit(target=REPLACE), a_file(("1", "Ada"), ("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))
    assert destination.table("orders") == [{"number": "o", "person": "1"}]


@pytest.mark.parametrize(
    ("clause", "orders"),
    [
        ("ON DELETE NO ACTION DEFERRABLE INITIALLY DEFERRED", [("o", "1")]),
        ("ON DELETE CASCADE", [("o", None)]),
        ("ON DELETE CASCADE", []),
    ],
    ids=["as the hint says", "refers to none", "no row"],
)
def test_a_replacement_that_reaches_no_row_of_another_table_is_made(destination, person, clause, orders):
    person(
        "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT, boss TEXT REFERENCES people ON DELETE CASCADE)"
    )
    person(f"CREATE TABLE orders (number TEXT, person TEXT REFERENCES people (id) {clause})")
    person("INSERT INTO people VALUES ('1', 'Ada', '1')")
    for number, whom in orders:
        person(f"INSERT INTO orders VALUES ('{number}', {whom or 'NULL'})")  # noqa: S608  constants

    destination.load(a_unit(target=REPLACE), a_file(("1", "Ada")))

    assert destination.table("people") == [{"id": "1", "name": "Ada", "boss": None}]
    assert [(row["number"], row["person"]) for row in destination.table("orders")] == orders


SWAPS = {
    "its own row": "DELETE FROM people WHERE id = NEW.id;\nINSERT INTO people (id, name) VALUES (NEW.id, 'swapped')",
    "its own row, moved to another load": "UPDATE people SET _load_id = 'other' WHERE id = NEW.id",
}


@pytest.mark.parametrize("target", [APPEND, REPLACE], ids=lambda target: target.mode)
@pytest.mark.parametrize("body", SWAPS.values(), ids=SWAPS)
def test_rows_that_a_trigger_exchanges_for_others_are_noticed_by_their_load(
    destination, person, body, target
):
    person("CREATE TABLE people (id TEXT, name TEXT, _load_id TEXT)")
    person(f"CREATE TRIGGER odd AFTER INSERT ON people WHEN NEW._load_id IS NOT NULL BEGIN {body};END")

    with pytest.raises(
        RowsNotKept, match=r"Of 1 inserted rows, only 0 have the load's _load_id \(trigger odd\)"
    ):
        destination.load(a_unit(target=replace(target, lineage=Lineage.AUTO)), a_file(("3", "Edsger")))

    assert destination.table("people") == []


@pytest.mark.parametrize("acts", ["CASCADE", "SET NULL", "SET DEFAULT"])
def test_the_doctor_names_foreign_keys_that_a_replacement_would_pass_on(loader, person, acts):
    person("CREATE TABLE people (id TEXT PRIMARY KEY, boss TEXT REFERENCES people ON DELETE CASCADE)")
    person(f"CREATE TABLE orders (person TEXT REFERENCES people (id) ON DELETE {acts})")
    person("CREATE TABLE others (person TEXT REFERENCES people (id))")

    found = [each for each in loader.examine() if each.check == "foreign-keys"]

    assert [(each.health, each.what) for each in found] == [
        (
            Health.WARNING,
            f"A foreign key of table orders refers to table people with ON DELETE {acts}: a load with `mode: replace` into people is refused if it would delete or change rows of orders",
        )
    ]


def test_keys_that_only_the_table_makes_equal_name_its_comparison(destination, person):
    person("CREATE TABLE people (id TEXT COLLATE NOCASE PRIMARY KEY, name TEXT)")

    with pytest.raises(DestinationRefused) as refused:
        destination.load(a_unit(target=UPSERT), a_file(("a1", "Ada"), ("A1", "Grace")))

    assert refused.value.hint == (
        "Use `mode: upsert`, and set `key` to the fields of the unique columns. If these fields already are the key, the "
        "column's collation or type makes different values equal: correct these values, or recreate the column with an exact comparison. Or drop the constraint."
    )
