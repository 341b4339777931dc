"""A cancelled run undoes what is not committed, acts on what is, and leaves the rest to the next."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.workflow import AllOf, Comparison, ConditionTask, Measure
from bucketlift.service.runs import runs as service
from builders import NOON, a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Died

ROWS = b"id,name\n1,Ada\n"


def cancel(bench) -> None:
    (run,) = bench.services().ledger.runs.unfinished("nightly")
    service.cancel(bench.app(), run.id)


def put(bench, *names: str) -> None:
    for name in names:
        bench.store.put("drop", f"in/{name}", ROWS.replace(b"Ada", name.encode()))


def test_a_run_cancelled_while_it_reads_loads_nothing_and_the_next_takes_its_files(bench):
    put(bench, "a", "b", "c")
    bench.store.before_reading = lambda _: cancel(bench)

    cancelled = bench.run()
    bench.store.before_reading = lambda _: None
    after = bench.states(), bench.rows()
    bench.run()

    reason = ("retrying", "not-finished")
    assert after == ({"in/a": reason, "in/b": reason, "in/c": reason}, [])
    assert (cancelled.state.value, service.exit_code(cancelled)) == ("cancelled", 1)
    assert [task["state"] for task in cancelled.document["tasks"]] == ["cancelled", "cancelled"]
    assert cancelled.document["tasks"][0]["files"]["failed"] == 3
    assert bench.states() == {f"in/{name}": ("done", None) for name in "abc"}
    assert bench.rows() == [("1", "a"), ("1", "b"), ("1", "c")]


def test_what_a_first_loader_committed_stays_and_is_not_loaded_twice(bench, monkeypatch):
    put(bench, "a")
    flow = a_workflow(
        an_extract(), a_load(), a_load(id="second", destination="busy", target=a_target(table="second"))
    )
    whole = bench.loader.begin

    def begin(unit):
        if unit.target.table == "second":
            cancel(bench)
        return whole(unit)

    monkeypatch.setattr(bench.loader, "begin", begin)

    cancelled = bench.run(flow)
    monkeypatch.undo()
    after = bench.states(), bench.rows(), bench.rows("second")
    bench.run(flow)

    assert after == ({"in/a": ("retrying", "not-finished")}, [("1", "a")], [])
    assert cancelled.state.value == "cancelled"
    assert (bench.rows(), bench.rows("second")) == ([("1", "a")], [("1", "a")])
    assert (bench.states(), bench.store.objects("drop")) == ({"in/a": ("done", None)}, {})


def test_what_every_loader_committed_still_gets_its_action(bench, monkeypatch):
    put(bench, "a")
    whole = bench.loader.receipts

    def receipts(loads):
        if bench.rows() and bench.services().ledger.runs.unfinished("nightly"):
            cancel(bench)
        return whole(loads)

    flow = a_workflow(
        an_extract(),
        ConditionTask(
            id="any",
            test=AllOf(tests=(Comparison(task="files", measure=Measure.FILES, operator=">", number=0),)),
            then=("people",),
        ),
        a_load(),
        an_extract(id="others", selection=an_extract().selection),
        a_load(id="few", source="others", target=a_target(table="few")),
    )
    monkeypatch.setattr(bench.loader, "receipts", receipts)

    cancelled = bench.run(flow)
    monkeypatch.undo()

    assert cancelled.state.value == "cancelled"
    assert bench.both_states("in/a") == {"files": "committed", "others": "retrying"}
    assert (bench.rows(), bench.rows("few")) == ([("1", "a")], [])


def test_a_run_cancelled_while_it_lists_has_no_manifest_and_the_next_lists_again(bench, monkeypatch):
    put(bench, "a")
    listed = bench.store.find

    def find(selection):
        cancel(bench)
        return listed(selection)

    monkeypatch.setattr(bench.store, "find", find)

    cancelled = bench.run()
    monkeypatch.undo()
    bench.run()

    assert (cancelled.state.value, cancelled.manifest) == ("cancelled", None)
    assert (bench.states(), bench.rows()) == ({"in/a": ("done", None)}, [("1", "a")])


def test_the_run_of_a_dead_worker_is_ended_as_cancelled_by_the_next(bench):
    put(bench, "a")
    bench.store.deadly = frozenset({"in/a"})
    with pytest.raises(Died):
        bench.run()
    bench.store.deadly = frozenset()
    cancel(bench)

    ended = bench.run()

    assert ended.state.value == "cancelled"
    assert bench.states() == {"in/a": ("retrying", "not-finished")}


def test_a_run_that_waits_is_cancelled_at_once_and_never_begins(bench):
    put(bench, "a")
    Catalog(bench.database).save(workflows=(a_workflow(),), now=NOON)
    asked = bench.services().ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)

    cancelled = service.cancel(bench.app(), asked.id)

    assert (cancelled.state.value, cancelled.finished_at) == ("cancelled", NOON)
    assert [task["state"] for task in (cancelled.document or {})["tasks"]] == ["cancelled", "cancelled"]
    assert bench.services().ledger.runs.unfinished("nightly") == ()
    with bench.app().engine(None) as engine:
        assert engine.end(asked.id).state.value == "cancelled"
    assert bench.states() == {}


def test_a_run_that_is_over_cannot_be_cancelled(bench):
    put(bench, "a")
    run = bench.run()

    with pytest.raises(RequestWrong, match="The run has already ended: succeeded"):
        service.cancel(bench.app(), run.id)


def test_a_run_that_is_not_over_cannot_be_retried(bench):
    Catalog(bench.database).save(workflows=(a_workflow(),), now=NOON)
    asked = bench.services().ledger.runs.ask("nightly", 1, trigger="demand", now=NOON)

    with pytest.raises(RequestWrong, match="has not ended yet"):
        service.retry(bench.app(), asked.id)


def test_a_run_says_what_it_does_by_batches_and_each_kind_of_fault_once(bench):
    put(bench, "a", "b", "c")
    bench.store.put("drop", "in/d", b"id,name\n1\n")

    def breaks(key: str) -> None:
        if key in ("in/a", "in/b"):
            raise MemoryError

    bench.store.before_reading = breaks

    run = bench.run()

    said = [(line["level"], line["task"], line["what"]) for line in service.lines(bench.app(), run.id)]
    faults = [each for each in said if each[0] == "error"]
    assert [each for each in said if each not in faults] == [
        ("info", None, "Executed by worker (trigger: demand; version 1)"),
        ("info", "files", "Objects taken: 4, in batches: 1; known: 0"),
        ("info", "files", "Batch 0 read: 1 held, 2 retrying, 1 staged"),
        (
            "info",
            "people",
            "Committed to warehouse.people: files: 1; rows: 1 inserted, 0 updated, 0 unchanged",
        ),
        ("info", "files", "Batch 0: 1 loaded by all their loads"),
        ("info", "files", "Actions done: 1"),
        ("info", None, "The run failed"),
    ]
    assert [what.split(":")[0] for _, _, what in faults] == ["Reading the file failed with MemoryError"]


def test_a_log_that_grows_too_long_is_cut_off_with_a_word(bench, monkeypatch):
    monkeypatch.setattr("bucketlift.ledger.runs.logs.LINES", 2)
    put(bench, "a")

    run = bench.run()

    said = [line["what"] for line in service.lines(bench.app(), run.id)]
    assert said[2:] == ["The log is full: further lines are not kept"]
