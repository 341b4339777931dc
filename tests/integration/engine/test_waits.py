"""A run that waits says for whom, and how long; one that waits for a dead worker can be ended."""

from __future__ import annotations

from types import SimpleNamespace

from bucketlift.ledger.runs.workers import Workers
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.worker import WorkerKind
from bucketlift.service.core.run_waits import EVERY, FIRST_REPORT, Waiting, waits_for
from bucketlift.service.runs import runs as service
from builders import NOON, a_workflow


def begun_by(bench, worker: str):
    """A run that a worker has begun, and one that waits behind it."""
    services, workers = bench.services(), Workers(bench.database)
    workers.enter(worker, name="vault-2", host="vault-2.example.com", kind=WorkerKind.COMMAND)
    Catalog(bench.database).save(workflows=(a_workflow(),), now=NOON)
    first = services.ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)
    lease = services.ledger.runs.take_lease("nightly", worker, lambda _: True)
    services.ledger.runs.begin(first.id, lease, worker=worker, now=NOON)
    return first, services.ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)


def test_it_says_for_whom_and_how_long_at_first_and_every_half_minute(bench):
    first, second = begun_by(bench, "7-abc")
    said: list[str] = []
    watch = SimpleNamespace(now=0.0)
    waits = Waiting(bench.app(), second.id, said.append, seconds=lambda: watch.now)

    for watch.now in (0.0, FIRST_REPORT, FIRST_REPORT + 1, FIRST_REPORT + EVERY, FIRST_REPORT + EVERY + 1):
        waits()

    line = (
        f"Run {second.id} waits for run {first.id}, which has been running on vault-2 (command, process 7-abc) since "
        f"2026-03-01T12:00:00.000Z. To end that run: bucketlift runs cancel {first.id}. Waited: "
    )
    assert said == [f"{line}2 s.", f"{line}32 s."]


def test_a_waiting_run_names_the_run_and_the_worker_that_it_waits_for(bench):
    first, second = begun_by(bench, "7-abc")

    answers = [waits_for(bench.app(), each) for each in bench.services().ledger.runs.unfinished("nightly")]

    assert service.listed(bench.app(), second)["waits_for"] == answers[1]
    assert answers == [
        None,
        {
            "run": first.id,
            "worker": "7-abc",
            "name": "vault-2",
            "alive": True,
            "since": "2026-03-01T12:00:00.000Z",
        },
    ]


def test_a_cancelled_run_of_a_dead_worker_is_ended_at_once(bench):
    bench.store.put("drop", "in/a", b"id,name\n1,Ada\n")
    first, _ = begun_by(bench, "dead")
    Workers(bench.database).leave("dead")

    ended = service.end_cancelled(bench.app(), service.cancel(bench.app(), first.id))

    assert ended.state.value == "cancelled"
    assert bench.rows() == []
    assert [run.state.value for run in bench.services().ledger.runs.unfinished("nightly")] == ["queued"]


def test_a_cancelled_run_of_a_live_worker_is_left_to_it(bench):
    first, _ = begun_by(bench, "7-abc")

    asked = service.end_cancelled(bench.app(), service.cancel(bench.app(), first.id))

    assert (asked.state.value, asked.cancel_asked_at) == ("running", NOON)


def test_a_begun_run_comes_before_one_that_was_asked_for_after_the_clock_was_set_back(bench):
    first, second = begun_by(bench, "7-abc")
    runs = bench.services().ledger.runs
    runs.cancel(second.id, document={}, now=NOON)
    later = runs.ask("nightly", 1, trigger="demand", now=NOON.replace(year=2025))

    assert [each.id for each in runs.unfinished("nightly")] == [first.id, later.id]
