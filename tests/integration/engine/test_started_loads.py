"""A file keeps the load tasks that were started, because their rows may be in the destination already."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.workflow import AllOf, Comparison, ConditionTask, Measure
from bucketlift.service.files import decisions
from builders import a_load, a_target, a_workflow, an_extract


def put(bench, name: str) -> None:
    bench.store.put("drop", f"in/{name}", f"id,name\n1,{name}\n".encode())


def of_one_row(*, then: str, otherwise: str) -> ConditionTask:
    test = AllOf(tests=(Comparison(task="files", measure=Measure.ROWS, operator="=", number=1),))
    return ConditionTask(id="few", test=test, then=(then,), otherwise=(otherwise,))


def one_or_the_other():
    return a_workflow(
        an_extract(),
        of_one_row(then="people", otherwise="crowd"),
        a_load(),
        a_load(id="crowd"),
    )


@pytest.fixture
def goes_away(bench, monkeypatch):
    """The destination commits once more, but its answer is lost, and it cannot be asked before the next run."""
    whole = bench.loader.begin

    def lost(*_):
        raise DestinationRefused("The connection was lost", to="warehouse")

    @contextmanager
    def begin(unit):
        with whole(unit) as load:
            yield SimpleNamespace(write=load.write, commit=lambda fence: lost(load.commit(fence)))

    def away():
        monkeypatch.setattr(bench.loader, "begin", begin)

    return away, monkeypatch.undo


def test_a_file_whose_commit_was_not_seen_is_not_loaded_by_the_other_branch_of_the_next_run(bench, goes_away):
    away, back = goes_away
    put(bench, "a")
    away()
    bench.run(one_or_the_other())
    back()
    bench.retry("in/a")
    put(bench, "b")

    bench.run(one_or_the_other())

    assert bench.rows() == [("1", "a"), ("1", "b")]
    assert bench.states() == {"in/a": ("done", None), "in/b": ("done", None)}


def test_a_load_that_is_added_later_also_loads_files_of_which_no_load_is_finished(bench, monkeypatch):
    def refuses(_):
        raise DestinationRefused("There is no such table", to="warehouse")

    put(bench, "a")
    monkeypatch.setattr(bench.loader, "begin", refuses)
    bench.run(a_workflow())
    monkeypatch.undo()

    bench.run(a_workflow(an_extract(), a_load(), a_load(id="second", target=a_target(table="second"))))

    assert (bench.rows(), bench.rows("second")) == ([("1", "a")], [("1", "a")])
    assert bench.states() == {"in/a": ("done", None)}


def test_a_started_load_that_was_removed_holds_its_file_until_a_person_accepts_the_new_load(bench, goes_away):
    away, back = goes_away
    put(bench, "a")
    away()
    bench.run(a_workflow())
    back()
    bench.retry("in/a")
    flow = a_workflow(an_extract(), a_load(id="other", target=a_target(table="second")))
    bench.run(flow)
    held = bench.states()
    bench.decide(decisions.accept, "in/a")

    bench.run(flow)

    assert held == {"in/a": ("held", "loader-removed")}
    assert bench.rows("second") == [("1", "a")]
    assert bench.states() == {"in/a": ("done", None)}
