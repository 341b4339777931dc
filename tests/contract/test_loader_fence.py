"""What every loader promises to a worker that was taken over: its last question is asked when nobody can come between."""

from __future__ import annotations

import threading

import pytest

from bucketlift.errors import LeaseLost, OurFault
from bucketlift.model.load import Lineage, LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, people

APPEND = a_target(lineage=Lineage.AUTO)
UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
MODES = [a_target(), UPSERT, REPLACE]


def lost():
    raise LeaseLost("Another worker has taken it over")


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_fence_that_raises_leaves_no_table_and_no_receipt(destination, target):
    with pytest.raises(LeaseLost, match="Another worker"):
        destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")), fence=lost)

    assert destination.table("people") is None
    assert destination.loader.receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_fence_that_raises_leaves_rows_and_receipts_as_they_were(destination, target):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada"), ("2", "Grace")))

    with pytest.raises(LeaseLost, match="Another worker"):
        destination.load(
            a_unit("load-2", target=target), a_file(("2", "Hopper"), ("3", "Edsger")), fence=lost
        )

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"))
    assert set(destination.loader.receipts([LoadId("load-1"), LoadId("load-2")])) == {"load-1"}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_what_a_fence_kept_out_can_be_loaded_by_another(destination, target):
    with pytest.raises(LeaseLost):
        destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")), fence=lost)

    destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")))

    assert destination.table("people") == people(("1", "Ada"))


def test_an_error_that_is_not_ours_undoes_as_well(destination):
    def broken():
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        destination.load(a_unit("load-1"), a_file(("1", "Ada")), fence=broken)

    assert destination.table("people") is None


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_the_fence_is_asked_once_and_only_of_what_would_be_committed(destination, target):
    asked: list[str] = []
    unit = a_unit("load-1", target=target)

    destination.load(unit, a_file(("1", "Ada")), fence=lambda: asked.append("first"))
    with pytest.raises(LeaseLost):
        destination.load(unit, a_file(("1", "Ada")), fence=lambda: asked.append("again"))
    with destination.loader.begin(a_unit("load-2", target=target)) as load, pytest.raises(OurFault):
        load.commit(lambda: asked.append("unwritten"))

    assert asked == ["first"]


@pytest.mark.parametrize("target", [UPSERT, REPLACE], ids=lambda target: target.mode)
def test_while_the_fence_is_asked_nobody_can_come_between(destination, target):
    destination.load(a_unit("load-0", target=target), a_file(("1", "Ada")))
    newer = threading.Thread(
        target=lambda: destination.load(a_unit("load-2", target=target), a_file(("1", "newer")))
    )

    def fence():
        newer.start()
        newer.join(0.1)

    destination.load(a_unit("load-1", target=target), a_file(("1", "older")), fence=fence)
    newer.join()

    assert destination.table("people") == people(("1", "newer"))


def test_an_unload_whose_fence_raises_leaves_rows_and_receipt(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file(("1", "Ada")))
    before = destination.table("people")

    with pytest.raises(LeaseLost):
        destination.loader.unload(APPEND, LoadId("load-1"), lost)

    assert destination.table("people") == before
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}
    assert destination.loader.unload(APPEND, LoadId("load-1")) == 1


def test_while_an_unload_asks_its_fence_the_load_cannot_be_brought_anew(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file(("1", "Ada")))

    def load_anew():
        destination.loader.unload(APPEND, LoadId("load-1"))
        destination.load(a_unit("load-1", target=APPEND), a_file(("1", "anew")))

    anew = threading.Thread(target=load_anew)

    def fence():
        anew.start()
        anew.join(0.1)

    taken = destination.loader.unload(APPEND, LoadId("load-1"), fence)
    anew.join()

    assert taken == 1
    assert [row["name"] for row in destination.table("people")] == ["anew"]
