"""Rejects that a person mended are loaded once, alone, and under the lineage of their file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bucketlift.errors import DestinationRefused, RequestWrong
from bucketlift.ledger.claims.replays import Replays
from bucketlift.model.contract import Contract, Field
from bucketlift.model.load import Column, WriteMode, load_ids
from bucketlift.model.types import TypeName, ValueType
from bucketlift.model.workflow import Delete, Keep, RejectLimit
from bucketlift.service.files import decisions, rejects
from bucketlift.service.runs import replays, unloads
from bucketlift.service.verify.whole import verify
from bucketlift.testing.memory_loader import MemoryLoad
from builders import a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Died
from integration.engine.test_unloaded import Dying

LAX = RejectLimit(rows=10)
LOADED = a_workflow(an_extract(after_import=Keep(), max_rejected=LAX), a_load())
BAD = b'id,name\n1,Ann\n2\n3,Cyd\n4,Dan,x\n5,E"va\n'


def put(bench, **bodies: bytes) -> None:
    for name, body in bodies.items():
        bench.store.put("drop", f"in/{name}", body)


def exported(bench, name: str = "a") -> list[dict[str, str]]:
    with rejects.export(bench.app(), bench.id_of(f"in/{name}"), as_json=False) as found:
        return list(csv.DictReader(io.StringIO("".join(found.lines), newline="")))


def written(bench, rows: list[dict[str, str]]) -> Path:
    path: Path = bench.folder / "mended.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(rows)
    return path


def replay(bench, rows: list[dict[str, str]], name: str = "a", **how: Any) -> replays.Replayed:
    return replays.replay(bench.app(), bench.id_of(f"in/{name}"), written(bench, rows), **how)


def lineage(bench, table: str = "people") -> list[tuple[object, ...]]:
    rows = bench.loader.tables[table].rows
    return sorted((row["_source_line"], row["id"], row["name"]) for row in rows)


def test_mended_rows_are_loaded_with_the_lines_that_they_have_in_their_file(bench):
    put(bench, a=BAD)
    bench.run(LOADED)
    rows = exported(bench)
    before = lineage(bench)

    rows[0]["name"], rows[1]["name"], rows[2]["name"] = "Bob", "Dan", "Eva"
    done = replay(bench, rows)

    assert [row["name"] for row in exported(bench)] == []
    assert before == [(2, "1", "Ann"), (4, "3", "Cyd")]
    assert lineage(bench) == [
        (2, "1", "Ann"),
        (3, "2", "Bob"),
        (4, "3", "Cyd"),
        (5, "4", "Dan"),
        (6, "5", "Eva"),
    ]
    assert [(each.inserted, each.table) for each in done.receipts] == [(3, "people")]


STRICT = a_workflow(an_extract(after_import=Delete()), a_load())
TWO = a_workflow(
    an_extract(after_import=Keep(), max_rejected=LAX),
    a_load(),
    a_load(id="log", target=a_target(table="log")),
)
ONE_BAD = b"id,name\n1,Ann\n2\n"


def mended(bench, **cells: str) -> list[dict[str, str]]:
    """The export of ``in/a`` with these cells in its only row."""
    (row,) = exported(bench)
    return [row | cells]


def state(bench, name: str = "a") -> tuple[str, int, int]:
    claim = bench.app().ledger.claims.get(bench.id_of(f"in/{name}"))
    return claim.state.value, claim.rejected, claim.mended


def test_a_mended_row_counts_and_is_known_by_the_replay_that_brought_it(bench):
    put(bench, a=BAD)
    bench.run(LOADED)
    first, _, third = exported(bench)

    replay(bench, [first | {"name": "Bob"}])
    replay(bench, [third | {"name": "Eva"}])

    listed = [(each.reject.line, each.mended_in) for each in rejects.find(bench.app(), bench.id_of("in/a"))]
    assert listed == [(3, 1), (5, None), (6, 2)]
    assert state(bench) == ("done", 3, 2)
    assert [row["line"] for row in exported(bench)] == ["5"]


def test_the_same_rows_again_do_nothing_and_other_cells_for_them_are_refused(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)
    rows = mended(bench, name="Bob")
    replay(bench, rows)

    again = replay(bench, rows)
    with pytest.raises(replays.Unfitting, match=r"line 3 \(mended-otherwise\)"):
        replay(bench, [rows[0] | {"name": "Rob"}])

    assert (again.part, again.run, again.plan.already_loaded) == (None, None, 1)
    assert bench.rows() == [("1", "Ann"), ("2", "Bob")]


def test_a_file_held_for_its_rejects_is_accepted_with_the_mended_rows(bench):
    put(bench, a=ONE_BAD)
    bench.run(STRICT)
    held = bench.states()

    done = replay(bench, mended(bench, name="Bob"))
    between = bench.states(), bench.rows()
    bench.run(STRICT)

    assert held == {"in/a": ("held", "too-many-rejects")}
    assert (done.part, done.run) == (1, None)
    assert between == ({"in/a": ("retrying", "accepted")}, [])
    assert lineage(bench) == [(2, "1", "Ann"), (3, "2", "Bob")]
    assert (state(bench), bench.store.objects("drop")) == (("done", 1, 1), {})


def test_rows_that_wait_for_their_file_can_be_mended_once_more(bench):
    put(bench, a=ONE_BAD)
    bench.run(STRICT)
    rows = mended(bench, name="Bbo")
    replay(bench, rows)

    replay(bench, [rows[0] | {"name": "Bob"}])
    bench.run(STRICT)

    assert bench.rows() == [("1", "Ann"), ("2", "Bob")]
    assert [each.part for each in bench.app().ledger.replays.of_file(bench.id_of("in/a"))] == [1]


def test_a_replay_goes_into_every_table_that_the_file_went_to(bench):
    put(bench, a=ONE_BAD)
    bench.run(TWO)

    done = replay(bench, mended(bench, name="Bob"))

    assert bench.rows() == bench.rows("log") == [("1", "Ann"), ("2", "Bob")]
    assert sorted(each.load_task for each in done.receipts) == ["log", "people"]
    assert len({each.load for each in done.receipts} & set(bench.loader.committed)) == 2


def test_an_upsert_takes_mended_rows_too(bench):
    target = a_target(mode=WriteMode.UPSERT, key=("id",))
    flow = a_workflow(an_extract(after_import=Keep(), max_rejected=LAX), a_load(target=target))
    put(bench, a=b"id,name\n1,Ann\n2,Bob\n2,Rob\n")
    bench.run(flow)
    kept = [row for row in exported(bench) if row["name"] == "Rob"]

    done = replay(bench, kept)

    assert bench.rows() == [("1", "Ann"), ("2", "Rob")]
    assert (done.plan.changed, done.plan.not_mended, state(bench)) == ({}, 1, ("done", 2, 1))


def test_a_table_that_is_replaced_by_whole_files_takes_no_single_rows(bench):
    flow = a_workflow(
        an_extract(after_import=Keep(), max_rejected=LAX), a_load(target=a_target(mode=WriteMode.REPLACE))
    )
    put(bench, a=ONE_BAD)
    bench.run(flow)

    with pytest.raises(RequestWrong, match="replaces its table with whole files"):
        replay(bench, mended(bench, name="Bob"))

    assert bench.rows() == [("1", "Ann")]


def test_a_row_that_does_not_fit_stops_all_of_them_unless_the_others_are_wanted_alone(bench):
    task = an_extract(
        after_import=Keep(),
        max_rejected=LAX,
        contract=Contract(fields=(Field(name="id", type=TypeName.INTEGER), Field(name="name"))),
    )
    columns = (
        Column(name="id", field="id", type=ValueType(name=TypeName.INTEGER)),
        Column(name="name", field="name"),
    )
    flow = a_workflow(task, a_load(target=a_target(columns=columns)))
    put(bench, a=b"id,name\n1,Ann\ntwo,Bob\n3\n4x,Dan\n")
    bench.run(flow)
    rows = exported(bench)
    rows[0]["id"] = "2"

    with pytest.raises(replays.Unfitting) as refused:
        replay(bench, rows)
    before = bench.rows()
    done = replay(bench, rows, partial=True)

    assert [(each.line, each.reason, each.field) for each in refused.value.unfit] == [
        (4, "not-filled-in", "name"),
        (5, "not-an-integer", "id"),
    ]
    assert (before, bench.rows()) == ([(1, "Ann")], [(1, "Ann"), (2, "Bob")])
    assert (done.plan.not_mended, [row["line"] for row in exported(bench)]) == (2, ["4", "5"])


def test_a_plan_writes_nothing(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)

    found = replays.plan(bench.app(), bench.id_of("in/a"), written(bench, mended(bench, name="Bob")))

    assert ([row.line for row in found.rows], found.changed, found.not_mended) == ([3], {"name": 1}, 0)
    assert (bench.rows(), state(bench)) == ([("1", "Ann")], ("done", 1, 0))


@pytest.mark.parametrize("change", [{"line": "2"}, {"offset": "0"}, {"line": "99", "offset": "99"}])
def test_a_row_that_is_no_reject_of_the_file_is_refused(bench, change):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)

    with pytest.raises(RequestWrong, match="not rejects of this file"):
        replay(bench, mended(bench, name="Bob", **change))

    assert bench.rows() == [("1", "Ann")]


def left(rows: list[dict[str, str]], *columns: str) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if name not in columns} for row in rows]


@pytest.mark.parametrize(
    ("out", "change", "why"),
    [
        ((), {}, "rows of another file: line 3.*in/a: replay it there"),
        (
            (),
            {"file": "0123456789abcdef in/x"},
            "rows of another file: line 3.*Export the rejects of this file",
        ),
        (("file",), {}, "rows whose original text differs from this file: lines 3"),
        ((), {"file": ""}, "rows whose original text differs from this file: lines 3"),
    ],
)
def test_mended_rows_of_another_file_are_refused_though_line_and_offset_agree(bench, out, change, why):
    put(bench, a=b"id,name\n1,Ann\nBob\n3,Cyd\n", b=b"id,name\n5,Eve\nFay\n7,Gus\n")
    bench.run(LOADED)

    with pytest.raises(RequestWrong, match=why):
        replay(bench, left(mended(bench, id="2", name="Bob", **change), *out), "b")

    assert bench.rows() == [("1", "Ann"), ("3", "Cyd"), ("5", "Eve"), ("7", "Gus")]


@pytest.mark.parametrize("out", [(), ("file",)])
def test_json_lines_of_another_file_are_refused_too(bench, out):
    put(bench, a=b"id,name\n1,Ann\nBob\n", b=b"id,name\n5,Eve\nFay\n")
    bench.run(LOADED)
    with rejects.export(bench.app(), bench.id_of("in/a"), as_json=True) as found:
        (row,) = left([json.loads(line) for line in found.lines], *out)
    path = bench.folder / "mended.jsonl"
    path.write_text(json.dumps(row | {"cells": {"id": "2", "name": "Bob"}}), "utf-8")

    with pytest.raises(RequestWrong, match="another"):
        replays.plan(bench.app(), bench.id_of("in/b"), path)

    assert replays.plan(bench.app(), bench.id_of("in/a"), path).not_mended == 0


def test_an_export_of_an_older_version_is_still_replayed(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)

    replay(bench, left(mended(bench, name="Bob"), "file"))

    assert bench.rows() == [("1", "Ann"), ("2", "Bob")]


def test_a_file_that_waits_for_another_reason_takes_no_mended_rows(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)
    rows = mended(bench, name="Bob")
    unloads.unload(bench.app(), [bench.id_of("in/a")])

    with pytest.raises(RequestWrong, match=r"`held` \(unloaded\)"):
        replay(bench, rows)


def test_unload_takes_mended_rows_out_too_and_they_can_be_mended_anew(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)
    rows = mended(bench, name="Bbo")
    replay(bench, rows)

    out = unloads.reload(bench.app(), [bench.id_of("in/a")])
    between = bench.rows(), dict(bench.loader.committed), state(bench)
    bench.run(LOADED)
    replay(bench, [rows[0] | {"name": "Bob"}])

    assert out.rows == {"warehouse.people": 2}
    assert between == ([], {}, ("retrying", 1, 0))
    assert (bench.rows(), state(bench)) == ([("1", "Ann"), ("2", "Bob")], ("done", 1, 1))


def test_verify_counts_replays_and_names_one_that_the_destination_lost(bench):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)
    (receipt,) = replay(bench, mended(bench, name="Bob")).receipts
    agrees = verify(bench.app(), "nightly")
    del bench.loader.committed[receipt.load]

    differs = verify(bench.app(), "nightly")

    assert (agrees["agrees"], agrees["checked"]["receipts"]) == (True, 2)
    assert differs["found"] == {"receipt-missing": 1}


def test_a_contract_that_changed_meanwhile_stops_a_replay_that_waits(bench):
    put(bench, a=b"id,name\n1,Ann\n2,\n3\n")
    typed = a_workflow(
        an_extract(
            after_import=Keep(),
            contract=Contract(fields=(Field(name="id"), Field(name="name", type=TypeName.DATE))),
        ),
        a_load(),
    )
    bench.run(STRICT)
    replay(bench, mended(bench, name="Cyd"))

    ended = bench.run(typed)

    assert (ended.state.value, ended.faults["files"].what) == (
        "failed",
        "The contract has changed, and mended rows do not fit the new one: lines 4 (not-a-date)",
    )
    assert [row["line"] for row in exported(bench)] == ["2", "4"]


def test_a_row_that_became_good_meanwhile_is_not_loaded_twice(bench):
    dated = an_extract(contract=Contract(fields=(Field(name="id"), Field(name="name", type=TypeName.DATE))))
    put(bench, a=b"id,name\n1,\n2,Bob\n")
    bench.run(a_workflow(dated, a_load()))
    replay(bench, mended(bench, name="2026-01-01"))

    ended = bench.run(STRICT)

    assert (bench.rows(), state(bench)) == ([("1", ""), ("2", "Bob")], ("done", 0, 0))
    assert ended.faults["files"].what.endswith("lines 3 (no longer a reject)")


class DyingReplays(Replays):
    """The process ends before or after one of the steps of a replay."""

    def __init__(self, bench, dying: Dying) -> None:
        super().__init__(bench.database)
        self._dying = dying

    def begin(self, *arguments: Any, **named: Any) -> Any:
        return self._dying.effect(super().begin, *arguments, **named)

    def record(self, *arguments: Any, **named: Any) -> None:
        self._dying.effect(super().record, *arguments, **named)

    def finish(self, *arguments: Any, **named: Any) -> None:
        self._dying.effect(super().finish, *arguments, **named)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "at",
    [1, 2, 3, 4, 5, 6],
    ids=["begun", "a table", "its receipt", "the other", "its receipt too", "the end"],
)
def test_a_replay_that_died_is_ended_by_the_next_run_and_loads_nothing_twice(bench, monkeypatch, at, after):
    put(bench, a=ONE_BAD)
    bench.run(TWO)
    dying = Dying(at=at, after=after)
    bench.replays = DyingReplays(bench, dying)
    whole = MemoryLoad.commit
    monkeypatch.setattr(MemoryLoad, "commit", lambda *given: dying.effect(whole, *given))
    rows = mended(bench, name="Bob")
    with pytest.raises(Died):
        replay(bench, rows)
    monkeypatch.undo()
    bench.replays = None

    bench.run(TWO)
    again = replay(bench, rows)

    assert bench.rows() == bench.rows("log") == [("1", "Ann"), ("2", "Bob")]
    assert (state(bench), again.plan.already_loaded, len(bench.loader.committed)) == (("done", 1, 1), 1, 4)
    assert verify(bench.app(), "nightly")["agrees"]


def test_a_table_that_refuses_the_rows_leaves_them_unmended(bench, monkeypatch):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)

    def refuses(*_given: Any) -> None:
        raise DestinationRefused("The column takes no such name", to="people", hint="Choose another.")

    monkeypatch.setattr(MemoryLoad, "commit", refuses)
    refused = replay(bench, mended(bench, name="Bob"))
    monkeypatch.undo()
    why = replays.failure(bench.app(), refused)
    replay(bench, mended(bench, name="Bea"))

    assert (refused.replay, why and why.what) == (None, "The column takes no such name")
    assert bench.rows() == [("1", "Ann"), ("2", "Bea")]


@pytest.mark.parametrize("former", [False, True])
def test_a_receipt_that_the_ledger_knows_nothing_of_is_not_believed(bench, former):
    put(bench, a=ONE_BAD)
    bench.run(LOADED)
    source = bench.app().ledger.claims.get(bench.id_of("in/a")).source
    slug = bench.app().ledger.catalog.workflow("nightly").slug
    (receipt,) = bench.loader.committed.values()
    lost = replace(receipt, load=load_ids(slug, "people", "people", source, 1)[former])
    bench.loader.keep([lost], WriteMode.APPEND)

    done = replay(bench, mended(bench, name="Bob"))

    why = replays.failure(bench.app(), done)
    assert why is not None
    assert why.what == "warehouse has a receipt of replay 1 that the ledger does not know"
    assert (bench.rows(), state(bench)) == ([("1", "Ann")], ("done", 1, 0))


MANY = b"id,name\n0,Ann\n" + b"".join(b"%d\n" % number for number in range(1, 2_501))


def test_all_rejects_of_a_held_file_are_exported_and_its_source_is_asked_for_them(bench):
    put(bench, a=MANY)
    bench.run(STRICT)

    lines = [row["line"] for row in exported(bench)]
    kept = sum(1 for _ in rejects.find(bench.app(), bench.id_of("in/a")))
    last = exported(bench)[-1] | {"name": "Zoe"}
    replay(bench, [last])
    bench.run(STRICT)

    assert (lines, kept) == ([str(number) for number in range(3, 2_503)], 1_000)
    assert lineage(bench) == [(2, "0", "Ann"), (2_502, "2500", "Zoe")]


def test_an_export_says_when_the_source_of_a_held_file_is_gone(bench):
    put(bench, a=MANY)
    bench.run(STRICT)
    bench.store.remove("drop", "in/a")

    with rejects.export(bench.app(), bench.id_of("in/a"), as_json=True) as found:
        written = sum(1 for _ in found.lines)

    assert (written, found.gap and found.gap.what) == (
        1_000,
        "The rejects cannot be read from the object again: The object was deleted before it was read",
    )


def test_all_rejects_of_an_accepted_file_are_in_the_ledger_before_it_is_committed(bench, monkeypatch):
    put(bench, a=MANY)
    bench.run(STRICT)
    bench.decide(decisions.accept, "in/a")
    file, seen, whole = bench.id_of("in/a"), [], MemoryLoad.commit

    def commit(load: MemoryLoad, *fence: Any) -> Any:
        seen.append(len(bench.app().ledger.claims.rejects(file)))
        return whole(load, *fence)

    monkeypatch.setattr(MemoryLoad, "commit", commit)
    bench.run(STRICT)

    assert (seen, state(bench)) == ([2_500], ("done", 2_500, 0))
