"""What people do when they change their mind: cancel, hold, unload, reload; and whether all still agrees."""

from __future__ import annotations

import duckdb
import pytest

from bucketlift.service.runs import runs, unloads
from bucketlift.service.verify.whole import verify
from bucketlift.testing.faults import Calls
from e2e.checker import check
from e2e.world import counts, extract, load, sorted_rows, table_of

ANN = table_of(("1", "Ann"), ("2", "Bob"))
CID = table_of(("3", "Cid"))

pytestmark = pytest.mark.slow


def ids(world) -> dict[str, str]:
    return {each["key"]: each["id"] for each in world.files()}


def agrees(world) -> bool:
    with world.app() as app:
        answer = verify(app, "w", deep=True)
    return bool(answer["agrees"])


def test_a_wrong_file_is_unloaded_and_loaded_anew_and_all_agrees_at_each_step(world):
    world.apply(extract({"action": "delete", "delay": "7d"}), load())
    world.put("in/a.csv", ANN)
    world.put("in/b.csv", CID)
    world.run()
    file = ids(world)["in/a.csv"]

    with world.app() as app:
        out = unloads.unload(app, [file])
    between = world.rows(), world.states(), agrees(world)
    with world.app() as app:
        unloads.reload(app, [file])
    world.run()

    assert out.rows == {"warehouse.people": 2}
    assert between == (
        sorted_rows(CID),
        [("in/a.csv", 1, "held", "unloaded"), ("in/b.csv", 1, "committed", None)],
        True,
    )
    assert (world.rows(), agrees(world)) == (sorted_rows(ANN, CID), True)
    assert [each["due_at"] is not None for each in world.files()] == [True, True]
    check(world, append=("people",))


def test_the_commands_end_with_what_they_found(world):
    world.apply(extract({"action": "move", "bucket": "archive", "prefix": "old/"}), load())
    world.put("in/a.csv", ANN)
    world.put("in/b.csv", CID)
    run = world.run()
    agreed = agrees(world)
    with duckdb.connect(str(world.warehouse)) as connection:
        connection.execute("DELETE FROM people WHERE name = 'Bob'")
    world.delete("old/in/b.csv", bucket="archive")

    differs = world.command("verify", "w", "--json")
    gone = world.command("files", "reload", ids(world)["in/a.csv"], "--json")
    out = world.command("files", "unload", ids(world)["in/a.csv"], "--json")
    log = world.command("runs", "logs", run["run"], "--json")

    assert agreed
    assert (differs.code, [each["kind"] for each in differs.json["differences"]]) == (
        1,
        ["rows-differ", "copy-missing"],
    )
    assert (gone.code, set(gone.json["error"])) == (2, {"what", "to", "hint"})
    assert (out.code, out.json["rows"], world.rows()) == (0, {"warehouse.people": 1}, sorted_rows(CID))
    assert [line["what"] for line in log.json["lines"]][-2:] == ["Actions done: 2", "The run succeeded"]


def test_a_run_is_cancelled_from_beside_and_what_it_left_is_loaded_by_a_retry(world, monkeypatch):
    monkeypatch.setattr("bucketlift.engine.context.cancel.EVERY", 0.0)
    world.apply(extract("delete"), load())
    for name in "abcdefghijkl":
        world.put(f"in/{name}.csv", table_of(("1", name)))

    def cancel() -> None:
        with world.app() as app:
            (run,) = app.ledger.runs.unfinished("w")
            runs.cancel(app, run.id)

    world.server.faults.add("GetObject", Calls(before=cancel))

    cancelled = world.run()
    loaded = world.rows()
    with world.app() as app:
        retried = runs.shown(runs.retry(app, cancelled["run"]))

    assert (cancelled["exit"], cancelled["state"], loaded) == (1, "cancelled", [])
    assert counts(cancelled) == {"found": 12, "failed": 12}
    assert counts(retried) == {"found": 12, "loaded": 12}
    assert (len(world.rows()), world.keys()) == (12, [])
    check(world, append=("people",))


def test_what_a_run_held_is_tried_again_where_somebody_says_so(world):
    world.apply(extract("delete"), load())
    world.put("in/bad.csv", b"other,header\n2,x\n")
    held = world.run()
    world.put("in/good.csv", CID)

    with world.app() as app:
        without = runs.shown(runs.retry(app, held["run"]))
        again = runs.shown(runs.retry(app, held["run"], held=True))

    assert (counts(held), counts(without)) == ({"found": 1, "held": 1}, {"found": 1, "known": 1, "loaded": 1})
    assert counts(again) == {"found": 1, "held": 1}
