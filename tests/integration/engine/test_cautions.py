"""Nothing is deleted that somebody still needs, and nothing is loaded twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.ledger.claims.claims import Claims
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.contract import Contract, Field
from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.model.source import StoreId
from bucketlift.model.workflow import (
    AllOf,
    Comparison,
    ConditionTask,
    Keep,
    Measure,
    Move,
    Repeats,
)
from bucketlift.service.files import decisions
from builders import NOON, a_load, a_target, a_workflow, an_extract

ROWS = b"id,name\n1,Ada\n2,Bob\n"
OTHER = b"id,name\n3,Cid\n"


def people(bench) -> list[tuple[object, ...]]:
    table = bench.loader.tables.get("people")
    return sorted((row["id"], row["name"]) for row in table.rows) if table else []


def put(bench, *names: str, body: bytes = ROWS) -> None:
    for name in names:
        bench.store.put("drop", f"in/{name}", body)


def test_a_file_is_deleted_only_after_every_task_of_its_own_workflow_that_selects_it(bench):
    put(bench, "a.csv")
    narrow = Contract(fields=(Field(name="other"),))
    flow = a_workflow(
        an_extract(),
        a_load(),
        an_extract(id="again", contract=narrow, after_import=Keep()),
        a_load(
            id="few",
            source="again",
            target=Target(table="few", columns=(Column(name="other", field="other"),)),
        ),
    )

    bench.run(flow)

    assert bench.store.objects("drop") == {"in/a.csv": ROWS}
    assert bench.both_states("in/a.csv") == {"files": "committed", "again": "held"}


def with_a_pending_delete(bench) -> None:
    """Loaded, and its delete still to come."""
    put(bench, "a.csv")
    bench.store.fails_deletes = True
    bench.run()
    bench.store.fails_deletes = False
    bench.decide(decisions.retry, "in/a.csv")


def test_a_pending_delete_is_carried_out_by_the_next_run(bench):
    with_a_pending_delete(bench)

    bench.run()

    assert (bench.states(), bench.store.objects("drop")) == ({"in/a.csv": ("done", None)}, {})


def test_an_action_waits_for_a_person_when_the_account_reaches_another_store(bench):
    with_a_pending_delete(bench)
    bench.store.named = StoreId("elsewhere:9000")
    flow = a_workflow(an_extract(after_import=Keep()), a_load())

    bench.run(flow)

    assert bench.reasons("in/a.csv") == ["other-store", None]
    assert bench.store.objects("drop") == {"in/a.csv": ROWS}


def test_a_file_that_a_person_holds_while_it_is_read_is_not_loaded(bench):
    put(bench, "a.csv")
    bench.store.before_reading = lambda key: bench.decide(decisions.hold, key)

    bench.run()

    assert bench.states() == {"in/a.csv": ("held", "asked")}
    assert (people(bench), bench.store.objects("drop")) == ([], {"in/a.csv": ROWS})


def test_an_action_that_a_person_holds_while_its_copy_is_made_deletes_nothing(bench):
    put(bench, "a.csv")
    bench.store.before_copying = lambda key: bench.decide(decisions.hold, key)

    bench.run(a_workflow(an_extract(after_import=Move(bucket="archive")), a_load()))

    assert bench.states() == {"in/a.csv": ("action-held", "asked")}
    assert bench.store.objects("drop") == {"in/a.csv": ROWS}


def test_a_source_is_not_deleted_for_a_copy_that_was_overwritten_since(bench):
    put(bench, "a.csv")
    moving = a_workflow(an_extract(after_import=Move(bucket="archive")), a_load())
    bench.store.fails_deletes = True
    bench.run(moving)
    bench.store.put("archive", "in/a.csv", OTHER)
    bench.store.fails_deletes = False
    bench.retry("in/a.csv")

    bench.run(moving)

    assert bench.store.objects("drop") == {}
    assert sorted(bench.store.objects("archive").values()) == sorted([OTHER, ROWS])


def test_bytes_of_an_older_listing_do_not_become_the_newest_occurrence(bench, monkeypatch):
    def kept(key: str, table: str):
        return a_workflow(an_extract(after_import=Keep()), a_load(target=a_target(table=table)), key=key)

    put(bench, "a.csv")
    whole = bench.store.find

    def find(selection):
        page = list(whole(selection))
        monkeypatch.undo()
        bench.clock.at += timedelta(seconds=1)
        put(bench, "a.csv", body=OTHER)
        bench.run(kept("hourly", "others"))
        yield from page

    monkeypatch.setattr(bench.store, "find", find)

    bench.run(kept("nightly", "people"))

    assert bench.rows("others") == people(bench) == [("3", "Cid")]
    assert bench.every_state("in/a.csv") == ["done", "done"]


def test_a_waiting_run_does_what_the_workflow_says_when_it_begins(bench):
    put(bench, "a.csv")
    Catalog(bench.database).save(workflows=(a_workflow(),), now=NOON)
    Runs(bench.database).ask("nightly", 1, trigger="demand", now=NOON)

    bench.ask_and_run(a_workflow(an_extract(after_import=Keep()), a_load()))

    assert bench.states() == {"in/a.csv": ("done", None)}
    assert bench.store.objects("drop") == {"in/a.csv": ROWS}


def test_a_file_whose_second_loader_was_renamed_before_it_loaded_waits_for_a_person(bench):
    put(bench, "a.csv")
    app, second = a_load(), a_load(id="second", destination="busy", target=a_target(table="second"))
    bench.busy = {"busy"}
    bench.run(a_workflow(an_extract(), app, second))
    bench.busy = set()

    renamed = a_load(id="renamed", target=a_target(table="second"))
    bench.run(a_workflow(an_extract(), app, renamed))

    assert bench.states() == {"in/a.csv": ("held", "loader-removed")}
    assert bench.store.objects("drop") == {"in/a.csv": ROWS}


def test_bytes_that_one_of_two_loaders_took_before_they_were_overwritten_count_as_loaded(bench):
    put(bench, "a.csv")
    flow = a_workflow(
        an_extract(repeats=Repeats.HOLD, after_import=Keep()),
        a_load(),
        a_load(id="second", destination="busy", target=a_target(table="second")),
    )
    bench.busy = {"busy"}
    bench.run(flow)
    put(bench, "a.csv", body=OTHER)
    bench.busy = set()
    bench.run(flow)
    put(bench, "a.csv")

    bench.run(flow)

    assert people(bench) == [("1", "Ada"), ("2", "Bob"), ("3", "Cid")]
    assert bench.newest_state("in/a.csv") == ("held", "repeated-bytes")


def test_a_receipt_that_the_ledger_cannot_explain_waits_for_a_person_and_deletes_nothing(bench, tmp_path):
    put(bench, "a.csv")
    bench.run(a_workflow(an_extract(after_import=Keep()), a_load()))
    bench.database.close()
    bench.database = open_file(tmp_path / "restored.sqlite")

    bench.run()
    held, left = bench.states(), bench.store.objects("drop")
    bench.decide(decisions.accept, "in/a.csv")
    bench.run()

    assert (held, left) == ({"in/a.csv": ("held", "unknown-receipt")}, {"in/a.csv": ROWS})
    assert bench.states() == {"in/a.csv": ("done", None)}
    assert people(bench) == [("1", "Ada"), ("2", "Bob")]


def test_pending_actions_of_a_task_that_was_taken_out_wait_for_a_person(bench):
    with_a_pending_delete(bench)

    bench.run(a_workflow(an_extract(id="others"), a_load(source="others", target=a_target(table="others"))))

    assert "task-removed" in bench.reasons("in/a.csv")
    assert bench.store.objects("drop") == {}


def test_a_retried_file_whose_key_has_a_newer_occurrence_ends_superseded(bench):
    put(bench, "a.csv", body=b"")
    bench.run()
    put(bench, "a.csv")
    flow = a_workflow(an_extract(after_import=Keep()), a_load())
    bench.run(flow)
    bench.decide(decisions.retry, "in/a.csv", occurrence=1)

    bench.run(flow)

    assert bench.every_state("in/a.csv") == ["superseded", "done"]


def test_a_file_with_an_extra_column_and_rejects_is_out_after_both_were_accepted(bench):
    put(bench, "a.csv", body=b"id,name,more\n1,Ada,x\n2\n")
    bench.run()
    first = bench.states()
    bench.decide(decisions.accept, "in/a.csv")
    bench.run()
    second = bench.states()
    bench.decide(decisions.accept, "in/a.csv")

    bench.run()

    assert (first, second) == (
        {"in/a.csv": ("held", "extra-column")},
        {"in/a.csv": ("held", "too-many-rejects")},
    )
    assert bench.states() == {"in/a.csv": ("done", None)}
    assert people(bench) == [("1", "Ada")]


def test_a_file_with_too_many_rejects_keeps_the_hint_of_the_reader_and_names_the_commands(bench):
    put(bench, "a.csv", body=b"id,name\n1,Ada\n,\n,\n")
    put(bench, "b.csv", body=b"id,name\n1,Ada\n2\n")

    bench.run()

    held = {each.source.key: (each.id, each.hint) for each in Claims(bench.database).find()}
    last = "ook at the rejects, correct the file and upload it again, or raise max_rejected."
    first = {
        "in/a.csv": "Set `contract: {empty_rows: skip}` to leave out rows without content, or `empty_rows: keep` to load "
        f"them. Otherwise l{last}",
        "in/b.csv": f"L{last}",
    }
    assert {key: hint for key, (_, hint) in held.items()} == {
        key: f"{first[key]} Or mend the rejects: `bucketlift rejects export {claim} --to rejects.csv`, then `bucketlift "
        f"rejects replay {claim} rejects.csv`. Or load the file without them: `bucketlift files accept {claim}`."
        for key, (claim, _) in held.items()
    }


def test_a_defect_met_in_one_file_keeps_no_other_back(bench):
    put(bench, "a.csv", "b.csv")

    def breaks(key: str) -> None:
        if key == "in/a.csv":
            raise MemoryError

    bench.store.before_reading = breaks

    run = bench.run()

    assert bench.states() == {"in/a.csv": ("retrying", "not-read"), "in/b.csv": ("done", None)}
    assert run.faults["files"].what == "Reading the file failed with MemoryError"


def test_a_decision_about_two_files_changes_none_where_one_forbids_it(bench):
    put(bench, "a.csv", body=b"id,name\n1\n")
    put(bench, "b.csv", body=b"no,header\n1,2\n")
    bench.run()
    before = bench.states()

    with pytest.raises(RequestWrong, match="cannot be accepted as it is"):
        bench.decide(decisions.accept, "in/a.csv", "in/b.csv")

    assert bench.states() == before


def test_a_loaded_file_whose_action_is_done_cannot_be_put_on_hold(bench):
    put(bench, "a.csv", body=b"id,name\n1,Ada\n")
    bench.run()

    with pytest.raises(RequestWrong, match="A file with the state `done` cannot be held"):
        bench.decide(decisions.hold, "in/a.csv")

    assert bench.states() == {"in/a.csv": ("done", None)}


class TestReplace:
    """All files of the task, or none."""

    FLOW = a_workflow(an_extract(after_import=Keep()), a_load(target=a_target(mode=WriteMode.REPLACE)))

    def test_known_files_are_read_again_and_count_as_loaded(self, bench):
        put(bench, "a.csv")
        bench.run(self.FLOW)
        put(bench, "b.csv", body=OTHER)

        run = bench.run(self.FLOW)

        assert people(bench) == [("1", "Ada"), ("2", "Bob"), ("3", "Cid")]
        assert run.document["tasks"][0]["files"]["loaded"] == 2

    def test_nothing_new_replaces_nothing(self, bench):
        put(bench, "a.csv")
        bench.run(self.FLOW)
        bench.loader.tables["people"].rows.clear()

        run = bench.run(self.FLOW)

        assert people(bench) == []
        assert (
            run.document["tasks"][0]["files"] | {"found": 0, "known": 1} == run.document["tasks"][0]["files"]
        )

    def test_a_replacement_that_fails_counts_nothing_as_loaded(self, bench):
        put(bench, "a.csv")
        bench.run(self.FLOW)
        put(bench, "b.csv", body=OTHER)
        bench.busy = {"warehouse"}

        run = bench.run(self.FLOW)

        files = run.document["tasks"][0]["files"]
        assert (files["found"], files["loaded"], files["failed"]) == (2, 0, 2)
        assert people(bench) == [("1", "Ada"), ("2", "Bob")]

    def test_a_condition_counts_the_known_files_that_are_read_again(self, bench):
        more_than_two = Comparison(task="files", measure=Measure.ROWS, operator=">", number=2)
        flow = a_workflow(
            an_extract(after_import=Keep()),
            ConditionTask(id="enough", test=AllOf(tests=(more_than_two,)), then=("people",)),
            a_load(target=a_target(mode=WriteMode.REPLACE)),
        )
        put(bench, "a.csv")
        bench.run(flow)
        few = people(bench)
        put(bench, "b.csv", body=OTHER)

        bench.run(flow)

        assert few == []
        assert people(bench) == [("1", "Ada"), ("2", "Bob"), ("3", "Cid")]

    def test_a_held_file_holds_the_unit_until_it_is_dealt_with(self, bench):
        put(bench, "a.csv")
        put(bench, "bad.csv", body=b"no,header\n1,2\n")
        bench.run(self.FLOW)
        held = bench.states()
        bench.decide(decisions.ignore, "in/bad.csv")

        bench.run(self.FLOW)

        assert held == {"in/a.csv": ("held", "member-held"), "in/bad.csv": ("held", "no-header")}
        assert bench.states() == {"in/a.csv": ("done", None), "in/bad.csv": ("skipped", "ignored")}
        assert people(bench) == [("1", "Ada"), ("2", "Bob")]

    def test_an_archived_file_holds_the_unit_too(self, bench):
        put(bench, "a.csv")
        bench.store.put("drop", "in/cold.csv", OTHER)
        bench.store.archived = frozenset({"in/cold.csv"})

        bench.run(self.FLOW)
        bench.run(self.FLOW)

        assert people(bench) == []
        assert bench.states()["in/cold.csv"] == ("archived-tier", "archived-tier")

    def test_the_same_files_after_others_are_loaded_anew(self, bench):
        put(bench, "a.csv")
        put(bench, "b.csv", body=OTHER)
        second = a_load(id="second", destination="busy", target=a_target(table="second"))
        flow = a_workflow(
            an_extract(after_import=Keep()), a_load(target=a_target(mode=WriteMode.REPLACE)), second
        )
        bench.busy = {"busy"}
        bench.run(flow)
        bench.store.remove("drop", "in/b.csv")
        put(bench, "c.csv", body=b"id,name\n9,Zoe\n")
        bench.run(flow)
        bench.store.remove("drop", "in/c.csv")
        put(bench, "b.csv", body=OTHER)

        bench.run(flow)

        assert people(bench) == [("1", "Ada"), ("2", "Bob"), ("3", "Cid")]

    def test_a_known_file_that_fits_the_contract_no_more_says_so_and_the_table_stands(self, bench):
        put(bench, "a.csv")
        bench.run(self.FLOW)
        wider = Contract(fields=(Field(name="id"), Field(name="name"), Field(name="more")))
        flow = a_workflow(
            an_extract(after_import=Keep(), contract=wider),
            a_load(target=a_target(mode=WriteMode.REPLACE)),
        )
        put(bench, "b.csv", body=b"id,name,more\n3,Cid,x\n")

        run = bench.run(flow)

        assert people(bench) == [("1", "Ada"), ("2", "Bob")]
        assert run.faults["files"].what == 'Missing columns: "more"'


def test_a_run_cut_off_while_it_pins_still_tells_what_it_held(bench):
    put(bench, "a.csv", "b.csv")
    flow = a_workflow(an_extract(max_bytes=5), a_load())
    bench.dies_before_sealing = True
    with pytest.raises(BaseException, match="sealing"):
        bench.run(flow)
    bench.dies_before_sealing = False

    run = bench.run(flow)

    assert run.newly_held == 2
    assert run.document["tasks"][0]["files"]["held"] == 2


def test_an_enabled_workflow_begins_now_when_it_is_switched_on_and_not_when_it_was_made(bench):
    catalog = Catalog(bench.database)
    catalog.save(workflows=(a_workflow(enabled=False),), now=NOON)
    catalog.save(workflows=(a_workflow(),), now=NOON + timedelta(hours=1))
    first = catalog.workflow("nightly")
    catalog.save(workflows=(replace(a_workflow(), title="x"),), now=NOON + timedelta(hours=2))

    assert first.switched_on_at == NOON + timedelta(hours=1)
    assert catalog.workflow("nightly").switched_on_at == NOON + timedelta(hours=1)
