"""What the ledger can explain of the receipts that stand in a destination."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bucketlift.ledger.claims.pauses import BEGINNING, SLACK, Pauses
from bucketlift.model.claim import ClaimReceipt, Suspicion
from bucketlift.model.load import SHORT, LoadId, Receipt, WriteMode, load_id, load_ids
from bucketlift.model.pause import Pause
from bucketlift.model.transition import Attempt
from builders import NOON, a_load, a_pinned, a_source, a_target, a_workflow, an_extract

PAUSE = Pause(what="An older ledger was put back", paused_at=NOON, look_from=NOON - SLACK)


@pytest.fixture
def pauses(database):
    return Pauses(database)


def a_receipt(load: str = "1" * 64, **changes) -> Receipt:
    receipt = Receipt(
        load=LoadId(load), table="people", inserted=1, updated=0, unchanged=0, committed_at=NOON
    )
    return replace(receipt, **changes)


def pinned(ledger, *, load_begun: bool):
    """A file of the workflow, claimed; named as its load would be."""
    one = a_pinned()
    ledger.manifests.pin(ledger.run, ledger.lease, "files", [(one, 0, 0)], now=NOON)
    attempt = Attempt(
        claim=ledger.claims.get(one.claim), suspicion=Suspicion.TOGETHER, deaths=0, load=load_begun
    )
    ledger.claims.begin(ledger.lease, [attempt], now=NOON)
    return one.claim, load_id(f"{SHORT}nightly", "people", "people", a_source())


def kept(ledger, claim, load, *, at=NOON):
    receipt = ClaimReceipt(
        claim=claim,
        load_task="people",
        load=load,
        destination="warehouse",
        table="people",
        inserted=1,
        updated=0,
        unchanged=0,
        committed_at=at,
    )
    ledger.claims.record_receipts(ledger.lease, ledger.run, [receipt], {claim: ["people"]})


def test_the_outbox_is_paused_once_and_resumed(pauses):
    first = pauses.pause(PAUSE)
    second = pauses.pause(replace(PAUSE, what="Another reason"))
    paused = pauses.paused()
    pauses.resume()

    assert (first, second, paused, pauses.paused()) == (PAUSE, PAUSE, PAUSE, None)


def test_a_receipt_that_the_ledger_keeps_is_explained(ledger, pauses):
    claim, load = pinned(ledger, load_begun=True)
    kept(ledger, claim, load)

    assert pauses.unexplained("warehouse", [a_receipt(load)]) == ()


def test_a_load_that_was_begun_explains_a_receipt_under_its_long_name(ledger, pauses):
    pinned(ledger, load_begun=True)
    _, long = load_ids(f"{SHORT}nightly", "people", "people", a_source())

    assert pauses.unexplained("warehouse", [a_receipt(long)]) == ()


def test_a_load_that_was_begun_explains_its_receipt_before_the_ledger_hears_of_it(ledger, pauses):
    _, load = pinned(ledger, load_begun=True)

    assert pauses.unexplained("warehouse", [a_receipt(load)]) == ()


def test_a_load_that_was_begun_explains_its_receipt_after_the_workflow_changed_its_table(ledger, pauses):
    _, load = pinned(ledger, load_begun=True)
    ledger.catalog.save(
        workflows=(a_workflow(an_extract(), a_load(target=a_target(table="other"))),), now=NOON
    )

    assert pauses.unexplained("warehouse", [a_receipt(load)]) == ()


def test_a_file_that_was_never_begun_explains_nothing(ledger, pauses):
    _, load = pinned(ledger, load_begun=False)
    lost = a_receipt(load)

    assert pauses.unexplained("warehouse", [lost]) == (lost,)


def test_tables_that_a_replacement_fills_are_left_out(ledger, pauses):
    replacing = a_workflow(an_extract(), a_load(target=a_target(mode=WriteMode.REPLACE)))
    ledger.catalog.save(workflows=(replacing,), now=NOON)
    other = a_receipt("2" * 64, table="others")

    assert pauses.unexplained("warehouse", [a_receipt(), other]) == (other,)


def test_it_is_looked_from_the_last_load_that_the_ledger_knew_before_a_run(ledger, pauses):
    claim, load = pinned(ledger, load_begun=True)
    never = pauses.look_from("warehouse")
    kept(ledger, claim, load)

    assert (never, pauses.look_from("warehouse")) == (BEGINNING, NOON - SLACK)
    assert pauses.look_from("warehouse", but=ledger.run) == BEGINNING
    assert (pauses.last_load("warehouse"), pauses.last_load("elsewhere")) == (load, None)


def test_what_a_person_confirmed_is_not_looked_at_again(ledger, pauses):
    claim, load = pinned(ledger, load_begun=True)
    kept(ledger, claim, load)

    pauses.pause(PAUSE)
    pauses.resume(confirmed_until=NOON + timedelta(minutes=1))

    assert pauses.look_from("warehouse") == NOON + timedelta(minutes=1)
