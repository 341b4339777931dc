"""Who is at work, and whose turn it is at a destination."""

from __future__ import annotations

import sqlalchemy as sa

from bucketlift.engine.worker.processes import Process, Processes
from bucketlift.ledger import tables
from bucketlift.ledger.runs.slots import Slots
from bucketlift.ledger.runs.workers import Workers
from bucketlift.model.worker import STALE, WorkerKind


def enter(workers: Workers, *names: str) -> None:
    for name in names:
        workers.enter(name, name=f"{name}'s place", host="here", kind=WorkerKind.WORKER)


def age(database, worker: str, seconds: float) -> None:
    """Let a worker's last sign of life lie back."""
    row = tables.workers.c.id == worker
    with database.writing() as connection:
        at = connection.scalar(sa.select(tables.workers.c.beat_at).where(row))
        moved = at - STALE * (seconds / STALE.total_seconds())
        connection.execute(sa.update(tables.workers).where(row).values(beat_at=moved))


def test_a_worker_is_fresh_until_it_leaves(database):
    workers = Workers(database)

    enter(workers, "one")
    before = workers.fresh("one")
    workers.leave("one")

    assert (before, workers.fresh("one"), workers.all()) == (True, False, ())


def test_a_worker_that_falls_silent_is_not_fresh_until_it_gives_a_sign_again(database):
    workers = Workers(database)
    enter(workers, "one")
    age(database, "one", STALE.total_seconds() + 1)

    silent = workers.fresh("one")
    workers.beat("one", draining=True)

    assert silent is False
    assert [(each.id, each.name, each.fresh, each.draining) for each in workers.all()] == [
        ("one", "one's place", True, True)
    ]


def test_a_sign_from_the_future_is_not_fresh(database):
    workers = Workers(database)
    enter(workers, "before the clock was set back")
    age(database, "before the clock was set back", -30)

    assert workers.fresh("before the clock was set back") is False


def test_the_kernel_is_believed_and_no_clock_where_one_machine_has_the_ledger(database, tmp_path):
    with Process(tmp_path) as living:
        living.count()
        workers = Workers(database, Processes(tmp_path))
        enter(workers, living.id, "killed")
        age(database, living.id, 86_000)
        age(database, "killed", -86_000)

        found = {each.id: each.fresh for each in workers.all()}

        assert found == {living.id: True, "killed": False}
        assert (workers.fresh(living.id), workers.fresh("killed")) == (True, False)


def test_those_long_dead_are_forgotten_when_another_enters(database):
    workers = Workers(database)
    enter(workers, "long dead", "lately dead", "of a wrong clock")
    age(database, "long dead", 2 * 86_400)
    age(database, "lately dead", 3_600)
    age(database, "of a wrong clock", -2 * 86_400)

    enter(workers, "new")

    assert {each.id for each in workers.all()} == {"lately dead", "new"}


def test_no_more_slots_are_taken_than_the_destination_has(database):
    slots = Slots(database)

    taken = [slots.take("warehouse", 2, holder, lambda _: True) for holder in ("one", "two", "three")]

    assert taken == [0, 1, None]


def test_a_slot_that_is_given_back_or_whose_holder_died_is_taken_again(database):
    slots = Slots(database)
    for holder in ("one", "dead"):
        slots.take("warehouse", 2, holder, lambda _: True)
    slots.drop("warehouse", 0, "one")

    taken = [slots.take("warehouse", 2, holder, lambda other: other != "dead") for holder in ("a", "b", "c")]

    assert taken == [0, 1, None]


def test_a_worker_that_lost_its_slot_takes_it_from_nobody_when_it_gives_it_back(database):
    slots = Slots(database)
    slots.take("warehouse", 1, "frozen", lambda _: True)
    slots.take("warehouse", 1, "other", lambda _: False)

    slots.drop("warehouse", 0, "frozen")

    assert slots.take("warehouse", 1, "third", lambda _: True) is None


def test_free_workflows_are_those_with_a_run_that_nobody_is_at(ledger):
    while_it_lives = ledger.runs.free(lambda workflow, holder: (workflow, holder) == ("nightly", "worker-1"))
    when_it_is_dead = ledger.runs.free(lambda *_: False)
    ledger.runs.drop_lease(ledger.lease)

    assert (while_it_lives, when_it_is_dead) == ((), ("nightly",))
    assert ledger.runs.free(lambda *_: True) == ("nightly",)
