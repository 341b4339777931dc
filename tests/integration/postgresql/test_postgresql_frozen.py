"""A worker that stands still in the middle of a load while another one takes its work over."""

from __future__ import annotations

import time

import pytest

from bucketlift.errors import DestinationBusy
from bucketlift.loaders.postgresql.blockers import TURN
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, people
from integration.postgresql.frozen import a_worker
from integration.postgresql.warehouse import BRISK

KEYED = "CREATE TABLE people (id text PRIMARY KEY, name text)"
PLAIN = "CREATE TABLE people (id text, name text)"
BOTH = (("1", "Ada"), ("2", "Grace"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("mode", "made"),
    [
        ("append", None),
        ("append", PLAIN),
        ("append", KEYED),
        ("upsert", None),
        ("upsert", KEYED),
        ("replace", PLAIN),
    ],
)
def test_a_worker_stopped_among_its_rows_holds_nobody_up_and_wakes_to_nothing(warehouse, mode, made):
    if made:
        warehouse.person(made)
    unit = a_unit(target=a_target(mode=WriteMode(mode), key=("id",)))
    with a_worker(warehouse.url, warehouse.schema, mode) as worker:
        assert worker.says() == "half"
        worker.stop()

        began = time.monotonic()
        warehouse.load(unit, a_file(*BOTH), loader=warehouse.loader(patience=BRISK))
        took = time.monotonic() - began
        worker.wake()
        worker.go_on()

        assert [worker.says(), worker.says()] == ["written", "LeaseLost"]
    assert took < 2
    assert warehouse.rows() == people(*BOTH)
    assert set(warehouse.loader().receipts([LoadId("load-1")])) == {"load-1"}


@pytest.mark.parametrize("mode", WriteMode)
def test_a_worker_stopped_in_its_burst_holds_others_up_for_a_bounded_time(warehouse, mode):
    """It waits for a lock of ours, is stopped there, gets the lock, and holds its own locks in its sleep."""
    warehouse.person(KEYED)
    unit = a_unit(target=a_target(mode=mode, key=("id",)))
    with warehouse.session() as person, a_worker(warehouse.url, warehouse.schema, mode) as worker:
        assert worker.says() == "half"
        with person.transaction():
            person.execute("LOCK people IN SHARE MODE" if mode is WriteMode.APPEND else turn())
            worker.go_on()
            assert worker.says() == "written"
            wait_for(person, "wait_event_type = 'Lock'")
            worker.stop()
        wait_for(person, "state = 'idle in transaction'")

        refusals: list[str] = []
        while loaded_is_refused(warehouse, unit, refusals):
            pass
        worker.wake()

        assert worker.says() in {"DestinationBusy", "LeaseLost"}
    assert 0 < len(refusals) < 30
    assert {"(bucketlift)" in told for told in refusals} == {True}
    assert warehouse.rows() == people(*BOTH)


def loaded_is_refused(warehouse, unit, refusals):
    try:
        warehouse.load(unit, a_file(*BOTH), loader=warehouse.loader(patience=BRISK))
    except DestinationBusy as error:
        refusals.append(error.what)
        return True
    return False


def turn():
    return f"SELECT pg_advisory_xact_lock({TURN}::bigint << 32 | 'people'::regclass::oid::bigint)"


def wait_for(person, state):
    found: list[object] = []
    while not found:
        found = person.execute(
            f"SELECT 1 FROM pg_stat_activity WHERE application_name = 'bucketlift' AND {state}"  # noqa: S608  words of the test
            " AND datname = current_database()"
        ).fetchall()
