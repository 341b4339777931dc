"""Unloads, delays, logs, cancels and page-wise looks, on either kind of ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.errors import LeaseLost, RequestWrong
from bucketlift.ledger.claims.outbox import ActionState
from bucketlift.ledger.claims.unloads import Unloads
from bucketlift.ledger.maintenance.audit import Audit
from bucketlift.ledger.runs.logs import Logs
from bucketlift.model.claim import Delayed
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.run import Standing
from bucketlift.model.source import Place
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import Delete, Move
from builders import NOON, a_listing, a_pinned, a_source
from integration.ledger.test_files import committed, facts, pin, states

WEEK = timedelta(days=7)


@pytest.fixture
def loaded(ledger):
    """A file that is loaded, and whose delete is a week away."""
    pinned = a_pinned()
    pin(ledger, pinned)
    committed(ledger, pinned, Delete(delay=WEEK))
    return pinned


def begun(ledger, pinned) -> Unloads:
    unloads = Unloads(ledger.database)
    unloads.begin(ledger.lease, [ledger.claims.get(pinned.claim)], now=NOON)
    return unloads


def test_an_unload_that_begins_holds_the_file_and_drops_its_action_but_no_receipt(ledger, loaded):
    unloads = begun(ledger, loaded)

    assert states(ledger) == {("in/a.csv", 1): ("held", "unloading")}
    assert ledger.outbox.due("nightly", now=NOON + WEEK, limit=10) == []
    (load,) = unloads.loads([loaded.claim])[loaded.claim]
    assert (load.receipt.inserted, load.version) == (3, 1)


def test_an_unload_that_ends_leaves_the_file_as_if_it_had_never_been_loaded(ledger, loaded):
    begun(ledger, loaded).finish(ledger.lease, loaded.claim, now=NOON)

    claim = ledger.claims.get(loaded.claim)
    (known,) = facts(ledger, a_listing())
    assert (claim.state, claim.reason, claim.choice) == (FileState.HELD, "unloaded", None)
    assert (ledger.claims.receipts([loaded.claim]), known.same_bytes_loaded) == ({}, None)


def test_a_file_that_is_loaded_anew_has_its_action_anew(ledger, loaded):
    begun(ledger, loaded).finish(ledger.lease, loaded.claim, now=NOON)
    for state in (FileState.CLAIMED, FileState.STAGED):
        ledger.claims.change(Transition(claim=loaded.claim, to=state), now=NOON)
    committed(ledger, loaded, Move(bucket="archive", delay=WEEK))

    (action,) = ledger.outbox.due("nightly", now=NOON + WEEK, limit=10)

    assert (action.action, action.copied_to, action.sent) == (Move(bucket="archive", delay=WEEK), None, False)


def test_an_unload_is_refused_whole_once_one_delete_was_sent(ledger, loaded):
    other = a_pinned(a_source("in/b.csv"))
    ledger.manifests.unpin(ledger.run, ledger.lease)
    pin(ledger, other)
    committed(ledger, other)
    ledger.outbox.send(ledger.lease, [other.claim], now=NOON)

    with pytest.raises(RequestWrong, match="A delete of the object was sent"):
        Unloads(ledger.database).begin(
            ledger.lease, [ledger.claims.get(each.claim) for each in (loaded, other)], now=NOON
        )

    assert states(ledger) == {("in/a.csv", 1): ("committed", None), ("in/b.csv", 1): ("acting", None)}


def test_an_unload_is_refused_whole_where_a_file_has_moved_on(ledger, loaded):
    as_read = ledger.claims.get(loaded.claim)
    ledger.outbox.decide(Transition(claim=loaded.claim, to=FileState.ACTION_HELD), ActionState.HELD, now=NOON)

    with pytest.raises(RequestWrong, match="has changed in the meantime"):
        Unloads(ledger.database).begin(ledger.lease, [as_read], now=NOON)

    assert states(ledger) == {("in/a.csv", 1): ("action-held", None)}


def test_an_unload_without_the_lease_is_refused(ledger, loaded):
    ledger.runs.take_lease("nightly", "worker-2", lambda _: False)

    with pytest.raises(LeaseLost):
        begun(ledger, loaded)

    assert states(ledger) == {("in/a.csv", 1): ("committed", None)}


def test_delayed_actions_are_told_until_they_are_taken_or_dropped(ledger, loaded):
    waiting = ledger.outbox.delayed([loaded.claim])
    listed = [claim.id for claim in ledger.claims.find(due_after=NOON)]
    ledger.outbox.decide(Transition(claim=loaded.claim, to=FileState.ACTION_HELD), ActionState.HELD, now=NOON)
    held = ledger.outbox.delayed([loaded.claim])
    ledger.outbox.decide(Transition(claim=loaded.claim, to=FileState.DONE), ActionState.DROPPED, now=NOON)

    assert waiting == held == {loaded.claim: Delayed(action="delete", due_at=NOON + WEEK)}
    assert listed == [loaded.claim]
    assert (ledger.outbox.delayed([loaded.claim]), ledger.claims.find(due_after=NOON)) == ({}, [])


def test_a_log_is_read_in_order_and_from_a_line_on(ledger):
    logs = Logs(ledger.database)
    for what in ("one", "two", "three"):
        logs.write(ledger.run, ledger.lease, "info", what, task="files", now=NOON)

    lines = logs.find(ledger.run)

    assert [line.what for line in lines] == ["one", "two", "three"]
    assert [line.what for line in logs.find(ledger.run, after=lines[0].id)] == ["two", "three"]
    assert (lines[0].at, lines[0].level, lines[0].task) == (NOON, "info", "files")


def test_cancelling_ends_what_waits_and_asks_what_was_begun(ledger):
    ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)
    waits = ledger.runs.ask("nightly", 1, trigger="demand", now=NOON).id

    first = ledger.runs.cancel(ledger.run, document={"it": "waits"}, now=NOON)
    second = ledger.runs.cancel(waits, document={"it": "waits"}, now=NOON)

    assert (first.state, first.document) == (RunState.RUNNING, None)
    assert ledger.runs.standing(ledger.run, ledger.lease) == Standing(leased=True, cancel_asked=True)
    assert (second.state, second.document, second.finished_at) == (
        RunState.CANCELLED,
        {"it": "waits"},
        NOON,
    )
    assert ledger.runs.begin(waits, ledger.lease, worker="worker-1", now=NOON).state is RunState.CANCELLED
    assert [run.id for run in ledger.runs.find(states=[RunState.CANCELLED])] == [waits]


def test_copies_come_in_the_order_of_their_bytes(ledger, monkeypatch):
    monkeypatch.setattr("bucketlift.ledger.maintenance.audit.CHUNK", 2)
    keys = ["B", "a", "a b", "a-b", "aB", "ab", "zé", "é", "\uff5e", "😀"]
    pinned = {key: a_pinned(a_source(key)) for key in keys}
    pin(ledger, *pinned.values())
    for each in pinned.values():
        committed(ledger, each, Move(bucket="archive"))
    done = [(pinned[key].claim, Place(bucket="archive", key=key)) for key in keys]
    ledger.outbox.copied(ledger.lease, done, now=NOON)
    ledger.outbox.finish(ledger.lease, [(claim, True, None) for claim, _ in done], now=NOON)
    audit = Audit(ledger.database)

    copies = [each.place.key for each in audit.copies("nightly", "files", "archive")]

    assert copies == sorted(keys, key=str.encode)
    assert audit.archives("nightly", "files") == {"archive": (copies[0], copies[-1])}
    assert audit.states("nightly") == {"done": len(keys)}
    assert sum(map(len, audit.claims("nightly"))) == len(keys)
    assert audit.last_loads("nightly") == {"people": "1" * 64}


def test_a_lease_that_was_taken_over_is_held_no_more_and_one_that_was_given_back_is(ledger):
    before = ledger.runs.standing(ledger.run, ledger.lease), ledger.runs.holds(ledger.lease)
    ledger.runs.drop_lease(ledger.lease)
    given_back = ledger.runs.holds(ledger.lease)

    newer = ledger.runs.take_lease(ledger.lease.workflow, "another", lambda _: False)

    assert (before, given_back) == ((Standing(leased=True, cancel_asked=False), True), True)
    assert ledger.runs.standing(ledger.run, ledger.lease) == Standing(leased=False, cancel_asked=False)
    assert (ledger.runs.holds(ledger.lease), ledger.runs.holds(newer)) == (False, True)
