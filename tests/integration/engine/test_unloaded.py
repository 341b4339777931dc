"""A file that should not have been loaded is taken out again, whole, and loaded anew where somebody wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bucketlift.errors import DestinationBusy, RequestWrong
from bucketlift.ledger.claims.unloads import Unloads
from bucketlift.model.load import Lineage, WriteMode
from bucketlift.model.workflow import Delete, Keep, Move, Repeats
from bucketlift.service.files import decisions, files
from bucketlift.service.runs import runs, unloads
from builders import NOON, a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Died
from integration.engine.test_delayed import WEEK

ANN, BOB = b"id,name\n1,Ann\n", b"id,name\n2,Bob\n"
KEPT = a_workflow(an_extract(after_import=Keep()), a_load())
LATER = a_workflow(an_extract(after_import=Delete(delay=WEEK)), a_load())
TWO = a_workflow(an_extract(after_import=Keep()), a_load(), a_load(id="log", target=a_target(table="log")))


def put(bench, **bodies: bytes) -> None:
    for name, body in bodies.items():
        bench.store.put("drop", f"in/{name}", body)


def unload(bench, *names: str) -> dict[str, int]:
    out = unloads.unload(bench.app(), [bench.id_of(f"in/{name}") for name in names])
    return out.rows


def reload(bench, *names: str, force: bool = False) -> dict[str, int]:
    out = unloads.reload(bench.app(), [bench.id_of(f"in/{name}") for name in names], force=force)
    return out.rows


def receipts(bench, name: str) -> dict[str, Any]:
    return dict(bench.services().ledger.claims.receipts([bench.id_of(f"in/{name}")]))


def test_exactly_its_rows_leave_with_the_receipt_and_the_file_waits(bench):
    put(bench, a=ANN, b=BOB)
    bench.run(KEPT)

    rows = unload(bench, "a")
    run = bench.run(KEPT)

    assert (rows, bench.rows()) == ({"warehouse.people": 1}, [("2", "Bob")])
    assert bench.states() == {"in/a": ("held", "unloaded"), "in/b": ("done", None)}
    assert (receipts(bench, "a"), len(bench.loader.committed)) == ({}, 1)
    files = run.document["tasks"][0]["files"]
    assert (files["found"], files["known"], run.newly_held, run.document["attention"]) == (0, 2, 0, 1)


def test_a_pending_delete_is_dropped_and_begins_anew_when_the_file_is_loaded_anew(bench):
    put(bench, a=ANN)
    bench.run(LATER)
    unload(bench, "a")
    bench.clock.at = NOON + WEEK
    bench.run(LATER)
    kept = bench.store.objects("drop")

    reload(bench, "a")
    bench.run(LATER)
    again = files.outcomes(bench.app(), files.find(bench.app(), waiting=True))
    bench.clock.at = NOON + 2 * WEEK
    bench.run(LATER)

    assert kept == {"in/a": ANN}
    assert [each["due_at"] for each in again] == ["2026-03-15T12:00:00.000Z"]
    assert (bench.states(), bench.store.objects("drop")) == ({"in/a": ("done", None)}, {})


def test_reload_takes_a_loaded_file_out_and_the_next_run_loads_it_under_its_old_name(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    before = set(bench.loader.committed)

    rows = reload(bench, "a")
    between = bench.states(), bench.rows()
    bench.run(KEPT)

    assert (rows, between) == ({"warehouse.people": 1}, ({"in/a": ("retrying", "retry")}, []))
    assert (bench.states(), bench.rows()) == ({"in/a": ("done", None)}, [("1", "Ann")])
    assert set(bench.loader.committed) == before


def test_a_file_is_taken_out_of_every_table_it_went_to(bench):
    put(bench, a=ANN)
    bench.run(TWO)

    rows = unload(bench, "a")

    assert rows == {"warehouse.people": 1, "warehouse.log": 1}
    assert (bench.rows(), bench.rows("log"), receipts(bench, "a")) == ([], [], {})


def test_the_conditions_of_the_next_run_choose_its_loads_anew(bench):
    put(bench, a=ANN)
    bench.run(TWO)
    reload(bench, "a")

    bench.run(KEPT)

    assert (bench.states(), bench.rows(), bench.rows("log")) == ({"in/a": ("done", None)}, [("1", "Ann")], [])


def test_a_file_whose_object_is_gone_is_unloaded_and_not_reloaded_unless_forced(bench):
    put(bench, a=ANN)
    bench.run()

    with pytest.raises(RequestWrong, match="no longer exists"):
        reload(bench, "a")
    untouched = bench.rows()
    reload(bench, "a", force=True)
    bench.run()

    assert untouched == [("1", "Ann")]
    assert (bench.states(), bench.rows()) == ({"in/a": ("gone", "gone")}, [])


def test_the_same_bytes_again_after_an_unload_are_no_repeat_of_it(bench):
    flow = a_workflow(an_extract(repeats=Repeats.HOLD), a_load())
    put(bench, a=ANN)
    bench.run(flow)
    unload(bench, "a")
    put(bench, a=ANN)

    bench.run(flow)

    assert bench.every_state("in/a") == ["superseded", "done"]
    assert bench.rows() == [("1", "Ann")]


def test_an_unloaded_file_counts_as_still_to_come_for_another_workflow(bench):
    put(bench, a=ANN)
    other = a_workflow(
        an_extract(id="theirs"), a_load(source="theirs", target=a_target(table="theirs")), key="other"
    )
    bench.run(KEPT)
    unload(bench, "a")

    bench.run(other)

    assert bench.store.objects("drop") == {"in/a": ANN}


def test_what_one_of_two_loaders_took_can_be_taken_out_whatever_became_of_the_file(bench):
    flow = a_workflow(
        an_extract(after_import=Keep()),
        a_load(),
        a_load(id="second", destination="busy", target=a_target(table="second")),
    )
    bench.busy = {"busy"}
    put(bench, a=ANN, b=BOB)
    bench.run(flow)
    put(bench, b=ANN)
    bench.run(a_workflow(an_extract(after_import=Keep()), a_load(id="third", target=a_target(table="third"))))
    first = [claim.id for claim in bench.app().ledger.claims.find() if claim.source.occurrence == 1]

    out = unloads.unload(bench.app(), first)

    assert (out.rows, bench.rows()) == ({"warehouse.people": 2}, [])
    assert {claim.reason for claim in out.files} == {"unloaded"}


def test_an_ignored_file_stays_out(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    unload(bench, "a")
    bench.decide(decisions.ignore, "in/a")

    bench.run(KEPT)

    assert (bench.states(), bench.rows()) == ({"in/a": ("skipped", "ignored")}, [])


def test_what_a_person_unloaded_is_not_taken_by_a_retry_of_what_its_run_held(bench):
    put(bench, a=ANN, b=b"id,name\n1\n")
    run = bench.run(KEPT)
    unload(bench, "a")

    runs.retry(_without_engine(bench), run.id, held=True)

    assert bench.states() == {"in/a": ("held", "unloaded"), "in/b": ("retrying", "retry")}


def _without_engine(bench) -> Any:
    """An installation in which a worker does the runs, and has done this one."""
    app = bench.app()

    class Ended:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def end(self, run: str, **_: object) -> Any:
            return app.ledger.runs.get(run)

    app.engine = lambda _: Ended()
    app.workers = _Nobody()
    app.ledger.catalog.destinations = dict
    return app


class _Nobody:
    def all(self) -> tuple[()]:
        return ()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (a_target(mode=WriteMode.UPSERT, key=("id",)), "the load mode was upsert"),
        (a_target(mode=WriteMode.REPLACE), "the load mode was replace"),
        (a_target(lineage=Lineage.OFF), "no column `_load_id`"),
    ],
    ids=["upsert", "replace", "without lineage"],
)
def test_what_cannot_be_told_apart_is_refused_before_anything_is_touched(bench, target, why):
    put(bench, a=ANN)
    flow = a_workflow(
        an_extract(after_import=Delete(delay=WEEK)),
        a_load(target=target),
        a_load(id="log", target=a_target(table="log")),
    )
    bench.run(flow)
    before = bench.states()

    with pytest.raises(RequestWrong, match=why):
        unload(bench, "a")

    assert (bench.states(), bench.rows("log")) == (before, [("1", "Ann")])
    assert len(files.find(bench.app(), waiting=True)) == 1


def test_where_one_of_two_files_was_not_loaded_none_is_touched(bench):
    put(bench, a=ANN, b=b"id,name\n1\n")
    bench.run(KEPT)

    with pytest.raises(RequestWrong, match="The file is not loaded"):
        unload(bench, "a", "b")

    assert bench.rows() == [("1", "Ann")]


def test_rows_without_their_receipt_are_left_to_a_person(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    bench.loader.committed.clear()

    with pytest.raises(RequestWrong, match="1 rows of the file but no receipt"):
        reload(bench, "a")

    assert bench.rows() == [("1", "Ann")]


def test_a_run_that_is_under_way_is_waited_for_and_then_refuses(bench, monkeypatch):
    monkeypatch.setattr("bucketlift.engine.worker.engine.TIMEOUT", 0.0)
    put(bench, a=ANN)
    bench.run(KEPT)
    bench.at_work = {"worker"}

    with pytest.raises(RequestWrong, match="A run of the workflow is in progress"):
        unload(bench, "a")

    assert bench.rows() == [("1", "Ann")]


def test_a_delete_that_was_sent_must_be_known_first(bench):
    put(bench, a=ANN)
    bench.run(LATER)
    services = bench.services()
    lease = services.ledger.runs.take_lease("nightly", "worker", lambda _: False)
    services.ledger.outbox.send(lease, [bench.id_of("in/a")], now=NOON)

    with pytest.raises(RequestWrong, match="A delete of the object was sent"):
        unload(bench, "a")

    assert bench.rows() == [("1", "Ann")]


@dataclass
class Dying:
    """Dies before or after its n-th effect; shared by the ledger and the loader."""

    at: int
    after: bool
    passed: int = 0

    def effect(self, do: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.passed += 1
        if self.passed == self.at and not self.after:
            raise Died
        answer = do(*arguments, **named)
        if self.passed == self.at:
            raise Died
        return answer


class DyingUnloads(Unloads):
    def __init__(self, database: Any, dying: Dying) -> None:
        super().__init__(database)
        self._dying = dying

    def begin(self, *arguments: Any, **named: Any) -> None:
        self._dying.effect(super().begin, *arguments, **named)

    def finish(self, *arguments: Any, **named: Any) -> None:
        self._dying.effect(super().finish, *arguments, **named)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3, 4], ids=["the ledger says so", "a table", "the other", "the end"])
def test_an_unload_that_died_is_ended_by_the_next_try_and_nothing_happens_between(
    bench, monkeypatch, at, after
):
    put(bench, a=ANN, b=BOB)
    flow = a_workflow(
        an_extract(after_import=Move(bucket="archive", delay=WEEK)),
        a_load(),
        a_load(id="log", target=a_target(table="log")),
    )
    bench.run(flow)
    dying = Dying(at=at, after=after)
    bench.unloads = DyingUnloads(bench.database, dying)
    whole = bench.loader.unload
    monkeypatch.setattr(bench.loader, "unload", lambda *given: dying.effect(whole, *given))
    with pytest.raises(Died):
        unload(bench, "a")
    monkeypatch.undo()
    bench.unloads = None
    begun, ended = (at, after) != (1, False), (at, after) == (4, True)

    bench.clock.at = NOON + WEEK
    between = bench.run(flow)
    left = bench.store.objects("drop")
    if not begun:
        assert (left, between.state.value) == ({}, "succeeded")
        return
    if not ended:
        for wish in (decisions.retry, decisions.ignore, decisions.accept):
            with pytest.raises(RequestWrong):
                bench.decide(wish, "in/a")
        unload(bench, "a")
    after_all = bench.states(), bench.rows(), bench.rows("log"), receipts(bench, "a")
    reload(bench, "a")
    bench.run(flow)

    assert left == {"in/a": ANN}
    assert after_all == (
        {"in/a": ("held", "unloaded"), "in/b": ("done", None)},
        [("2", "Bob")],
        [("2", "Bob")],
        {},
    )
    assert bench.rows() == bench.rows("log") == [("1", "Ann"), ("2", "Bob")]


def test_a_table_that_is_busy_leaves_the_file_waiting_and_the_error_says_what_is_out(bench, monkeypatch):
    put(bench, a=ANN)
    bench.run(TWO)
    whole = bench.loader.unload

    def busy(target, *given):
        if target.table == "people":
            raise DestinationBusy("Somebody has it open", to="warehouse")
        return whole(target, *given)

    monkeypatch.setattr(bench.loader, "unload", busy)
    with pytest.raises(DestinationBusy, match=r"removed from warehouse\.log, but not from warehouse\.people"):
        unload(bench, "a")
    monkeypatch.undo()
    between = bench.states(), bench.rows("log")

    rows = unload(bench, "a")

    assert between == ({"in/a": ("held", "unloading")}, [])
    assert (rows, bench.rows()) == ({"warehouse.log": 0, "warehouse.people": 1}, [])


def test_newer_bytes_that_come_while_an_unload_is_broken_off_do_not_hide_it(bench, monkeypatch):
    put(bench, a=ANN)
    bench.run(KEPT)
    dying = Dying(at=1, after=True)
    bench.unloads = DyingUnloads(bench.database, dying)
    with pytest.raises(Died):
        unload(bench, "a")
    bench.unloads = None
    first = bench.id_of("in/a")
    put(bench, a=BOB)
    bench.run(KEPT)

    unloads.unload(bench.app(), [first])
    bench.run(KEPT)

    assert bench.rows() == [("2", "Bob")]
    assert bench.every_state("in/a") == ["superseded", "done"]
