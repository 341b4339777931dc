"""A worker that stands still in the middle of a load while another one takes its work over."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from bucketlift.errors import DestinationBusy
from bucketlift.loaders.postgresql.blockers import UNIT_LOCK
from bucketlift.model.load import LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, people
from integration.postgresql.frozen import a_worker
from integration.postgresql.warehouse import BRISK

KEYED = "CREATE TABLE people (id text PRIMARY KEY, name text)"
PLAIN = "CREATE TABLE people (id text, name text)"
BOTH = (("1", "Ada"), ("2", "Grace"))
SOON, NEVER = 2_000, 10 * 60_000
"""When the server ends the transaction of a stopped worker, in milliseconds; NEVER is after the end of the test."""

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
    with a_worker(warehouse.url, warehouse.schema, mode, idle=NEVER) as worker:
        assert worker.says() == "half"
        worker.stop()

        warehouse.load(unit, a_file(*BOTH), loader=warehouse.loader(timeouts=BRISK))
        worker.wake()
        worker.go_on()

        assert [worker.says(), worker.says()] == ["written", "LeaseLost"]
    assert warehouse.rows() == people(*BOTH)
    assert set(warehouse.loader().receipts([LoadId("load-1")])) == {"load-1"}


@pytest.mark.parametrize("mode", WriteMode)
def test_a_worker_stopped_in_its_burst_holds_others_up_for_a_bounded_time(warehouse, mode):
    unit = a_unit(target=a_target(mode=mode, key=("id",)))
    with stopped_in_its_burst(warehouse, mode, idle=SOON) as worker:
        refusals: list[str] = []
        while loaded_is_refused(warehouse, unit, refusals):
            pass
        worker.wake()

        assert worker.says() in {"DestinationBusy", "LeaseLost"}
    # The server may end the holder after the last refusal and before its name is looked up.
    assert all("(bucketlift)" in told for told in refusals[:-1])
    assert warehouse.rows() == people(*BOTH)


@pytest.mark.parametrize("mode", WriteMode)
def test_as_long_as_a_worker_stopped_in_its_burst_has_its_locks_others_are_refused(warehouse, mode):
    unit = a_unit(target=a_target(mode=mode, key=("id",)))
    with stopped_in_its_burst(warehouse, mode, idle=NEVER) as worker:
        refusals: list[str] = []
        assert loaded_is_refused(warehouse, unit, refusals)

        warehouse.person(
            "SELECT pg_terminate_backend(pid, 60_000) FROM pg_stat_activity"
            " WHERE application_name = 'bucketlift' AND datname = current_database()"
        )
        assert not loaded_is_refused(warehouse, unit, refusals)
        worker.wake()

        assert worker.says() in {"DestinationBusy", "LeaseLost"}
    assert [("(bucketlift)" in told) for told in refusals] == [True]
    assert warehouse.rows() == people(*BOTH)


@contextmanager
def stopped_in_its_burst(warehouse, mode, *, idle):
    """It waits for a lock of a person's, is stopped there, gets the lock, and keeps its own locks in its sleep."""
    warehouse.person(KEYED)
    with warehouse.session() as person, a_worker(warehouse.url, warehouse.schema, mode, idle=idle) as worker:
        assert worker.says() == "half"
        with person.transaction():
            person.execute("LOCK people IN SHARE MODE" if mode is WriteMode.APPEND else exclusive())
            worker.go_on()
            assert worker.says() == "written"
            while not waiting(person):
                pass
            worker.stop()
        while waiting(person):
            pass
        yield worker


def loaded_is_refused(warehouse, unit, refusals):
    try:
        warehouse.load(unit, a_file(*BOTH), loader=warehouse.loader(timeouts=BRISK))
    except DestinationBusy as error:
        refusals.append(error.what)
        return True
    return False


def exclusive():
    return f"SELECT pg_advisory_xact_lock({UNIT_LOCK}::bigint << 32 | 'people'::regclass::oid::bigint)"


def waiting(person):
    """Whether the worker waits for a lock. Where the server has ended its session already, it does not."""
    return person.execute(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'bucketlift' AND wait_event_type = 'Lock'"
        " AND datname = current_database()"
    ).fetchall()
