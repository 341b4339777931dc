"""What waits for a person and what is still to be done to objects, on either kind of ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.ledger.claims.waiting import Group, Waiting
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import Delete
from builders import NOON, a_pinned, a_source
from integration.ledger.test_files import committed, pin

WEEK = timedelta(days=7)


@pytest.fixture
def waiting(ledger):
    return Waiting(ledger.database)


def a_held(key, reason):
    return a_pinned(a_source(key), state=FileState.HELD, reason=reason, what="So it is", hint="Do this")


def test_files_that_wait_are_grouped_filtered_and_paged(ledger, waiting):
    pin(
        ledger,
        a_held("in/b.csv", "extra-column"),
        a_held("in/a.csv", "extra-column"),
        a_held("in/c.csv", "empty"),
        a_pinned(a_source("in/d.csv")),
    )

    assert set(waiting.groups()) == {
        Group(workflow="nightly", state=FileState.HELD, reason="extra-column", files=2),
        Group(workflow="nightly", state=FileState.HELD, reason="empty", files=1),
    }
    assert [each.source.key for each in waiting.files()] == ["in/a.csv", "in/b.csv", "in/c.csv"]
    assert [each.source.key for each in waiting.files(reason="extra-column", limit=1, offset=1)] == [
        "in/b.csv"
    ]
    assert waiting.files(workflow="hourly") == []


def test_the_count_needs_no_look_at_files_that_do_not_wait(ledger):
    with ledger.database.reading() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by how many rows there are")
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT workflow, count(*) FROM claims "
            "WHERE state IN ('held', 'action-held', 'archived-tier') GROUP BY workflow"
        ).all()

    assert any("claims_in_need" in str(row) for row in plan)


def test_every_occurrence_of_a_key_is_told_the_newest_first(ledger, waiting):
    first, second = a_pinned(), a_pinned(a_source(etag="e2", occurrence=2))
    pin(ledger, first)
    ledger.manifests.unpin(ledger.run, ledger.lease)
    pin(ledger, second, a_pinned(a_source("in/other.csv")))

    found = waiting.under(first.source)

    assert [(each.source.occurrence, each.source.etag) for each in found] == [(2, "e2"), (1, "e1")]
    assert {each.source.key for each in found} == {"in/a.csv"}


def test_delayed_actions_come_in_the_order_of_their_times_until_they_are_due(ledger, waiting):
    late, soon = a_pinned(a_source("in/late.csv")), a_pinned(a_source("in/soon.csv"))
    pin(ledger, late, soon)
    committed(ledger, late, Delete(delay=2 * WEEK))
    committed(ledger, soon, Delete(delay=WEEK))

    before = [(each.claim.source.key, each.due_at) for each in waiting.delayed(now=NOON)]
    after = [each.claim.source.key for each in waiting.delayed(now=NOON + WEEK)]

    assert before == [("in/soon.csv", NOON + WEEK), ("in/late.csv", NOON + 2 * WEEK)]
    assert after == ["in/late.csv"]
    assert (waiting.count_delayed(now=NOON), waiting.count_delayed(now=NOON + 3 * WEEK)) == (2, 0)


def test_an_action_that_is_wanted_now_is_due_now_and_only_while_it_waits(ledger, waiting):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned, Delete(delay=WEEK))

    hastened = waiting.make_due(pinned.claim, now=NOON), waiting.make_due(pinned.claim, now=NOON)

    (due,) = ledger.outbox.due("nightly", now=NOON, limit=10)
    entry = waiting.entry(pinned.claim)
    assert (hastened, due.claim) == ((True, False), pinned.claim)
    assert (entry.state, entry.due_at, entry.changeable) == (ActionState.WAITING, NOON, True)


def test_a_delete_that_was_sent_can_be_changed_no_more(ledger, waiting):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned, Delete(delay=WEEK))
    ledger.outbox.send(ledger.lease, [pinned.claim], now=NOON)

    entry = waiting.entry(pinned.claim)

    assert (entry.state, entry.sent_at, entry.changeable) == (ActionState.SENT, NOON, False)
    assert waiting.make_due(pinned.claim, now=NOON) is False


def test_a_file_without_an_action_has_no_entry(ledger, waiting):
    pinned = a_pinned()
    pin(ledger, pinned)

    assert waiting.entry(pinned.claim) is None
