"""Claims, manifests and the outbox in a real ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bucketlift.errors import IllegalMove, LeaseLost, ListingRaced
from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.model.claim import ClaimReceipt, KeyFacts, Suspicion
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.load import LoadId
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.source import StoreId
from bucketlift.model.transition import Attempt, Content, Transition
from bucketlift.model.workflow import Delete, Keep
from builders import NOON, a_listing, a_pinned, a_source


def pin(ledger, *pinned, task="files"):
    page = [(each, position, 0) for position, each in enumerate(pinned)]
    ledger.manifests.pin(ledger.run, ledger.lease, task, page, now=NOON)


def facts(ledger, *listed):
    return ledger.survey.facts(StoreId("aws"), "drop", listed, workflow="nightly", task="files")


def states(ledger):
    found = ledger.claims.find(workflow="nightly")
    return {(claim.source.key, claim.source.occurrence): (claim.state.value, claim.reason) for claim in found}


def receipt(claim):
    return ClaimReceipt(
        claim=claim,
        load_task="people",
        load=LoadId("1" * 64),
        destination="warehouse",
        table="people",
        inserted=3,
        updated=0,
        unchanged=0,
        committed_at=NOON,
    )


def committed(ledger, pinned, action=None):
    staged = Transition(claim=pinned.claim, to=FileState.STAGED, content=Content(rows=3))
    ledger.claims.record(ledger.lease, [staged], now=NOON)
    ledger.claims.record_receipts(
        ledger.lease, ledger.run, [receipt(pinned.claim)], {pinned.claim: ["people"]}
    )
    ledger.outbox.commit(ledger.lease, [(pinned.claim, action or Delete())], now=NOON)


def test_a_key_that_nobody_knows_has_no_facts(ledger):
    assert facts(ledger, a_listing()) == [KeyFacts()]


def test_a_pinned_object_is_known_by_its_claim(ledger):
    pin(ledger, a_pinned())

    (known,) = facts(ledger, a_listing())

    assert (known.newest, known.claim.state) == (a_source(), FileState.CLAIMED)


def test_a_claim_of_another_task_is_no_claim_of_this_one(ledger):
    pin(ledger, a_pinned(), task="others")

    (known,) = facts(ledger, a_listing())

    assert (known.newest, known.claim) == (a_source(), None)


def test_members_come_in_their_order_batch_by_batch(ledger):
    one, two, three = (a_pinned(a_source(key)) for key in ("in/c", "in/a", "in/b"))
    ledger.manifests.pin(
        ledger.run, ledger.lease, "files", [(one, 1, 0), (two, 2, 0), (three, 3, 1)], now=NOON
    )

    batches = [
        [member.claim.source.key for member in ledger.manifests.batch(ledger.run, "files", number)]
        for number in range(3)
    ]

    assert batches == [["in/c", "in/a"], ["in/b"], []]


def test_a_newer_occurrence_supersedes_what_was_not_read_and_drops_what_was_pending(ledger):
    unread, loaded = a_pinned(a_source("in/unread")), a_pinned(a_source("in/loaded"))
    pin(ledger, unread, loaded)
    committed(ledger, loaded)
    ledger.manifests.unpin(ledger.run, ledger.lease)

    pin(
        ledger,
        a_pinned(a_source("in/unread", etag="e2", occurrence=2)),
        a_pinned(a_source("in/loaded", etag="e2", occurrence=2)),
    )

    assert states(ledger) == {
        ("in/loaded", 1): ("done", "source-replaced"),
        ("in/loaded", 2): ("claimed", None),
        ("in/unread", 1): ("superseded", "superseded"),
        ("in/unread", 2): ("claimed", None),
    }
    assert ledger.outbox.due("nightly", now=NOON, limit=10) == []


def test_two_runs_that_see_other_bytes_as_one_occurrence_do_not_both_win(ledger):
    pin(ledger, a_pinned(a_source()))

    with pytest.raises(ListingRaced):
        pin(ledger, a_pinned(a_source(etag="other")))


def test_nothing_is_written_with_a_stale_lease(ledger):
    ledger.runs.take_lease("nightly", "worker-2", lambda _: False)

    with pytest.raises(LeaseLost):
        pin(ledger, a_pinned())

    assert states(ledger) == {}


def test_rejects_are_kept_with_their_bytes_and_replaced_as_a_whole(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    first = Reject(line=2, offset=9, raw=b'\xff"\r\n', reason=RejectReason.BARE_QUOTE)
    second = Reject(line=5, offset=40, raw=b"x\n", reason=RejectReason.WIDTH)

    ledger.claims.record(ledger.lease, [], now=NOON, rejects={pinned.claim: (first, second)})
    ledger.claims.record(ledger.lease, [], now=NOON, rejects={pinned.claim: (second,)})

    assert ledger.claims.rejects(pinned.claim) == [second]


def test_a_kept_file_is_done_when_it_is_committed(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned, Keep())

    assert states(ledger) == {("in/a.csv", 1): ("done", None)}
    assert ledger.outbox.due("nightly", now=NOON, limit=10) == []


def test_a_delayed_delete_is_not_due_before_its_time(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned, Delete(delay=timedelta(days=7)))

    before = ledger.outbox.due("nightly", now=NOON + timedelta(days=6), limit=10)
    after = ledger.outbox.due("nightly", now=NOON + timedelta(days=7), limit=10)

    assert (before, [action.claim for action in after]) == ([], [pinned.claim])


def test_a_confirmed_delete_makes_the_same_bytes_a_new_arrival(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned)
    ledger.outbox.send(ledger.lease, [pinned.claim], now=NOON)
    (unconfirmed,) = facts(ledger, a_listing())

    ledger.outbox.finish(ledger.lease, [(pinned.claim, True, None)], now=NOON)

    (confirmed,) = facts(ledger, a_listing())
    assert (unconfirmed.removed, confirmed.removed) == (False, True)
    assert confirmed.same_bytes_loaded == NOON


def test_an_action_that_a_person_held_is_not_sent(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned)
    wish = Transition(claim=pinned.claim, to=FileState.ACTION_HELD, reason="asked")
    held = ledger.outbox.decide(wish, ActionState.HELD, now=NOON)

    assert held
    assert ledger.outbox.send(ledger.lease, [pinned.claim], now=NOON) == set()


def test_an_action_that_was_sent_can_no_longer_be_held(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned)
    ledger.outbox.send(ledger.lease, [pinned.claim], now=NOON)

    wish = Transition(claim=pinned.claim, to=FileState.ACTION_HELD)
    assert not ledger.outbox.decide(wish, ActionState.HELD, now=NOON)


def test_committing_twice_queues_one_action(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned)
    ledger.outbox.commit(ledger.lease, [(pinned.claim, Delete())], now=NOON)

    assert [action.claim for action in ledger.outbox.due("nightly", now=NOON, limit=10)] == [pinned.claim]


def test_a_run_that_broke_off_leaves_its_files_to_the_next(ledger):
    begun, done = a_pinned(a_source("in/begun")), a_pinned(a_source("in/done"))
    pin(ledger, begun, done)
    committed(ledger, done)

    ledger.manifests.release(ledger.run, ledger.lease, what="It broke off", now=NOON)

    assert states(ledger) == {
        ("in/begun", 1): ("retrying", "not-finished"),
        ("in/done", 1): ("committed", None),
    }


def test_words_keep_what_no_database_keeps_spelled_out(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)

    held = Transition(claim=pinned.claim, to=FileState.HELD, what="in b\0.csv", hint="in c\ud83d.csv")
    ledger.claims.record(ledger.lease, [held], now=NOON)

    told = ledger.claims.get(pinned.claim)
    assert (told.what, told.hint) == ("in b\\x00.csv", "in c\\ud83d.csv")


def test_a_move_without_an_arrow_is_refused_and_no_file_of_it_is_moved(ledger):
    one, two = a_pinned(a_source("in/one")), a_pinned(a_source("in/two"))
    pin(ledger, one, two)
    committed(ledger, two)

    with pytest.raises(IllegalMove, match="from committed to claimed"):
        ledger.claims.record(
            ledger.lease,
            [
                Transition(claim=one.claim, to=FileState.STAGED),
                Transition(claim=two.claim, to=FileState.CLAIMED),
            ],
            now=NOON,
        )

    assert states(ledger) == {("in/one", 1): ("claimed", None), ("in/two", 1): ("committed", None)}


def test_a_file_that_has_left_the_state_it_was_read_in_is_not_moved(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    held = Transition(claim=pinned.claim, to=FileState.HELD, reason="asked")
    ledger.claims.change(held, now=NOON)

    as_read = Transition(claim=pinned.claim, was=FileState.CLAIMED, to=FileState.STAGED)
    moved = ledger.claims.record(ledger.lease, [as_read], now=NOON)

    assert (moved, states(ledger)) == (frozenset(), {("in/a.csv", 1): ("held", "asked")})


def test_a_move_ends_the_suspicion_that_a_worker_died_over_the_file(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    claim = ledger.claims.get(pinned.claim)
    attempt = Attempt(claim=claim, suspicion=Suspicion.ALONE, deaths=2, load=False)
    ledger.claims.begin(ledger.lease, [attempt], now=NOON)

    ledger.claims.change(Transition(claim=claim.id, to=FileState.HELD), now=NOON)

    after = ledger.claims.get(claim.id)
    assert (after.state, after.suspicion, after.deaths) == (FileState.HELD, None, 2)


def test_a_ledger_with_a_state_that_earlier_versions_named_is_read(ledger):
    pinned = a_pinned()
    pin(ledger, pinned)
    with ledger.database.writing() as connection:
        connection.execute(sa.update(tables.claims).values(state="loading"))
        connection.execute(sa.update(tables.runs).values(state="waiting"))

    assert ledger.claims.get(pinned.claim).state is FileState.STAGED
    assert ledger.runs.get(ledger.run).state is RunState.QUEUED
