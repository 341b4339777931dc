"""After the ledger lost loads, no object is touched until a person confirms."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.ledger.maintenance.backup import Backups
from bucketlift.ledger.maintenance.backup_file import opened
from bucketlift.model.load import Receipt, WriteMode
from bucketlift.model.run import Run
from bucketlift.model.workflow import Delete, Keep
from bucketlift.service.runs.runs import exit_code
from bucketlift.testing.memory_loader import MemoryLoader
from builders import NOON, a_load, a_target, a_workflow, an_extract
from integration.engine.bench import Bench, Died

pytestmark = pytest.mark.slow

A, B, C = b"id,name\n1,Ada\n", b"id,name\n2,Bob\n", b"id,name\n3,Cid\n"
WEEK = timedelta(days=7)
LATER = a_workflow(an_extract(after_import=Delete(delay=WEEK)), a_load())


def put(bench: Bench, name: str, body: bytes) -> None:
    bench.store.put("drop", f"in/{name}", body)


def people(bench: Bench) -> list[str]:
    return sorted(str(row["name"]) for row in bench.loader.tables["people"].rows)


def told(run: Run) -> dict[str, Any]:
    assert run.document is not None
    return run.document


def back_up(bench: Bench) -> Path:
    path = bench.folder / "old"
    Backups(bench.database).write(path, now=datetime.now(UTC))
    return path


@contextmanager
def put_back_by_hand(bench: Bench, path: Path) -> Iterator[Bench]:
    """An old copy of the ledger's file in the place of the newer one."""
    with opened(path, folder=bench.folder) as older:
        yield replace(bench, database=older)


def with_a_loaded_and_then_b(bench: Bench) -> Path:
    """The backup knows of a, whose delete is due in a week; b was loaded after it."""
    put(bench, "a.csv", A)
    bench.run(LATER)
    path = back_up(bench)
    put(bench, "b.csv", B)
    bench.run(LATER)
    bench.clock.at = NOON + WEEK
    return path


def confirm(bench: Bench) -> None:
    Pauses(bench.database).resume(confirmed_until=datetime.now(UTC) + timedelta(seconds=1))


def test_after_a_restore_that_lost_a_load_nothing_is_deleted_or_doubled_until_a_person_confirms(bench):
    path = with_a_loaded_and_then_b(bench)
    Backups(bench.database).restore(path, folder=bench.folder, now=bench.clock.at)

    ran = bench.run(LATER)
    kept = bench.store.objects("drop")
    confirm(bench)
    after = bench.run(LATER)

    assert (exit_code(ran), kept) == (3, {"in/a.csv": A, "in/b.csv": B})
    assert told(ran)["paused"]["what"].startswith("The ledger was restored from a backup of ")
    assert bench.states() == {"in/a.csv": ("done", None), "in/b.csv": ("held", "unknown-receipt")}
    assert ("paused" in told(after), bench.store.objects("drop")) == (False, {"in/b.csv": B})
    assert people(bench) == ["Ada", "Bob"]


def test_a_waiting_action_says_why_it_waits(bench):
    path = with_a_loaded_and_then_b(bench)
    Backups(bench.database).restore(path, folder=bench.folder, now=bench.clock.at)

    ran = bench.run(LATER)

    (one,) = [each for each in told(ran)["files"] if each["key"] == "in/b.csv"]
    assert one["reason"] == "unknown-receipt"
    (waiting,) = [claim for claim in bench._claims() if claim.source.key == "in/a.csv"]
    assert (waiting.state, waiting.what and waiting.what[:22]) == ("committed", "The outbox is paused: ")


def test_an_older_ledger_put_back_by_hand_pauses_the_outbox_too(bench):
    path = with_a_loaded_and_then_b(bench)

    with put_back_by_hand(bench, path) as older:
        ran = older.run(LATER)
        kept = bench.store.objects("drop")
        confirm(older)
        older.run(LATER)

        assert "1 receipts of this installation that the ledger does not know" in told(ran)["paused"]["what"]
        assert (kept, bench.store.objects("drop")) == ({"in/a.csv": A, "in/b.csv": B}, {"in/b.csv": B})
        assert people(bench) == ["Ada", "Bob"]


def test_what_a_run_loads_itself_does_not_hide_what_was_lost(bench):
    at_once = a_workflow()
    put(bench, "a.csv", A)
    bench.run(at_once)
    path = back_up(bench)
    put(bench, "b.csv", B)
    bench.run(at_once)
    put(bench, "c.csv", C)

    with put_back_by_hand(bench, path) as older:
        ran = older.run(at_once)

        assert ("paused" in told(ran), bench.store.objects("drop")) == (True, {"in/c.csv": C})
        assert people(bench) == ["Ada", "Bob", "Cid"]


def test_a_run_that_acts_on_nothing_notices_the_loss_for_those_after_it(bench):
    keeping = a_workflow(an_extract(after_import=Keep()), a_load(), key="keeping")
    path = with_a_loaded_and_then_b(bench)
    put(bench, "c.csv", C)

    with put_back_by_hand(bench, path) as older:
        older.run(keeping)
        ran = older.run(LATER)

        assert "paused" in told(ran)
        assert sorted(bench.store.objects("drop")) == ["in/a.csv", "in/b.csv", "in/c.csv"]


def test_a_restore_that_lost_nothing_goes_on_by_itself(bench):
    put(bench, "a.csv", A)
    bench.run(LATER)
    Backups(bench.database).restore(back_up(bench), folder=bench.folder, now=NOON)
    bench.clock.at = NOON + WEEK

    ran = bench.run(LATER)

    assert ("paused" in told(ran), bench.store.objects("drop")) == (False, {})
    assert Pauses(bench.database).paused() is None


def test_a_destination_that_cannot_be_asked_lifts_no_pause(bench):
    put(bench, "a.csv", A)
    bench.run(LATER)
    Backups(bench.database).restore(back_up(bench), folder=bench.folder, now=NOON)
    bench.clock.at = NOON + WEEK
    bench.busy.add("warehouse")

    ran = bench.run(LATER)

    assert ("paused" in told(ran), bench.store.objects("drop")) == (True, {"in/a.csv": A})


def test_a_destination_without_the_last_load_that_the_ledger_knows_lifts_no_pause(bench):
    put(bench, "a.csv", A)
    bench.run(LATER)
    Backups(bench.database).restore(back_up(bench), folder=bench.folder, now=NOON)
    bench.clock.at = NOON + WEEK
    bench.loader.committed.clear()

    ran = bench.run(LATER)

    assert ("paused" in told(ran), bench.store.objects("drop")) == (True, {"in/a.csv": A})


def test_a_destination_that_cannot_be_asked_before_any_loss_is_known_leaves_the_actions_to_the_next_run(
    bench,
):
    put(bench, "a.csv", A)
    bench.run(LATER)
    bench.clock.at = NOON + WEEK
    bench.busy.add("warehouse")

    ran = bench.run(LATER)
    bench.busy.clear()
    kept = bench.store.objects("drop")
    bench.run(LATER)

    assert (exit_code(ran), kept, bench.store.objects("drop")) == (1, {"in/a.csv": A}, {})


def test_a_replacement_does_not_hide_what_was_lost(bench):
    target = a_target(table="others", mode=WriteMode.REPLACE)
    replacing = a_workflow(an_extract(after_import=Keep()), a_load(target=target), key="replacing")
    path = with_a_loaded_and_then_b(bench)

    with put_back_by_hand(bench, path) as older:
        older.run(replacing)
        ran = older.run(LATER)

        assert "paused" in told(ran)
        assert sorted(bench.store.objects("drop")) == ["in/a.csv", "in/b.csv"]


class Mortal(MemoryLoader):
    dies = False

    def keep(self, receipts: Collection[Receipt], mode: WriteMode) -> None:
        super().keep(receipts, mode)
        if self.dies:
            raise Died("after the destination's commit")


def test_a_worker_that_died_between_commit_and_ledger_is_no_loss(bench):
    loader = bench.loader = Mortal()
    put(bench, "a.csv", A)
    bench.run(LATER)
    put(bench, "b.csv", B)
    loader.dies = True
    with pytest.raises(Died):
        bench.run(LATER)
    loader.dies = False
    bench.clock.at = NOON + WEEK

    ran = bench.run(LATER)

    assert ("paused" in told(ran), people(bench)) == (False, ["Ada", "Bob"])
