"""Others in the same tables: who waits, who gives up, and that nothing is doubled."""

from __future__ import annotations

import threading

import pytest

from bucketlift.errors import DestinationBusy, DestinationRefused
from bucketlift.loaders.postgresql.connecting import connected
from bucketlift.loaders.postgresql.tables import require_schema
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, counts, people
from integration.postgresql.warehouse import BRISK

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
PLAIN = "CREATE TABLE people (id text, name text)"
KEYED = "CREATE TABLE people (id text PRIMARY KEY, name text)"


@pytest.mark.parametrize("target", [a_target(), UPSERT, REPLACE], ids=lambda target: target.mode)
@pytest.mark.parametrize("lock", ["ACCESS EXCLUSIVE", "SHARE"])
def test_a_lock_that_is_not_to_be_had_names_its_holder(warehouse, target, lock):
    warehouse.person(PLAIN)

    with warehouse.session() as person, person.transaction():
        person.execute(f"LOCK people IN {lock} MODE")
        with pytest.raises(DestinationBusy) as busy:
            warehouse.load(
                a_unit(target=target), a_file(("1", "Ada")), loader=warehouse.loader(timeouts=BRISK)
            )

        pid = person.info.backend_pid
    assert busy.value.what.startswith(
        f"The table is locked by session {pid} of postgres (psql), in a transaction since "
    )
    warehouse.load(a_unit(target=target), a_file(("1", "Ada")))
    assert warehouse.rows() == people(("1", "Ada"))


def test_a_row_that_somebody_else_changes_names_them_too(warehouse):
    warehouse.person(KEYED)
    warehouse.person("INSERT INTO people VALUES ('1', 'Ada')")

    with warehouse.session() as person, person.transaction():
        person.execute("UPDATE people SET name = 'A. L.'")
        with pytest.raises(DestinationBusy, match=f"session {person.info.backend_pid} of postgres"):
            warehouse.load(
                a_unit(target=UPSERT), a_file(("1", "Lovelace")), loader=warehouse.loader(timeouts=BRISK)
            )

    assert warehouse.rows() == people(("1", "A. L."))


@pytest.mark.parametrize("made", [None, PLAIN, KEYED], ids=["fresh", "plain", "keyed"])
def test_two_upserts_of_one_key_come_to_one_row(warehouse, made):
    if made:
        warehouse.person(made)

    def upsert(number):
        unit = a_unit(f"load-{number}", target=UPSERT)
        while True:
            try:
                return warehouse.load(unit, a_file(("1", f"name {number}"), (f"own {number}", "x")))
            except DestinationBusy:
                pass

    threads = [threading.Thread(target=upsert, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [row["id"] for row in warehouse.rows()] == ["1", "own 0", "own 1", "own 2", "own 3"]
    assert len(warehouse.loader().receipts([LoadId(f"load-{number}") for number in range(4)])) == 4


def test_a_table_made_while_its_name_is_looked_at_is_not_taken_for_a_type(warehouse):
    warehouse.person(PLAIN)

    with warehouse.session() as person:
        person.execute("CREATE TYPE animals AS (name text)")
    with connected(warehouse.url, BRISK) as connection:
        require_schema(connection, warehouse.schema, a_target(), makes=True)
        with pytest.raises(DestinationRefused, match="belongs to a type"):
            require_schema(connection, warehouse.schema, a_target(table="animals"), makes=True)


def test_an_upsert_sees_what_was_committed_after_it_began(warehouse):
    warehouse.person(PLAIN)

    with warehouse.loader().begin(a_unit("load-1", target=UPSERT)) as load:
        load.write(LoadId("load-1"), a_file(("1", "A. L."), ("2", "Grace")))
        warehouse.load(a_unit("load-2", target=UPSERT), a_file(("1", "Ada")))
        receipts = load.commit()

    assert counts(receipts) == [("load-1", 1, 1, 0)]
    assert warehouse.rows() == people(("1", "A. L."), ("2", "Grace"))


@pytest.mark.parametrize("first", [a_target(), REPLACE], ids=lambda target: target.mode)
def test_of_two_who_make_the_table_the_later_one_tries_again(warehouse, first):
    with warehouse.loader().begin(a_unit("load-1", target=first)) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))
        warehouse.load(a_unit("load-2"), a_file(("2", "Grace")))
        with pytest.raises(DestinationBusy, match="Another session created the table"):
            load.commit()
    warehouse.load(a_unit("load-1"), a_file(("1", "Ada")))

    assert warehouse.rows() == people(("1", "Ada"), ("2", "Grace"))


def test_readers_see_the_old_rows_until_a_replacement_is_committed(warehouse):
    warehouse.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))

    with warehouse.session() as person, person.transaction():
        person.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = person.execute("SELECT * FROM people").fetchall()
        warehouse.load(a_unit("load-2", target=REPLACE), a_file(("2", "Grace")))
        after = person.execute("SELECT * FROM people").fetchall()

    assert before == after == people(("1", "Ada"))
    assert warehouse.rows() == people(("2", "Grace"))


@pytest.mark.slow
def test_a_deadlock_is_tried_again(warehouse):
    """The unit has updated row 1 and waits for row 2, whose owner now asks for row 1."""
    warehouse.person(KEYED)
    warehouse.person("INSERT INTO people VALUES ('1', 'old'), ('2', 'old')")
    said: list[DestinationBusy] = []

    def load():
        try:
            warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada"), ("2", "Grace")))
        except DestinationBusy as error:
            said.append(error)

    with warehouse.session() as person, person.transaction():
        person.execute("SET LOCAL deadlock_timeout = '1min'")
        person.execute("UPDATE people SET name = 'mine' WHERE id = '2'")
        loading = threading.Thread(target=load)
        loading.start()
        while not blocked_by(warehouse, person):
            pass
        person.execute("UPDATE people SET name = 'mine' WHERE id = '1'")
        loading.join()

    assert [error.what for error in said] == [
        "The server rolled back the transaction in favour of another one [PostgreSQL 40P01: deadlock detected]"
    ]
    assert warehouse.rows() == people(("1", "mine"), ("2", "mine"))


def blocked_by(warehouse, person):
    return warehouse.person(
        f"SELECT 1 FROM pg_stat_activity WHERE {person.info.backend_pid} = ANY(pg_blocking_pids(pid))"  # noqa: S608  a number
    )


def test_a_row_that_a_stranger_inserts_meanwhile_is_updated_by_the_next_try(warehouse):
    warehouse.person(KEYED)
    said: list[Exception] = []

    def load():
        try:
            warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada")))
        except (DestinationBusy, DestinationRefused) as error:
            said.append(error)

    with warehouse.session() as person, person.transaction():
        person.execute("INSERT INTO people VALUES ('1', 'mine')")
        loading = threading.Thread(target=load)
        loading.start()
        while not blocked_by(warehouse, person):
            pass
    loading.join()
    warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada")))

    assert [type(error) for error in said] == [DestinationBusy]
    assert warehouse.rows() == people(("1", "Ada"))


def test_a_row_that_a_stranger_changes_meanwhile_is_updated_by_the_next_try(warehouse):
    warehouse.person(KEYED)
    warehouse.person("INSERT INTO people VALUES ('1', 'old')")
    said: list[DestinationBusy] = []

    def load():
        try:
            warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada")))
        except DestinationBusy as error:
            said.append(error)

    with warehouse.session() as person, person.transaction():
        person.execute("UPDATE people SET name = 'mine'")
        loading = threading.Thread(target=load)
        loading.start()
        while not blocked_by(warehouse, person):
            pass
    loading.join()
    warehouse.load(a_unit(target=UPSERT), a_file(("1", "Ada")))

    assert [error.what for error in said] == ["Another session changed 1 of the rows to be updated"]
    assert warehouse.rows() == people(("1", "Ada"))
