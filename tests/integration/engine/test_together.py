"""Many objects are deleted in one call, and each of them as carefully as if it went alone."""

from __future__ import annotations

import pytest

from bucketlift.engine.cleanup import batch_delete
from bucketlift.errors import RequestWrong
from bucketlift.ledger.claims.probes import Probes
from bucketlift.model.source import Honoured, Precondition, StoreId
from bucketlift.service.files import decisions
from integration.engine.bench import Bench, Store

ROWS = b"id,name\n1,Ada\n"
OTHER = b"id,name\n9,Eve\n"
NAMES = [f"in/{number:02}.csv" for number in range(batch_delete.FEW + 2)]


@pytest.fixture
def full(bench: Bench) -> Bench:
    for name in NAMES:
        bench.store.put("drop", name, ROWS)
    return bench


def test_many_are_deleted_in_one_call(full):
    full.run()

    assert (full.store.objects("drop"), full.store.calls_together) == ({}, 1)
    assert full.states() == dict.fromkeys(NAMES, ("done", None))


def test_few_are_deleted_one_by_one_and_nothing_is_probed_for_them(bench):
    bench.store.put("drop", "in/a.csv", ROWS)

    bench.run()

    assert (bench.store.objects("drop"), bench.store.calls_together) == ({}, 0)
    assert Probes(bench.database).find(StoreId("memory"), "drop") == {Precondition.DELETE: Honoured.YES}


def test_where_the_store_looks_at_no_etag_each_goes_alone(full):
    full.store = weak_store(Precondition.DELETE_EACH)

    full.run()

    assert (full.store.objects("drop"), full.store.calls_together) == ({}, 0)


def test_where_the_single_call_cannot_be_relied_on_none_goes(full):
    full.store = weak_store(Precondition.DELETE)

    full.run()

    assert list(full.store.objects("drop")) == NAMES
    assert full.states() == dict.fromkeys(NAMES, ("action-held", "weak-store"))


def weak_store(weak: Precondition) -> Store:
    store = Store(["drop", "archive"], weak={weak})
    for name in NAMES:
        store.put("drop", name, ROWS)
    return store


def test_what_was_overwritten_meanwhile_stays(full):
    full.store.before_deleting = lambda: full.store.put("drop", NAMES[3], OTHER)

    full.run()

    assert full.store.objects("drop") == {NAMES[3]: OTHER}
    assert full.states() == dict.fromkeys(NAMES, ("done", None)) | {NAMES[3]: ("done", "source-replaced")}


def test_what_is_gone_already_is_told(full):
    full.store.before_deleting = lambda: full.store.remove("drop", NAMES[3])

    full.run()

    assert full.states() == dict.fromkeys(NAMES, ("done", None)) | {NAMES[3]: ("done", "already-gone")}


def test_what_the_call_did_not_settle_is_settled_alone(full):
    full.store.fails_together = frozenset(NAMES[2:5])

    full.run()

    assert full.store.objects("drop") == {}
    assert full.states() == dict.fromkeys(NAMES, ("done", None))


def test_what_may_not_be_deleted_is_held_and_the_others_go(full):
    full.store.fails_together = frozenset(NAMES[2:3])
    full.store.fails_deletes = True

    full.run()

    assert full.states()[NAMES[2]] == ("action-held", "no-right")


def test_what_a_person_put_on_hold_is_not_sent(full):
    full.store.fails_deletes = True
    full.run()
    full.store.fails_deletes = False
    full.decide(decisions.retry, *NAMES)
    full.decide(decisions.hold, NAMES[0])

    full.run()

    assert full.store.objects("drop") == {NAMES[0]: ROWS}
    assert full.newest_state(NAMES[0])[0] == "action-held"


def test_once_sent_a_person_can_hold_none_of_them(full):
    refused: list[RequestWrong] = []

    def too_late() -> None:
        with pytest.raises(RequestWrong) as late:
            full.decide(decisions.hold, NAMES[0])
        refused.append(late.value)

    full.store.before_deleting = too_late

    full.run()

    assert len(refused) == 1
    assert full.store.objects("drop") == {}
