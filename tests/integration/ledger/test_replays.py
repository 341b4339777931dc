"""Mended rows and the loads of them, in a real ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.errors import LeaseLost, RequestWrong
from bucketlift.ledger.claims.deliveries import Deliveries
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.ledger.claims.replays import Replays
from bucketlift.ledger.claims.unloads import Unloads
from bucketlift.model.delivery import Answer, AnswerState, Chunk, ChunkState, RefusedByDestination
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import SHORT, LoadId, Receipt, load_id
from bucketlift.model.mending import MendedRow
from bucketlift.model.replay import ReplayState
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.run import Lease
from bucketlift.model.transition import Transition
from builders import NOON, a_pinned, a_source
from integration.ledger.test_files import committed, pin, receipt

LOAD = load_id(f"{SHORT}nightly", "people", "people", a_source(), 1)


@pytest.fixture
def replays(database) -> Replays:
    return Replays(database)


def a_row(line: int = 3, **cells: str) -> MendedRow:
    return MendedRow(line=line, offset=line * 10, cells={"id": "2", "name": "Zoë, 'Bob'\n", **cells})


def loaded(ledger):
    """A file that is loaded, as the ledger has it."""
    one = a_pinned()
    pin(ledger, one)
    committed(ledger, one)
    return ledger.claims.get(one.claim)


def test_mended_rows_are_kept_to_the_letter_and_number_their_replays(ledger, replays):
    claim = loaded(ledger)

    first = replays.ask(claim, [a_row(5), a_row(3)], now=NOON)
    second = replays.ask(claim, [a_row(9)], now=NOON)

    assert (first, second) == (1, 2)
    assert replays.rows(claim.id, 1) == [a_row(3), a_row(5)]
    assert replays.mended(claim.id) == {30: 1, 50: 1, 90: 2}
    assert [(each.part, each.state, each.rows) for each in replays.pending("nightly")] == [
        (1, ReplayState.WAITING, 2),
        (2, ReplayState.WAITING, 1),
    ]


def test_rows_of_a_replay_that_waits_go_over_to_the_next_and_an_empty_one_is_gone(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row(3), a_row(5)], now=NOON)
    replays.ask(claim, [a_row(7)], now=NOON)

    replays.ask(claim, [a_row(3, name="Rob"), a_row(7)], now=NOON)

    assert [(each.part, each.rows) for each in replays.of_file(claim.id)] == [(1, 1), (2, 2)]
    assert replays.mended(claim.id) == {30: 2, 50: 1, 70: 2}


def test_rows_of_a_replay_that_was_begun_stay_with_it(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row(3)], now=NOON)
    replays.begin(ledger.lease, replays.of_file(claim.id)[0])

    with pytest.raises(RequestWrong, match="has changed in the meantime"):
        replays.ask(claim, [a_row(3, name="Rob"), a_row(5)], now=NOON)

    assert replays.mended(claim.id) == {30: 1}
    assert replays.rows(claim.id, 1) == [a_row(3)]


def test_nothing_is_kept_for_a_file_that_has_moved_on(ledger, replays):
    claim = replace(loaded(ledger), state=FileState.HELD)

    with pytest.raises(RequestWrong, match="has changed in the meantime"):
        replays.ask(claim, [a_row()], now=NOON, transition=Transition(claim=claim.id, to=FileState.RETRYING))

    assert replays.of_file(claim.id) == []


def a_reject(line: int) -> Reject:
    return Reject(line=line, offset=line * 10, raw=b"2\n", reason=RejectReason.WIDTH)


def test_a_replay_that_is_through_counts_its_rows_once(ledger, replays):
    claim = loaded(ledger)
    ledger.claims.record(ledger.lease, [], now=NOON, rejects={claim.id: [a_reject(3), a_reject(5)]})
    replays.ask(claim, [a_row(3), a_row(5)], now=NOON)
    (asked,) = replays.of_file(claim.id)
    replays.begin(ledger.lease, asked)
    replays.record(ledger.lease, ledger.run, 1, replace(receipt(claim.id), load=LOAD, inserted=2))

    replays.finish(ledger.lease, asked, now=NOON)
    replays.finish(ledger.lease, asked, now=NOON)

    assert (ledger.claims.get(claim.id).mended, replays.pending("nightly")) == (2, [])
    assert replays.loaded(ledger.run, "people") == {
        "replays": 1,
        "inserted": 2,
        "updated": 0,
        "unchanged": 0,
    }
    assert [each.receipt.load for each in Unloads(ledger.database).loads([claim.id])[claim.id]] == [
        receipt(claim.id).load,
        LOAD,
    ]


def test_a_row_that_destinations_refuse_in_a_replay_is_a_reject_of_each_of_their_loads(ledger, replays):
    claim = loaded(ledger)
    ledger.claims.record(ledger.lease, [], now=NOON, rejects={claim.id: [a_reject(3), a_reject(5)]})
    replays.ask(claim, [a_row(3), a_row(5)], now=NOON)
    (asked,) = replays.of_file(claim.id)
    replays.begin(ledger.lease, asked)
    refused = Answer(
        state=AnswerState.CONFIRMED, refused=(RefusedByDestination(line=3, message="no such id"),)
    )
    deliveries = Deliveries(ledger.database)
    for task in ("post", "send"):
        sent = deliveries.send(ledger.lease, replace(a_chunk(claim.id), load_task=task), now=NOON)
        deliveries.confirm(ledger.lease, sent, refused, now=NOON)

    replays.finish(ledger.lease, asked, now=NOON)

    after = ledger.claims.get(claim.id)
    assert (after.refused, after.mended) == (1, 1)
    assert [
        (each.line, each.load_task, each.message, each.mended_in)
        for each in ledger.claims.each_reject(claim.id)
    ] == [(3, "post", "no such id", None), (5, None, None, 1), (3, "send", "no such id", None)]
    assert replays.refused_by(claim.id) == {30: {"post", "send"}}
    assert replays.mended(claim.id) == {50: 1}


def test_what_was_committed_of_a_replay_keeps_it_from_being_dropped(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row(3)], now=NOON)
    replays.ask(claim, [a_row(5)], now=NOON)
    first, second = replays.of_file(claim.id)
    replays.record(ledger.lease, ledger.run, 1, replace(receipt(claim.id), load=LOAD))

    dropped = [replays.drop(ledger.lease, each) for each in (first, second)]

    assert dropped == [False, True]
    assert replays.mended(claim.id) == {30: 1}


@pytest.mark.parametrize("state", ChunkState)
def test_a_replay_of_which_a_chunk_was_sent_is_not_dropped(ledger, replays, state):
    claim = loaded(ledger)
    replays.ask(claim, [a_row(3)], now=NOON)
    (asked,) = replays.of_file(claim.id)
    deliveries = Deliveries(ledger.database)
    sent = deliveries.send(ledger.lease, a_chunk(claim.id), now=NOON)
    {
        ChunkState.PLANNED: lambda: deliveries.not_sent(ledger.lease, sent, "busy"),
        ChunkState.SENT: lambda: None,
        ChunkState.IN_DOUBT: lambda: deliveries.doubt(ledger.lease, sent, "lost"),
        ChunkState.CONFIRMED: lambda: deliveries.confirm(
            ledger.lease, sent, Answer(state=AnswerState.CONFIRMED), now=NOON
        ),
    }[state]()

    dropped = replays.drop(ledger.lease, asked)

    assert dropped == (state is ChunkState.PLANNED)
    assert len(deliveries.chunks(claim.id, "post", 1)) == (not dropped)


def a_chunk(claim):
    return Chunk(
        claim=claim,
        load_task="post",
        part=1,
        number=1,
        load=LoadId("load-1"),
        destination="hook",
        first_line=3,
        last_line=3,
        rows=1,
        sha256="0" * 64,
        key="key",
        state=ChunkState.PLANNED,
    )


def test_a_stale_lease_writes_nothing(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row()], now=NOON)
    (asked,) = replays.of_file(claim.id)
    stale = Lease(workflow="nightly", token=ledger.lease.token - 1)

    for write in (
        lambda: replays.begin(stale, asked),
        lambda: replays.record(stale, ledger.run, 1, receipt(claim.id)),
        lambda: replays.finish(stale, asked, now=NOON),
        lambda: replays.drop(stale, asked),
    ):
        with pytest.raises(LeaseLost):
            write()

    assert [each.state for each in replays.of_file(claim.id)] == [ReplayState.WAITING]


def test_rows_that_are_no_rejects_any_more_are_named(ledger, replays):
    claim = loaded(ledger)
    ledger.claims.record(ledger.lease, [], now=NOON, rejects={claim.id: [a_reject(3)]})
    replays.ask(claim, [a_row(3), a_row(5)], now=NOON)

    assert replays.lines_without_reject(replays.of_file(claim.id)[0]) == [5]


def test_an_unload_forgets_what_was_mended(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row()], now=NOON)
    (asked,) = replays.of_file(claim.id)
    replays.record(ledger.lease, ledger.run, 1, replace(receipt(claim.id), load=LOAD))
    replays.finish(ledger.lease, asked, now=NOON)
    unloads = Unloads(ledger.database)

    unloads.begin(ledger.lease, [ledger.claims.get(claim.id)], now=NOON)
    unloads.finish(ledger.lease, claim.id, now=NOON)

    assert (replays.of_file(claim.id), replays.mended(claim.id), unloads.loads([claim.id])) == ([], {}, {})
    assert ledger.claims.get(claim.id).mended == 0


@pytest.mark.parametrize("begun", [False, True])
def test_the_receipt_of_a_replay_is_explained_once_it_was_begun(ledger, replays, begun):
    claim = loaded(ledger)
    replays.ask(claim, [a_row()], now=NOON)
    if begun:
        replays.begin(ledger.lease, replays.of_file(claim.id)[0])
    found = Receipt(load=LOAD, table="people", inserted=1, updated=0, unchanged=0, committed_at=NOON)

    assert Pauses(ledger.database).unexplained("warehouse", [found]) == (() if begun else (found,))


def test_the_receipt_of_a_replay_that_the_ledger_keeps_is_explained(ledger, replays):
    claim = loaded(ledger)
    replays.ask(claim, [a_row()], now=NOON)
    replays.record(ledger.lease, ledger.run, 1, replace(receipt(claim.id), load=LOAD))
    found = Receipt(load=LOAD, table="people", inserted=1, updated=0, unchanged=0, committed_at=NOON)

    assert Pauses(ledger.database).unexplained("warehouse", [found]) == ()
