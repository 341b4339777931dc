"""All rows of a delivery are sent again only if no run is sending them."""

from __future__ import annotations

import pytest

from bucketlift.engine.worker import engine
from bucketlift.errors import OurFault, RequestWrong
from bucketlift.model.delivery import Answer, AnswerState, Chunk, ChunkState
from bucketlift.model.load import LoadId
from bucketlift.service.files import deliveries
from builders import NOON


@pytest.fixture
def sent(bench):
    """The ledger, the lease of a worker, and the chunk that it has sent of a file that is retried."""
    bench.store.put("drop", "in/a", b"id,name\n1,Ann\n")
    bench.busy = {"warehouse"}
    bench.run()
    ledger = bench.ledger()
    lease = ledger.runs.take_lease("nightly", "worker", lambda _: False)
    chunk = Chunk(
        claim=bench.id_of("in/a"),
        load_task="people",
        number=1,
        part=0,
        load=LoadId("load"),
        destination="warehouse",
        first_line=2,
        last_line=2,
        rows=1,
        sha256="0" * 64,
        key="key",
        state=ChunkState.PLANNED,
    )
    return ledger, lease, ledger.deliveries.send(lease, chunk, now=NOON)


def test_a_delivery_is_not_forgotten_while_a_run_sends_it(bench, sent, monkeypatch):
    ledger, _, chunk = sent
    bench.at_work = {"worker"}
    monkeypatch.setattr(engine, "TIMEOUT", 0)

    with pytest.raises(RequestWrong, match="A run of the workflow is in progress"):
        deliveries.resend_all(bench.app(), chunk.claim)

    assert ledger.deliveries.chunks(chunk.claim) == [chunk]


def test_a_delivery_is_forgotten_after_its_run_and_the_former_worker_cannot_confirm_it(bench, sent):
    ledger, lease, chunk = sent

    decided = deliveries.resend_all(bench.app(), chunk.claim)

    assert (decided.chunks, ledger.deliveries.chunks(chunk.claim)) == ((chunk,), [])
    assert not ledger.runs.holds(lease)


def test_a_chunk_that_the_ledger_no_longer_has_is_not_confirmed_unnoticed(sent):
    ledger, lease, chunk = sent
    claim = ledger.claims.get(chunk.claim)
    ledger.deliveries.forget(lease, claim, [("people", 0)], None, now=NOON)

    with pytest.raises(OurFault, match="no longer has chunk 1"):
        ledger.deliveries.confirm(lease, chunk, Answer(state=AnswerState.CONFIRMED), now=NOON)
