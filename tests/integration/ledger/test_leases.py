"""One worker writes for a workflow, and a stale one is refused."""

from __future__ import annotations

import pytest

from bucketlift.errors import LeaseLost
from builders import NOON


def test_a_live_holder_keeps_its_lease(ledger):
    assert ledger.runs.take_lease("nightly", "worker-2", lambda _: True) is None


def test_a_dead_holders_lease_passes_on_and_what_it_still_sends_is_refused(ledger):
    ledger.runs.take_lease("nightly", "worker-2", lambda _: False)

    with pytest.raises(LeaseLost):
        ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)


def test_a_dropped_lease_can_be_taken_while_its_holder_lives(ledger):
    ledger.runs.drop_lease(ledger.lease)

    taken = ledger.runs.take_lease("nightly", "worker-2", lambda _: True)

    assert taken is not None
    assert taken.token == ledger.lease.token + 1


def test_dropping_a_stale_lease_leaves_the_new_one_alone(ledger):
    ledger.runs.take_lease("nightly", "worker-2", lambda _: False)

    ledger.runs.drop_lease(ledger.lease)

    assert ledger.runs.take_lease("nightly", "worker-3", lambda _: True) is None


def test_later_triggers_join_the_run_that_waits(ledger):
    again = ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)

    assert again.id == ledger.run


def test_a_run_that_has_begun_is_not_joined(ledger):
    ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)

    again = ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)

    assert again.id != ledger.run
    assert [run.id for run in ledger.runs.unfinished("nightly")] == [ledger.run, again.id]
