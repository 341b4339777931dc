"""Tables in PostgreSQL that somebody else made."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.model.load import Column, Lineage, LoadId, WriteMode
from bucketlift.model.types import TypeName, ValueType
from contract.destinations import a_file, a_target, a_typed_file, a_unit, counts, people

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
KEYED = "CREATE TABLE people (id text PRIMARY KEY, name text)"


def test_a_table_is_made_with_the_fields_types_and_nothing_is_left_beside_it(warehouse):
    kinds = [
        ValueType(),
        ValueType(name=TypeName.INTEGER),
        ValueType(name=TypeName.DECIMAL, precision=12, scale=2),
        ValueType(name=TypeName.DATE),
        ValueType(name=TypeName.TIMESTAMP),
        ValueType(name=TypeName.TIMESTAMP, zoned=True),
        ValueType(name=TypeName.BOOLEAN),
    ]
    columns = [Column(name=f"c{at}", field="name", type=kind) for at, kind in enumerate(kinds)]

    warehouse.load(a_unit(target=a_target(*columns, lineage=Lineage.ON)), a_file())

    made = warehouse.person(
        "SELECT table_name, string_agg(column_name || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY attnum)"
        " AS columns FROM information_schema.columns JOIN pg_attribute a ON attname = column_name"
        " AND attrelid = format('%I.%I', table_schema, table_name)::regclass"
        " WHERE table_schema = current_schema GROUP BY table_name"
    )
    assert made == [
        {
            "table_name": "people",
            "columns": "c0 text, c1 bigint, c2 numeric(12,2), c3 date, c4 timestamp without time zone, "
            "c5 timestamp with time zone, c6 boolean, _load_id text, _source_line bigint",
        }
    ]


@pytest.mark.parametrize("target", [a_target(), UPSERT, REPLACE], ids=lambda target: target.mode)
def test_a_table_keeps_its_columns_defaults_indexes_and_grants(warehouse, target):
    warehouse.person(
        "CREATE TABLE people (extra integer DEFAULT 7, name text, number bigint GENERATED ALWAYS AS IDENTITY,"
        " loud text GENERATED ALWAYS AS (upper(name)) STORED, id text UNIQUE)"
    )

    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))

    assert warehouse.rows() == [{"extra": 7, "name": "Ada", "number": 1, "loud": "ADA", "id": "1"}]


def test_names_that_differ_by_case_are_two(warehouse):
    warehouse.person('CREATE TABLE people (id text, "Id" text, "ID" text)')
    target = a_target("id", ("Id", "name"))

    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))

    assert warehouse.rows() == [{"id": "1", "Id": "Ada", "ID": None}]


def test_a_name_of_63_bytes_is_kept_and_a_longer_one_refused(warehouse):
    longest = "ü" * 31 + "x"

    warehouse.load(a_unit(target=a_target("id", table=longest)), a_file(("1", "")))
    with pytest.raises(DestinationRefused, match="longer than PostgreSQL's limit of 63 bytes"):
        warehouse.load(a_unit("load-2", target=a_target("id", table=longest + "y")), a_file(("1", "")))

    assert warehouse.rows(longest) == [{"id": "1"}]


@pytest.mark.parametrize("name", ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"])
def test_a_system_column_is_refused_before_any_row_is_sent(warehouse, name):
    with pytest.raises(DestinationRefused, match=f"already has a system column {name}"):
        warehouse.load(a_unit(target=a_target("id", (name, "name"))), a_file(("1", "Ada")))


def test_missing_columns_are_refused_with_the_statement_that_adds_them(warehouse):
    warehouse.person("CREATE TABLE people (id text)")
    number = Column(name="born", field="name", type=ValueType(name=TypeName.DATE))
    unit = a_unit(target=a_target("id", number, lineage=Lineage.ON))
    file: dict[str, tuple[ValueType, list[Any]]] = {
        "id": (ValueType(), ["1"]),
        "name": (ValueType(name=TypeName.DATE), [date(2024, 2, 29)]),
    }

    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(unit, a_typed_file(file))

    assert refused.value.what == "The table has no column born, _load_id, _source_line"
    assert refused.value.hint.startswith(
        f'Add what is missing with: ALTER TABLE "{warehouse.schema}"."people" ADD COLUMN "born" date;'
    )
    warehouse.person(refused.value.hint.removeprefix("Add what is missing with: ").partition(" Or map")[0])
    warehouse.load(unit, a_typed_file(file))
    assert warehouse.rows() == [
        {"id": "1", "born": date(2024, 2, 29), "_load_id": "load-1", "_source_line": 2}
    ]


def test_a_column_that_needs_a_value_is_refused_with_the_statement_that_frees_it(warehouse):
    warehouse.person("CREATE TABLE people (id text, name text, born date NOT NULL)")

    with pytest.raises(DestinationRefused, match=r'"people" ALTER COLUMN "born" DROP NOT NULL;'):
        warehouse.load(a_unit(), a_file(("1", "Ada")))


@pytest.mark.parametrize(
    "computed", ["GENERATED ALWAYS AS (upper(id)) STORED", "GENERATED ALWAYS AS IDENTITY"]
)
def test_a_computed_column_cannot_be_loaded(warehouse, computed):
    kind = "bigint" if "IDENTITY" in computed else "text"
    warehouse.person(f"CREATE TABLE people (id text, name {kind} {computed})")

    with pytest.raises(DestinationRefused, match="computed by the table"):
        warehouse.load(a_unit(), a_file(("1", "Ada")))


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ("CREATE VIEW people AS SELECT 1 AS id", "a view"),
        ("CREATE MATERIALIZED VIEW people AS SELECT 1 AS id", "a materialized view"),
        ("CREATE SEQUENCE people", "a sequence"),
        ("CREATE TYPE people AS ENUM ('a')", "a type"),
    ],
)
def test_what_is_no_table_is_refused_before_any_row_is_sent(warehouse, made, kind):
    warehouse.person(made)

    with pytest.raises(DestinationRefused, match=f"belongs to {kind}"), warehouse.loader().begin(a_unit()):
        pytest.fail("it began")


def test_a_table_that_does_not_outlive_a_crash_is_refused(warehouse):
    warehouse.person("CREATE UNLOGGED TABLE people (id text, name text)")

    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(a_unit(), a_file(("1", "Ada")))

    assert refused.value.hint == (
        f'Protect its rows with: ALTER TABLE "{warehouse.schema}"."people" SET LOGGED;'
    )


@pytest.mark.parametrize("target", [a_target(), UPSERT, REPLACE], ids=lambda target: target.mode)
def test_a_partitioned_table_takes_rows_into_its_parts(warehouse, target):
    warehouse.person(
        "CREATE TABLE people (id text, name text) PARTITION BY LIST (id);"
        "CREATE TABLE one PARTITION OF people FOR VALUES IN ('1');"
        "CREATE TABLE rest PARTITION OF people DEFAULT; INSERT INTO people VALUES ('1', 'old'), ('2', 'old')"
    )

    warehouse.load(a_unit(target=target), a_file(("1", "Ada"), ("3", "Grace")))

    old = {"append": (("1", "old"), ("2", "old")), "upsert": (("2", "old"),), "replace": ()}[target.mode]
    assert warehouse.rows() == people(("1", "Ada"), ("3", "Grace"), *old)


EXACT = {
    "integer": (
        ["7", "007", "-0", "+5"],
        ["1.5", "1e3", " 1", "1_000", "0x1F", "", "3000000000", "seven", "1\n", "٣"],
    ),
    "smallint": (["7"], ["40000"]),
    "numeric(5,2)": (["1", "1.50", "1.5000", "-999.99", ".5"], ["1.005", "1000", "1e1", "", "5 ", "NaN"]),
    "numeric(3,0)": (["1", "1.0", "-999"], ["1.5", "1000"]),
    "numeric": (["1e5", "-0.10", "123456789012345678901234567890.5"], ["NaN", "Infinity", "1_0", ""]),
    "double precision": (
        ["0.1", "1e5", "0.30000000000000004", "123456789012345"],
        ["1e400", "12345678901234567890", "nan", ""],
    ),
    "real": (["0.1", "123456"], ["16777217"]),
    "date": (["2024-02-29"], ["2023-02-29", "2024-01-01 12:00:00", "2024/01/02", "infinity", "today", ""]),
    "timestamp": (
        ["2024-01-01", "2024-01-01 10:00", "2024-01-01T10:00:00.123456"],
        [
            "2024-01-01 10:00:00.1234567",
            "2024-01-01 10:00:00+02",
            "epoch",
            "2024-01-01 24:00",
            "2024-01-01 10:00:60",
        ],
    ),
    "timestamptz": (["2024-01-01 10:00+02", "2024-01-01T10:00:00Z"], ["2024-01-01 10:00", "2024-01-01"]),
    "time": (["10:00", "10:00:00.5"], ["10:00:00.1234567", "25:00", "24:00"]),
    "boolean": (["true", "FALSE", "1", "y", "Off"], ["maybe", "", " true", "tr"]),
    "varchar(3)": (["abc", "", "äöü"], ["abcd", "abc "]),
    "char(3)": (["abc", "a"], ["abcd", "a "]),
    "uuid": (["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], ["a0eebc99"]),
    "jsonb": (['{"a": 1}'], ['{"a": 1, "a": 2}', "{"]),
    "integer[]": (["{1,2}"], ["{1, 2}", "{a}", "1"]),
    "inet": (["10.0.0.1"], ["10.0.0", "10.0.0.1/32"]),
}


@pytest.mark.parametrize("target", [a_target(), UPSERT], ids=lambda target: target.mode)
@pytest.mark.parametrize(("kind", "texts"), [(kind, texts) for kind, (texts, _) in EXACT.items()])
def test_text_that_is_exactly_a_value_of_the_columns_type_is_loaded(warehouse, kind, texts, target):
    warehouse.person(f"CREATE TABLE people (id text, name {kind})")

    warehouse.load(a_unit(target=target), a_file(*((str(place), text) for place, text in enumerate(texts))))

    cast = [warehouse.person(f"SELECT CAST($${text}$$ AS {kind}) AS it")[0]["it"] for text in texts]
    assert [row["name"] for row in warehouse.rows()] == cast


@pytest.mark.parametrize("kind", EXACT)
def test_text_that_is_not_exactly_of_the_columns_type_is_refused_by_line(warehouse, kind):
    warehouse.person(f"CREATE TABLE people (id text, name {kind})")
    spelled = warehouse.person(
        "SELECT format_type(atttypid, atttypmod) AS kind FROM pg_attribute"
        " WHERE attname = 'name' AND attrelid = 'people'::regclass"
    )[0]["kind"]
    good, bad = EXACT[kind][0][0], EXACT[kind][1]

    for text in bad:
        with pytest.raises(DestinationRefused) as refused:
            warehouse.load(a_unit(), a_file(("1", good), ("2", text), ("3", good)))

        assert refused.value.what == (
            f"The value in line 3 cannot be stored exactly in the column name ({spelled})"
        ), text
    assert warehouse.rows() == []


def test_types_of_others_must_give_the_same_text_back(warehouse):
    warehouse.person(
        "CREATE TYPE \"Mood's\" AS ENUM ('ok', 'so so'); CREATE TABLE people (id text, name \"Mood's\")"
    )

    warehouse.load(a_unit(), a_file(("1", "so so")))
    with pytest.raises(DestinationRefused, match="The value in line 2 cannot be stored exactly"):
        warehouse.load(a_unit("load-2"), a_file(("1", "bad")))

    assert warehouse.rows() == people(("1", "so so"))


def test_typed_values_go_into_wider_columns_and_are_refused_by_narrower_ones(warehouse):
    warehouse.person("CREATE TABLE people (id numeric, name integer)")
    number = ValueType(name=TypeName.INTEGER)
    target = a_target(
        Column(name="id", field="id", type=number), Column(name="name", field="name", type=number)
    )

    warehouse.load(a_unit(target=target), a_typed_file({"id": (number, [2**62]), "name": (number, [-7])}))
    with pytest.raises(
        DestinationRefused, match=r"line 2 cannot be stored exactly in the column name \(integer\)"
    ):
        warehouse.load(
            a_unit("load-2", target=target), a_typed_file({"id": (number, [1]), "name": (number, [2**31])})
        )

    assert warehouse.rows() == [{"id": 2**62, "name": -7}]


def test_a_moment_stays_the_same_whatever_the_databases_zone(warehouse, postgresql):
    moment = ValueType(name=TypeName.TIMESTAMP, zoned=True)
    target = a_target(Column(name="id", field="id", type=moment))
    told = datetime(2024, 3, 10, 9, 30, tzinfo=UTC)
    zoned = type(warehouse)(
        url=postgresql.database("timezone = 'America/Denver'", "datestyle = 'SQL, DMY'"), schema="public"
    )

    zoned.load(a_unit(target=target), a_typed_file({"id": (moment, [told])}))

    assert zoned.person("SELECT id AT TIME ZONE 'UTC' = '2024-03-10 09:30' AS same FROM people") == [
        {"same": True}
    ]


TABLES = {
    "plain": "CREATE TABLE people (id text, name text)",
    "keyed": KEYED,
    "numbered": "CREATE TABLE people (id integer PRIMARY KEY, name varchar(20))",
    "elsewhere": 'CREATE TABLE people (id text COLLATE "C" UNIQUE, name text COLLATE "POSIX")',
}


@pytest.mark.parametrize("made", TABLES.values(), ids=TABLES)
def test_upserts_come_to_the_same_with_and_without_an_index(warehouse, made):
    warehouse.person(made)
    warehouse.load(a_unit("load-0", target=UPSERT), a_file(("1", "Ada"), ("2", "Grace")))

    receipts = warehouse.load(
        a_unit("load-1", "load-2", target=UPSERT),
        a_file(("1", "A. L."), ("3", "Edsger")),
        a_file(("1", "Ada"), ("3", "Edsger"), ("2", "Grace")),
    )

    assert [row["name"] for row in warehouse.rows()] == ["Ada", "Grace", "Edsger"]
    assert counts(receipts) == [("load-1", 1, 1, 0), ("load-2", 0, 1, 2)]


def test_texts_of_one_file_that_are_one_key_to_a_typed_column_are_refused_by_line(warehouse):
    warehouse.person("CREATE TABLE people (id integer, name text)")

    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(
            a_unit("load-1", "load-2", target=UPSERT), a_file(), a_file(("1", "Ada"), ("01", "Grace"))
        )

    assert refused.value.what == "Lines 2 and 3 of a file have the same key after conversion to id (integer)"
    assert warehouse.rows() == []


def test_keys_meet_byte_for_byte_also_where_the_column_ignores_case(warehouse):
    try:
        warehouse.person(
            "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("this PostgreSQL was built without ICU, which alone has such collations")
    warehouse.person(
        "CREATE TABLE people (id text COLLATE nocase, name text COLLATE nocase);"
        "INSERT INTO people VALUES ('a', 'Ada'), ('b', 'Grace')"
    )

    receipts = warehouse.load(a_unit(target=UPSERT), a_file(("A", "Ada"), ("b", "GRACE")))

    assert warehouse.rows() == people(("a", "Ada"), ("b", "GRACE"), ("A", "Ada"))
    assert counts(receipts) == [("load-1", 1, 1, 0)]


def test_values_without_an_equality_are_compared_by_their_text(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name json); INSERT INTO people VALUES ('1', '{}'), ('2', NULL)"
    )

    receipts = warehouse.load(a_unit(target=UPSERT), a_file(("1", "{}"), ("2", "{}"), ("3", "{ }")))

    assert counts(receipts) == [("load-1", 1, 1, 1)]


def test_an_upsert_rewrites_only_what_changed(warehouse):
    warehouse.person(KEYED)
    warehouse.person("INSERT INTO people VALUES ('1', 'Ada'), ('2', 'Grace')")
    [before] = warehouse.person("SELECT xmin::text, ctid::text FROM people WHERE id = '1'")

    warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada"), ("2", "Hopper")))

    assert warehouse.person("SELECT xmin::text, ctid::text FROM people WHERE id = '1'") == [before]


@pytest.mark.parametrize(
    "change", ["ALTER TABLE people ALTER name TYPE integer USING 1", "DROP TABLE people"]
)
def test_a_table_that_is_altered_or_dropped_while_it_is_loaded_is_tried_anew(warehouse, change):
    warehouse.person(KEYED)

    with warehouse.loader().begin(a_unit()) as load:
        load.write(LoadId("load-1"), a_file(("1", "7")))
        warehouse.person(change)
        with pytest.raises(DestinationBusy, match=r"in the meantime|was altered"):
            load.commit()

    assert warehouse.loader().receipts([LoadId("load-1")]) == {}
    warehouse.load(a_unit(), a_file(("1", "7")))
    assert [str(row["name"]) for row in warehouse.rows()] == ["7"]


def test_a_trigger_that_keeps_rows_out_is_refused(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text);"
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER skip BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.id = '2') EXECUTE FUNCTION skip()"
    )

    with pytest.raises(DestinationRefused, match="The table kept 1 of 2 rows"):
        warehouse.load(a_unit(), a_file(("1", "Ada"), ("2", "Grace")))

    assert warehouse.rows() == []


def test_rows_that_a_foreign_key_would_take_along_are_not_unloaded(warehouse):
    target = a_target(lineage=Lineage.AUTO)
    warehouse.person(
        "CREATE TABLE people (id text PRIMARY KEY, name text, _load_id text);"
        "CREATE TABLE pets (owner text REFERENCES people ON DELETE CASCADE)"
    )
    warehouse.load(a_unit("load-1", "load-2", target=target), a_file(("1", "Ada")), a_file(("2", "Grace")))
    warehouse.person("INSERT INTO pets VALUES ('1')")

    with pytest.raises(DestinationRefused, match="Other rows reference"):
        warehouse.loader().unload(target, LoadId("load-1"))

    assert warehouse.loader().unload(target, LoadId("load-2")) == 1
    assert warehouse.rows("pets") == [{"owner": "1"}]
    assert [row["id"] for row in warehouse.rows()] == ["1"]


@pytest.mark.parametrize("rule", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_rows_that_others_refer_to_are_not_unloaded(warehouse, rule):
    target = a_target(lineage=Lineage.AUTO)
    warehouse.person(
        "CREATE TABLE people (id text PRIMARY KEY, name text, _load_id text);"
        f"CREATE TABLE pets (owner text REFERENCES people {rule})"
    )
    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))
    warehouse.person("INSERT INTO pets VALUES ('1')")

    with pytest.raises(DestinationRefused, match="Other rows reference"):
        warehouse.loader().unload(target, LoadId("load-1"))

    assert set(warehouse.loader().receipts([LoadId("load-1")])) == {"load-1"}
