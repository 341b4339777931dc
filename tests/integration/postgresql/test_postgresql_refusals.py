"""Rows, rights, urls and places that PostgreSQL refuses: each in our words, with what to do, and nothing left."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.postgresql import PostgresqlLoader
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, people

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
MODES = [a_target(), UPSERT, REPLACE]

TABLES = {
    "unique": (
        "id text, name text CONSTRAINT one_name UNIQUE",
        "A row repeats a value that must be unique in the table (constraint one_name)",
    ),
    "not-null": (
        "id text, name text NOT NULL CHECK (true), loud text NOT NULL DEFAULT 'x'",
        "A row has no value for a NOT NULL column (column name)",
    ),
    "check": (
        "id text, name text CONSTRAINT short CHECK (name <> 'secret')",
        "A row breaks a CHECK constraint (constraint short)",
    ),
    "foreign-key": (
        "id text, name text CONSTRAINT owner REFERENCES owners",
        "A row breaks a foreign key (constraint owner)",
    ),
    "deferred": (
        "id text, name text CONSTRAINT owner REFERENCES owners DEFERRABLE INITIALLY DEFERRED",
        "A row breaks a foreign key (constraint owner)",
    ),
    "exclusion": (
        "id text, name text, CONSTRAINT apart EXCLUDE USING hash (name WITH =)",
        "A row breaks a constraint (constraint apart)",
    ),
    "too-long": (
        "id text, name varchar(5)",
        "The value in line 4 cannot be stored exactly in the column name (character varying(5))",
    ),
}


@pytest.mark.parametrize("made", TABLES)
@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_last_row_that_the_table_does_not_take_undoes_all_of_them(warehouse, made, target):
    columns, said = TABLES[made]
    warehouse.person("CREATE TABLE owners AS SELECT * FROM (VALUES ('one'), ('two'), ('none')) AS o (name)")
    warehouse.person(f"ALTER TABLE owners ADD PRIMARY KEY (name); CREATE TABLE people ({columns})")
    warehouse.person("INSERT INTO people VALUES ('0', 'none')")
    last = {"unique": "two", "not-null": None, "exclusion": "two"}.get(made, "secret")

    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(a_unit(target=target), a_file(("1", "one"), ("2", "two"), ("3", last)))

    assert refused.value.what.startswith(said)
    assert "secret" not in repr(refused.value) + str(refused.value.__cause__)
    assert [row["id"] for row in warehouse.rows()] == ["0"]
    assert warehouse.loader().receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_nul_is_refused_by_line_and_column(warehouse, target):
    with pytest.raises(DestinationRefused, match=r"The value for the column name in line 3 has a NUL"):
        warehouse.load(a_unit(target=target), a_file(("1", "\\"), ("2", "a\0b")))

    assert warehouse.loader().receipts([LoadId("load-1")]) == {}


def test_characters_that_the_database_cannot_keep_are_refused(postgresql, warehouse):
    warehouse.person("SET client_min_messages = error")
    latin = make_latin(postgresql, warehouse)

    PostgresqlLoader(latin).receipts([LoadId("load-1")])
    with pytest.raises(DestinationRefused, match="encoding does not have"):
        type(warehouse)(url=latin, schema="public").load(a_unit(), a_file(("1", "名前")))
    type(warehouse)(url=latin, schema="public").load(a_unit(), a_file(("1", "é")))

    assert type(warehouse)(url=latin, schema="public").rows() == people(("1", "é"))


def make_latin(postgresql, warehouse):
    name = f"latin_{warehouse.schema}"
    warehouse.person(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'")
    return postgresql.admin.replace("/postgres?", f"/{name}?")


def test_a_trigger_that_raises_is_not_quoted(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text);"
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not %', NEW.name; END $$;"
        "CREATE TRIGGER no BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION no()"
    )

    with pytest.raises(DestinationRefused) as refused:
        warehouse.load(a_unit(), a_file(("1", "secret")))

    assert refused.value.what == (
        "A trigger of the table refused a row [PostgreSQL P0001: message left out, it may contain a cell; "
        "raised by function public.no()]".replace("public", warehouse.schema)
    )
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
@pytest.mark.parametrize("made", [False, True], ids=["fresh", "there"])
def test_where_transactions_only_read_it_is_refused_before_any_row_is_sent(warehouse, target, made):
    user = warehouse.a_user(f"CREATE ON SCHEMA {warehouse.schema}")
    receipts = f"{warehouse.schema}.receipts"
    if made:
        warehouse.person(f"CREATE TABLE people (id text, name text); GRANT ALL ON people TO {user}")
    warehouse.person(f"ALTER ROLE {user} SET default_transaction_read_only = on")

    with pytest.raises(DestinationRefused, match="is read-only"):
        begun(warehouse, user, target, receipts=receipts)

    assert warehouse.loader(user=user, receipts=receipts).receipts([LoadId("load-1")]) == {}


def begun(warehouse, user, target, **settings):
    with warehouse.loader(user=user, **settings).begin(a_unit(target=target)):
        pytest.fail("it began")


@pytest.mark.parametrize(
    ("target", "granted", "missing"),
    [
        (a_target(), "SELECT", "INSERT"),
        (UPSERT, "INSERT", "SELECT, UPDATE"),
        (REPLACE, "SELECT, INSERT", "DELETE"),
    ],
    ids=["append", "upsert", "replace"],
)
def test_rights_on_a_table_are_named_before_any_row_is_sent(warehouse, target, granted, missing):
    warehouse.person("CREATE TABLE people (id text, name text)")
    user = warehouse.a_user(f"{granted} ON people")

    with pytest.raises(DestinationRefused) as refused:
        begun(warehouse, user, target)

    assert refused.value.what == f"The database user lacks the right to {missing}"


def test_the_least_rights_are_enough(warehouse):
    warehouse.person("CREATE TABLE people (id text, name text, other text)")
    user = warehouse.a_user("INSERT (id, name) ON people", f"CREATE ON SCHEMA {warehouse.schema}")
    loader = warehouse.loader(user=user, receipts=f"{warehouse.schema}.receipts")

    warehouse.load(a_unit(), a_file(("1", "Ada")), loader=loader)

    assert warehouse.rows() == [{"id": "1", "name": "Ada", "other": None}]
    assert set(loader.receipts([LoadId("load-1")])) == {"load-1"}


def test_a_table_that_may_not_be_made_is_refused_with_the_grant(warehouse):
    user = warehouse.a_user()

    with pytest.raises(DestinationRefused) as refused:
        begun(warehouse, user, a_target())

    assert refused.value.what == "The database user may not create a table in the schema"
    assert refused.value.hint.startswith(
        f'Grant the right with: GRANT CREATE ON SCHEMA "{warehouse.schema}" TO {user};'
    )


def test_a_schema_that_is_not_there_is_refused_with_the_statement(warehouse):
    with pytest.raises(DestinationRefused, match='CREATE SCHEMA "no such";'):
        begun(warehouse, None, a_target(), schema="no such")


def test_row_security_that_hides_rows_is_refused_where_all_must_be_seen(warehouse):
    warehouse.person(
        "CREATE TABLE people (id text, name text); ALTER TABLE people ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON people USING (id = '1')"
    )
    user = warehouse.a_user("ALL ON people", f"CREATE ON SCHEMA {warehouse.schema}")

    for target in (UPSERT, REPLACE):
        with pytest.raises(DestinationRefused, match="Row security hides rows"):
            begun(warehouse, user, target)
    folder = f"{warehouse.schema}.receipts"
    warehouse.load(a_unit(), a_file(("1", "Ada")), loader=warehouse.loader(user=user, receipts=folder))

    assert warehouse.rows() == people(("1", "Ada"))


def at(url, **parts):
    known = {key: value for key, value in conninfo_to_dict(url).items() if value} | parts
    return " ".join(f"{key}='{value}'" for key, value in known.items())


@pytest.mark.parametrize(
    ("parts", "kind", "said"),
    [
        ({"dbname": "no_such"}, DestinationRefused, "The server has no such database"),
        ({"user": "no_such"}, DestinationRefused, "The server has no such user"),
        ({"host": "127.0.0.1", "port": "1"}, DestinationBusy, "The server cannot be reached"),
        ({"host": "no-such-host.invalid"}, DestinationBusy, "The server cannot be reached"),
    ],
    ids=["database", "user", "port", "host"],
)
def test_a_place_that_is_not_there_is_named_without_the_password(warehouse, parts, kind, said):
    url = at(warehouse.url, password="s3cret", **parts)

    with pytest.raises(kind) as refused:
        PostgresqlLoader(url).receipts([LoadId("load-1")])

    assert refused.value.what.startswith(f"{said} [PostgreSQL: ")
    assert "s3cret" not in repr(refused.value)
    assert "s3cret" not in repr(PostgresqlLoader(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@[::1/x",
        "postgresql://u:s3cret@h/d?nonsense=1",
        "s3cret",
        "mysql://u:s3cret@h/d",
    ],
)
def test_a_url_that_is_none_is_refused_and_not_repeated(url):
    with pytest.raises(DestinationRefused, match="not a valid PostgreSQL URL") as refused:
        PostgresqlLoader(url).receipts([LoadId("load-1")])

    assert "s3cret" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_too_many_connections_are_waited_for(warehouse):
    user = warehouse.a_user()
    warehouse.person(f"ALTER ROLE {user} CONNECTION LIMIT 0")

    with pytest.raises(DestinationBusy, match="no connection left"):
        warehouse.loader(user=user).receipts([LoadId("load-1")])


def test_a_user_who_may_not_log_in_is_refused(warehouse):
    user = warehouse.a_user()
    warehouse.person(f"ALTER ROLE {user} NOLOGIN")

    with pytest.raises(DestinationRefused, match="may not connect"):
        warehouse.loader(user=user).receipts([LoadId("load-1")])
