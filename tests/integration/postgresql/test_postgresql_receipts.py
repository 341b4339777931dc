"""Where receipts are kept, and what a doctor says of a database."""

from __future__ import annotations

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.finding import Health
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, counts
from integration.postgresql.warehouse import Warehouse, a_warehouse

LOADS = [LoadId("load-1"), LoadId("load-2")]


@pytest.fixture
def warehouse(postgresql):
    """In a database of its own: the schema of receipts is the database's."""
    return a_warehouse(postgresql.database())


def places(warehouse):
    found = warehouse.person(
        "SELECT table_schema || '.' || table_name AS place FROM information_schema.columns"
        " WHERE column_name = 'committed_at' ORDER BY 1"
    )
    return [row["place"] for row in found]


def test_receipts_are_kept_in_a_schema_of_their_own_and_say_whose_they_are(warehouse):
    warehouse.load(a_unit(), a_file(("1", "Ada")), loader=warehouse.loader(installation="ours"))

    [receipt] = warehouse.person("SELECT * FROM bucketlift.loads")
    assert receipt.pop("committed_at").tzname() == "UTC"
    assert receipt == {
        "load_id": "load-1",
        "schema": warehouse.schema,
        "table": "people",
        "inserted": 1,
        "updated": 0,
        "unchanged": 0,
        "mode": "append",
        "installation": "ours",
    }


def test_where_no_schema_may_be_made_receipts_are_kept_beside_the_table(warehouse):
    user = warehouse.a_user(f"CREATE ON SCHEMA {warehouse.schema}")

    warehouse.load(a_unit(), a_file(("1", "Ada")), loader=warehouse.loader(user=user))

    assert places(warehouse) == [f"{warehouse.schema}._bucketlift_loads"]
    assert set(warehouse.loader(user=user).receipts(LOADS)) == {"load-1"}


def test_receipts_stay_where_they_are_when_a_better_place_may_be_made_later(warehouse):
    user = warehouse.a_user(f"CREATE ON SCHEMA {warehouse.schema}")
    loader = warehouse.loader(user=user)
    warehouse.load(a_unit("load-1"), a_file(), loader=loader)
    warehouse.person(f"CREATE SCHEMA bucketlift AUTHORIZATION {user}")

    warehouse.load(a_unit("load-2"), a_file(), loader=loader)

    assert places(warehouse) == [f"{warehouse.schema}._bucketlift_loads"]
    assert set(loader.receipts(LOADS)) == set(LOADS)


def test_the_place_can_be_chosen(warehouse):
    warehouse.person('CREATE SCHEMA "Ops"')
    loader = warehouse.loader(receipts="Ops.lift receipts")

    warehouse.load(a_unit(), a_file(), loader=loader)

    assert places(warehouse) == ["Ops.lift receipts"]
    assert set(loader.receipts(LOADS)) == {"load-1"}


@pytest.mark.parametrize("chosen", ["loads", ".loads", "ops."])
def test_a_place_that_is_not_written_as_one_is_refused(warehouse, chosen):
    with pytest.raises(DestinationRefused, match=r"does not have the form SCHEMA\.TABLE"):
        warehouse.load(a_unit(), a_file(), loader=warehouse.loader(receipts=chosen))


def test_receipts_that_may_not_be_used_are_refused_and_never_passed_over(warehouse):
    warehouse.load(a_unit("load-1"), a_file())
    user = warehouse.a_user(f"CREATE ON SCHEMA {warehouse.schema}", "ALL ON people")

    with pytest.raises(DestinationRefused, match="GRANT USAGE ON SCHEMA") as refused:
        warehouse.load(a_unit("load-2"), a_file(), loader=warehouse.loader(user=user))

    for statement in refused.value.hint.removeprefix("Grant the right with: ").split(";")[:2]:
        warehouse.person(statement)
    warehouse.load(a_unit("load-2"), a_file(), loader=warehouse.loader(user=user))
    assert set(warehouse.loader(user=user).receipts(LOADS)) == set(LOADS)


def test_a_table_of_others_in_the_place_of_receipts_is_refused(warehouse):
    warehouse.person("CREATE SCHEMA bucketlift; CREATE TABLE bucketlift.loads (id integer)")

    with pytest.raises(DestinationRefused, match=r"bucketlift\.loads does not have the columns"):
        warehouse.load(a_unit(), a_file(("1", "Ada")))


def test_receipts_that_do_not_outlive_a_crash_are_refused(warehouse):
    warehouse.load(a_unit("load-1"), a_file())
    warehouse.person("ALTER TABLE bucketlift.loads SET UNLOGGED")

    with pytest.raises(DestinationRefused, match="SET LOGGED"):
        warehouse.loader().receipts(LOADS)


def test_schemas_of_one_database_share_a_place_and_no_receipt(warehouse):
    warehouse.person("CREATE SCHEMA elsewhere")
    other = Warehouse(url=warehouse.url, schema="elsewhere")
    replace = a_target(mode=WriteMode.REPLACE)

    mine = warehouse.load(a_unit("load-1", target=replace), a_file(("1", "Ada")))
    theirs = other.load(a_unit("load-1", target=replace), a_file())
    other.load(a_unit("load-2", target=replace), a_file())

    assert warehouse.loader().receipts(LOADS) == {"load-1": mine[0]}
    assert set(other.loader().receipts(LOADS)) == {"load-2"}
    assert counts(mine + theirs) == [("load-1", 1, 0, 0), ("load-1", 0, 0, 0)]


def told(loader):
    return {each.check: (each.health, each.what) for each in loader.examine()}


def test_a_doctor_tells_of_reach_rights_places_and_durability(warehouse):
    found = told(warehouse.loader())

    version = warehouse.person("SHOW server_version")[0]["server_version"]
    database = warehouse.person("SELECT current_database() AS it")[0]["it"]
    assert found == {
        "reach": (Health.OK, f"PostgreSQL {version}, database {database}, user postgres"),
        "transaction": (Health.OK, "All statements of a transaction reach the same session of the server"),
        "write": (Health.OK, "The server accepts writes"),
        "schema": (Health.OK, f"Tables can be created in the schema {warehouse.schema}"),
        "staging": (Health.OK, "Temporary tables can be created"),
        "receipts": (Health.OK, "Receipts are kept in bucketlift.loads, which the first load creates"),
        "tls": (Health.OK, "The connection does not leave this machine"),
        "tables": (Health.OK, "Found no table that drops or replaces rows"),
        "synchronous_commit": (Health.OK, "synchronous_commit is on"),
        "fsync": (Health.OK, "fsync is on"),
        "full_page_writes": (Health.OK, "full_page_writes is on"),
    }
    assert places(warehouse) == []


def test_a_doctor_names_what_a_user_may_not(warehouse):
    user = warehouse.a_user()
    warehouse.person(
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM public', current_database());"
        f" EXECUTE format('GRANT CONNECT ON DATABASE %I TO {user}', current_database()); END $$"
    )

    found = told(warehouse.loader(user=user))

    assert {check: health for check, (health, _) in found.items() if health is not Health.OK} == {
        "schema": Health.WARNING,
        "staging": Health.MISSING,
        "receipts": Health.MISSING,
    }


def test_a_doctor_warns_of_commits_that_do_not_last_and_loads_wait_for_theirs(warehouse):
    warehouse.person(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
    )
    warehouse.person(
        "CREATE TABLE people (id text, name text DEFAULT current_setting('synchronous_commit'));"
    )

    found = told(warehouse.loader())
    warehouse.load(a_unit(target=a_target("id")), a_file(("1", "")))

    assert found["synchronous_commit"][0] is Health.WARNING
    assert warehouse.rows() == [{"id": "1", "name": "on"}]


def test_a_doctor_says_why_a_database_is_out_of_reach(warehouse):
    [finding] = warehouse.loader(user="no_such").examine()

    assert (finding.check, finding.health) == ("reach", Health.MISSING)
    assert finding.what.startswith("The server has no such user [PostgreSQL: ")
