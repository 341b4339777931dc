"""Every difference between the ledger and the world is named, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bucketlift.errors import AccessRefused, DestinationBusy
from bucketlift.model.load import Lineage, LoadId, WriteMode, load_ids
from bucketlift.model.workflow import Keep, Move
from bucketlift.service.files import decisions
from bucketlift.service.runs import unloads
from bucketlift.service.verify.whole import verify
from builders import NOON, a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Died

ANN, BOB = b"id,name\n1,Ann\n", b"id,name\n2,Bob\n"
KEPT = a_workflow(an_extract(after_import=Keep()), a_load())
MOVED = a_workflow(an_extract(after_import=Move(bucket="archive", prefix="old/")), a_load())


def put(bench, **bodies: bytes) -> None:
    for name, body in bodies.items():
        bench.store.put("drop", f"in/{name}", body)


def found(bench, **how: Any) -> list[tuple[str, str | None]]:
    """Kind and key of each difference."""
    answer = verify(bench.app(), "nightly", **how)
    assert answer["agrees"] == (answer["differences"] == [])
    return sorted((each["kind"], each["key"]) for each in answer["differences"])


def test_after_runs_of_every_kind_all_agrees(bench):
    put(bench, a=ANN, b=BOB, bad=b"id,name\n1\n")
    bench.run(MOVED)
    put(bench, c=ANN)

    answer = verify(bench.app(), "nightly", deep=True)

    assert answer == {
        "workflow": "nightly",
        "agrees": True,
        "began_at": "2026-03-01T12:00:00.000Z",
        "files": {"done": 2, "held": 1},
        "checked": {"receipts": 2, "objects": {"listed": 2, "known": 1, "new": 1}, "copies": 2},
        "found": {},
        "differences": [],
        "next": None,
    }


def test_a_receipt_that_the_destination_lost_is_named(bench):
    put(bench, a=ANN, b=BOB)
    bench.run(KEPT)
    lost = next(iter(bench.loader.committed))
    del bench.loader.committed[lost]

    assert [kind for kind, _ in found(bench)] == ["receipt-missing"]


def test_a_receipt_that_no_file_of_the_ledger_explains_is_named(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    (receipt,) = bench.loader.committed.values()
    bench.loader.keep([replace(receipt, load=LoadId("f" * 64))], WriteMode.APPEND)

    assert found(bench) == [("receipt-unknown", None)]


def test_rows_that_are_missing_or_too_many_are_named(bench):
    put(bench, a=ANN, b=BOB)
    bench.run(KEPT)
    table = bench.loader.tables["people"].rows
    table[:] = [row for row in table if row["name"] == "Bob"] * 2

    assert found(bench) == [("rows-differ", "in/a"), ("rows-differ", "in/b")]


def test_a_receipt_of_a_file_that_is_said_to_be_unloaded_is_named(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    kept = dict(bench.loader.committed)
    unloads.unload(bench.app(), [bench.id_of("in/a")])
    before = found(bench)
    bench.loader.committed.update(kept)

    assert (before, found(bench)) == ([], [("receipt-unknown", "in/a")])


def test_a_receipt_under_the_long_name_of_a_lost_ledger_is_named_too(bench):
    put(bench, a=ANN)
    bench.run(KEPT)
    (receipt,) = bench.loader.committed.values()
    slug = bench.app().ledger.catalog.workflow("nightly").slug
    source = bench.app().ledger.claims.get(bench.id_of("in/a")).source
    _, long = load_ids(slug, "people", "people", source)
    origin = bench.loader.origins[receipt.load]
    unloads.unload(bench.app(), [bench.id_of("in/a")])
    before = found(bench)
    bench.loader.origins[long] = origin
    bench.loader.committed[long] = replace(receipt, load=long)

    after = found(bench)

    assert (before, after) == ([], [("receipt-unknown", "in/a")])


def test_an_unload_that_broke_off_is_named_as_what_it_is(bench, monkeypatch):
    put(bench, a=ANN)
    bench.run(KEPT)

    def unload(*_: object) -> int:
        whole(*_)
        raise Died

    whole = bench.loader.unload
    monkeypatch.setattr(bench.loader, "unload", unload)
    with pytest.raises(Died):
        unloads.unload(bench.app(), [bench.id_of("in/a")])

    assert found(bench) == [("unfinished", "in/a")]


def test_an_object_that_is_still_there_after_its_delete_is_named_and_a_new_arrival_is_not(bench):
    put(bench, a=ANN, b=BOB)
    times = {each.key: each.modified for each in bench.store.find(an_extract().selection)}
    bench.run()
    bench.store.put("drop", "in/a", ANN, modified=times["in/a"])
    bench.store.put("drop", "in/b", BOB, modified=times["in/b"] + timedelta(hours=1))
    bench.clock.at = NOON + timedelta(minutes=1)

    assert found(bench) == [("still-there", "in/a")]


def test_an_action_that_is_long_overdue_is_named(bench):
    put(bench, a=ANN)
    bench.store.fails_deletes = True
    bench.run()
    bench.decide(decisions.retry, "in/a")
    before = found(bench)
    bench.clock.at = NOON + timedelta(days=2)

    assert (before, found(bench)) == ([], [("overdue", "in/a")])


def test_a_copy_that_left_the_archive_or_was_replaced_is_named(bench):
    put(bench, a=ANN, b=BOB, c=b"id,name\n3,Cid\n", d=b"id,name\n4,Dan\n")
    bench.run(MOVED)
    bench.store.remove("archive", "old/in/b")
    bench.store.put("archive", "old/in/c", b"short")
    bench.store.put("archive", "old/in/d", b"id,name\n4,Don\n")

    assert found(bench) == [("copy-differs", "in/c"), ("copy-missing", "in/b")]
    assert found(bench, deep=True) == [
        ("copy-differs", "in/c"),
        ("copy-differs", "in/d"),
        ("copy-missing", "in/b"),
    ]


def test_copies_beside_other_objects_of_the_archive_are_found(bench, monkeypatch):
    monkeypatch.setattr("bucketlift.ledger.maintenance.audit.CHUNK", 2)
    names = ["a", "a~", "aé", "b", "z", "ï", "😀", "\uff5e"]
    put(bench, **{name: f"id,name\n1,{name}\n".encode() for name in names})
    bench.run(MOVED)
    for name in ("0", "aa", "ô", "🙂"):
        bench.store.put("archive", f"old/in/{name}", ANN)

    assert found(bench, deep=True) == []


def test_former_replacements_of_a_table_are_no_difference(bench):
    flow = a_workflow(an_extract(after_import=Keep()), a_load(target=a_target(mode=WriteMode.REPLACE)))
    put(bench, a=ANN)
    bench.run(flow)
    bench.store.remove("drop", "in/a")
    put(bench, b=BOB)
    bench.run(flow)
    agrees = found(bench)
    bench.loader.committed.clear()

    assert (agrees, found(bench)) == ([], [("receipt-missing", "in/b")])


def test_the_files_of_a_run_that_is_under_way_or_to_be_gone_on_with_are_no_difference(bench):
    put(bench, a=ANN)
    seen: list[Any] = []
    bench.store.before_reading = lambda _: seen.append(found(bench))
    bench.run()
    bench.store.before_reading = lambda _: None
    put(bench, b=BOB)
    bench.store.deadly = frozenset({"in/b"})
    with pytest.raises(Died):
        bench.run()

    assert (seen, found(bench)) == ([[]], [])


def test_what_cannot_be_looked_at_is_named_and_the_rest_is_looked_at(bench, monkeypatch):
    put(bench, a=ANN, b=BOB)
    bench.run(MOVED)
    bench.store.remove("archive", "old/in/b")

    def busy(*_: object) -> Any:
        raise DestinationBusy("Somebody has it open", to="warehouse")

    listed = bench.store.find

    def refused(selection: Any) -> Any:
        if selection.bucket == "drop":
            raise AccessRefused("No right to list", to="drop")
        return listed(selection)

    monkeypatch.setattr(bench.loader, "receipts", busy)
    monkeypatch.setattr(bench.store, "find", refused)

    assert found(bench) == [("copy-missing", "in/b"), ("not-checked", None), ("not-checked", None)]


def test_what_changed_between_two_looks_is_not_told(bench, monkeypatch):
    put(bench, a=ANN)
    bench.run(KEPT)
    claim = bench.id_of("in/a")

    whole = bench.loader.receipts

    def receipts(loads: Any) -> Any:
        monkeypatch.undo()
        unloads.unload(bench.app(), [claim])
        return whole(loads)

    monkeypatch.setattr(bench.loader, "receipts", receipts)

    assert found(bench) == []


def test_a_table_without_lineage_that_has_fewer_rows_than_were_inserted_is_named(bench):
    put(bench, a=ANN, b=BOB)
    bench.run(a_workflow(an_extract(after_import=Keep()), a_load(target=a_target(lineage=Lineage.OFF))))
    agreed = found(bench)

    bench.loader.tables["people"].rows.pop()

    assert agreed == []
    assert found(bench) == [("rows-differ", None)]
