"""A worker that stood still while another took its lease over: what it still wanted to do is not done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bucketlift.errors import LeaseLost, StoreUnavailable
from bucketlift.model.load import WriteMode
from bucketlift.model.workflow import Delete, Keep, Move
from bucketlift.service.runs import unloads
from bucketlift.testing.memory_loader import MemoryLoad
from builders import a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Bench

ANN, BOB = b"id,name\n1,Ann\n", b"id,name\n2,Bob\n"
KEPT = a_workflow(an_extract(after_import=Keep()), a_load())
REPLACING = a_workflow(an_extract(after_import=Delete()), a_load(target=a_target(mode=WriteMode.REPLACE)))


def put(bench, **bodies: bytes) -> None:
    for name, body in bodies.items():
        bench.store.put("drop", f"in/{name}", body)


def another(bench) -> Bench:
    """Another worker of the same ledger, with a spool of its own."""
    return Bench(folder=bench.folder / "b", database=bench.database, store=bench.store, loader=bench.loader)


def take_over(bench) -> None:
    assert bench.services().ledger.runs.take_lease("nightly", "other", lambda _: False)


def stands_still_before_its_commit(monkeypatch, meanwhile: Callable[[], object]) -> None:
    whole = MemoryLoad.commit

    def commit(load, *fence):
        monkeypatch.undo()
        meanwhile()
        return whole(load, *fence)

    monkeypatch.setattr(MemoryLoad, "commit", commit)


@pytest.fixture
def one_by_one(monkeypatch):
    monkeypatch.setattr("bucketlift.engine.context.run_context.THREADS", 1)


def test_a_replacement_does_not_take_the_place_of_a_newer_one(bench, monkeypatch):
    put(bench, a=ANN)
    other = another(bench)

    def meanwhile():
        other.run(REPLACING)
        put(bench, b=BOB)
        other.run(REPLACING)

    stands_still_before_its_commit(monkeypatch, meanwhile)
    with pytest.raises(LeaseLost):
        bench.run(REPLACING)

    assert bench.rows() == [("2", "Bob")]
    assert bench.states() == {"in/a": ("done", None), "in/b": ("done", None)}


def test_a_load_does_not_bring_back_what_was_unloaded(bench, monkeypatch):
    put(bench, a=ANN)
    other = another(bench)

    def meanwhile():
        other.run(KEPT)
        unloads.unload(other.app(), [other.id_of("in/a")])

    stands_still_before_its_commit(monkeypatch, meanwhile)
    with pytest.raises(LeaseLost):
        bench.run(KEPT)

    assert (bench.rows(), bench.loader.committed) == ([], {})
    assert bench.states() == {"in/a": ("held", "unloaded")}


def test_an_unload_does_not_take_out_what_was_loaded_anew(bench, monkeypatch):
    put(bench, a=ANN)
    bench.run(KEPT)
    other, whole = another(bench), bench.loader.unload

    def unload(*given):
        monkeypatch.undo()
        unloads.reload(other.app(), [other.id_of("in/a")])
        other.run(KEPT)
        return whole(*given)

    monkeypatch.setattr(bench.loader, "unload", unload)
    with pytest.raises(LeaseLost, match="not removed from"):
        unloads.unload(bench.app(), [bench.id_of("in/a")])

    assert bench.rows() == [("1", "Ann")]
    assert bench.states() == {"in/a": ("done", None)}


@pytest.mark.usefixtures("one_by_one")
def test_deletes_that_were_not_sent_yet_are_not_sent(bench, monkeypatch):
    put(bench, a=ANN, b=ANN, c=ANN)
    whole = bench.store.delete

    def delete(source):
        take_over(bench)
        whole(source)

    monkeypatch.setattr(bench.store, "delete", delete)
    with pytest.raises(LeaseLost):
        bench.run()

    assert len(bench.store.objects("drop")) == 2


def test_of_many_deletes_the_next_call_is_not_made(bench, monkeypatch):
    monkeypatch.setattr("bucketlift.engine.cleanup.cleanup.DELETES_AT_ONCE", 12)
    put(bench, **{f"{number:02}": ANN for number in range(24)})
    bench.store.before_deleting = lambda: take_over(bench)

    with pytest.raises(LeaseLost):
        bench.run()

    assert (len(bench.store.objects("drop")), bench.store.calls_together) == (12, 1)


@pytest.mark.slow
def test_a_delete_that_failed_is_not_sent_again(bench, monkeypatch):
    put(bench, a=ANN)
    sent = []

    def delete(source):
        sent.append(source.key)
        take_over(bench)
        raise StoreUnavailable("Slow down")

    monkeypatch.setattr(bench.store, "delete", delete)
    with pytest.raises(LeaseLost):
        bench.run()

    assert (sent, bench.store.objects("drop")) == (["in/a"], {"in/a": ANN})


@pytest.mark.usefixtures("one_by_one")
def test_copies_that_were_not_made_yet_are_not_made(bench):
    put(bench, a=ANN, b=ANN, c=ANN)
    bench.store.before_copying = lambda _: take_over(bench)

    with pytest.raises(LeaseLost):
        bench.run(a_workflow(an_extract(after_import=Move(bucket="archive")), a_load()))

    assert len(bench.store.objects("archive")) == 1
    assert len(bench.store.objects("drop")) == 3


@pytest.mark.usefixtures("one_by_one")
def test_files_that_were_not_read_yet_are_not_read(bench):
    put(bench, a=ANN, b=ANN, c=ANN)
    read: list[str] = []

    def reading(key):
        read.append(key)
        take_over(bench)

    bench.store.before_reading = reading
    with pytest.raises(LeaseLost):
        bench.run()

    assert len(read) == 1
    assert bench.rows() == []


def test_whoever_took_over_ends_what_was_left(bench, monkeypatch):
    put(bench, a=ANN, b=BOB)
    whole = bench.store.delete

    def delete(source):
        take_over(bench)
        whole(source)

    monkeypatch.setattr(bench.store, "delete", delete)
    with pytest.raises(LeaseLost):
        bench.run()
    monkeypatch.undo()

    another(bench).run()

    assert (bench.rows(), bench.store.objects("drop")) == ([("1", "Ann"), ("2", "Bob")], {})
    assert [state for state, _ in bench.states().values()] == ["done", "done"]
